//! Arrays, sets, objects and comprehensions.

use std::collections::BTreeMap;

use super::body::Comprehended;
use super::{Parse, Parser};
use crate::rego::ast::{Operator, Span, Term, TermKind};
use crate::rego::token::Kind;

const UNION: Kind = Kind::Operator(Operator::Or);

impl Parser<'_> {
    /// `[..]`
    pub(super) fn array(&mut self) -> Parse<Term> {
        let open = self.advance().span;
        if self.take(Kind::CloseBracket) {
            return Ok(Term::new(open.to(self.last()), TermKind::Array(Vec::new())));
        }
        let comprehension = !self.take(Kind::Comma);
        let first = self.term()?;
        let mut items = Vec::new();
        if comprehension && self.at(UNION) {
            match self.comprehended(first, Kind::CloseBracket)? {
                Comprehended::Body(head, body) => {
                    return self.closed(open, TermKind::ArrayComprehension(Box::new(head), body));
                }
                Comprehended::Items(read) => items = read,
            }
        } else {
            items.push(self.infix(Some(first), false)?);
        }
        let items = self.rest(Kind::CloseBracket, items)?;
        self.closed(open, TermKind::Array(items))
    }

    /// `{..}`
    pub(super) fn braces(&mut self) -> Parse<Term> {
        let open = self.advance().span;
        if self.take(Kind::CloseBrace) {
            return Ok(Term::new(open.to(self.last()), TermKind::Object(Vec::new())));
        }
        let comprehension = !self.take(Kind::Comma);
        let first = self.term()?;
        let mut items = Vec::new();
        if comprehension && self.at(UNION) {
            match self.comprehended(first, Kind::CloseBrace)? {
                Comprehended::Body(head, body) => {
                    return self.closed(open, TermKind::SetComprehension(Box::new(head), body));
                }
                Comprehended::Items(read) => items = read,
            }
        } else {
            let first = self.infix(Some(first), false)?;
            if self.take(Kind::Colon) {
                return self.object(open, first, comprehension);
            }
            items.push(first);
        }
        let items = self.rest(Kind::CloseBrace, items)?;
        self.closed(open, TermKind::Set(items))
    }

    /// An object, behind the colon of its first key.
    fn object(&mut self, open: Span, key: Term, comprehension: bool) -> Parse<Term> {
        let key_height = self.height;
        let first = self.term()?;
        let value = if comprehension && self.at(UNION) {
            match self.comprehended(first, Kind::CloseBrace)? {
                Comprehended::Body(value, body) => {
                    self.height = self.height.max(key_height);
                    return self.closed(open, TermKind::ObjectComprehension(Box::new(key), Box::new(value), body));
                }
                Comprehended::Items(mut read) if read.len() == 1 => match read.pop() {
                    Some(value) => value,
                    None => return Err(self.unexpected("")),
                },
                Comprehended::Items(_) => return Err(self.unexpected("expected `:`")),
            }
        } else {
            self.infix(Some(first), false)?
        };
        let mut tallest = self.height.max(key_height);
        let mut members = vec![(key, value)];
        while !self.take(Kind::CloseBrace) {
            if !self.take(Kind::Comma) {
                return Err(self.unexpected("expected `,` or `}`"));
            }
            if self.take(Kind::CloseBrace) {
                break;
            }
            let key = self.infix(None, false)?;
            tallest = tallest.max(self.height);
            self.expect(Kind::Colon, "expected `:` and the value of this key")?;
            let value = self.infix(None, false)?;
            tallest = tallest.max(self.height);
            members.push((key, value));
        }
        self.height = tallest;
        self.closed(open, TermKind::Object(distinct(members)))
    }

    /// Terms up to `close`, which is taken.
    pub(super) fn list(&mut self, close: Kind, items: Vec<Term>) -> Parse<Vec<Term>> {
        if self.take(close) {
            return Ok(items);
        }
        let mut items = items;
        items.push(self.infix(None, false)?);
        self.rest(close, items)
    }

    /// More terms behind commas up to `close`, which is taken.
    fn rest(&mut self, close: Kind, mut items: Vec<Term>) -> Parse<Vec<Term>> {
        let mut tallest = self.height;
        while !self.take(close) {
            if !self.take(Kind::Comma) {
                let close = match close {
                    Kind::CloseBracket => "]",
                    Kind::CloseBrace => "}",
                    _ => ")",
                };
                return Err(self.unexpected(&format!("expected `,` or `{close}`")));
            }
            if self.take(close) {
                break;
            }
            items.push(self.infix(None, false)?);
            tallest = tallest.max(self.height);
        }
        self.height = tallest;
        Ok(items)
    }

    fn closed(&mut self, open: Span, kind: TermKind) -> Parse<Term> {
        self.grow(self.height)?;
        Ok(Term::new(open.to(self.last()), kind))
    }
}

/// Members with one for each key that can be read off: as in OPA the last one counts.
fn distinct(members: Vec<(Term, Term)>) -> Vec<(Term, Term)> {
    let mut places: BTreeMap<(u8, String), usize> = BTreeMap::new();
    let mut found: Vec<(Term, Term)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        let name = match &key.kind {
            TermKind::Null => Some((0, String::new())),
            TermKind::Boolean(value) => Some((1, value.to_string())),
            TermKind::Number(text) => Some((2, text.clone())),
            TermKind::String(text) => Some((3, text.clone())),
            TermKind::Var(name) => Some((4, name.clone())),
            _ => None,
        };
        let place = name.map(|name| *places.entry(name).or_insert(found.len()));
        match place.and_then(|place| found.get_mut(place)) {
            Some(member) => member.1 = value,
            None => found.push((key, value)),
        }
    }
    found
}
