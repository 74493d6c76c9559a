//! Bodies: expressions behind each other, and what follows the `|` of a comprehension.

use super::union::join;
use super::{Parse, Parser};
use crate::rego::ast::{Body, Expr, ExprKind, Term};
use crate::rego::token::{Kind, Word};

/// What `head | ..` turned out to be.
pub(super) enum Comprehended {
    /// A comprehension: its head and its body.
    Body(Term, Body),
    /// The first items of a list; a comma follows.
    Items(Vec<Term>),
}

impl Parser<'_> {
    /// The expressions up to `close`, which is taken.
    pub(super) fn body(&mut self, close: Kind) -> Parse<Body> {
        if self.at(close) {
            return Err(Self::mistake(self.token().span, "found empty body"));
        }
        self.nested(|parser| {
            let first = parser.literal()?;
            parser.body_after(first, close)
        })
    }

    /// The rest of a body.
    fn body_after(&mut self, first: Expr, close: Kind) -> Parse<Body> {
        let (mut body, mut tallest) = (vec![first], self.height);
        while !self.take(close) {
            if !self.take(Kind::Semicolon) && !self.token().newline {
                return Err(self.missing_separator(close));
            }
            body.push(self.literal()?);
            tallest = tallest.max(self.height);
        }
        self.grow(tallest)?;
        Ok(body)
    }

    fn missing_separator(&mut self, close: Kind) -> super::Mistake {
        let close = match close {
            Kind::CloseBracket => "]",
            Kind::CloseBrace => "}",
            _ => "end of query",
        };
        let token = self.token();
        let hint = match (token.kind, self.text_of(token.span)) {
            (Kind::Name, word @ ("in" | "and" | "or")) => {
                format!(" (hint: `import future.keywords.{word}` for `x {word} y` expressions)")
            }
            _ => String::new(),
        };
        self.unexpected(&format!("expected a new line or ; or {close}{hint}"))
    }

    /// What follows `head`, at the `|`, up to `close`. A comprehension wins over a union, unless a comma follows.
    pub(super) fn comprehended(&mut self, head: Term, close: Kind) -> Parse<Comprehended> {
        let head_height = self.height;
        self.advance();
        if self.at(close) {
            return Err(Self::mistake(self.token().span, "found empty body"));
        }
        let first = self.nested(Self::literal)?;
        if self.at(Kind::Comma) && first.with.is_empty() {
            if let ExprKind::Term(rest) = first.kind {
                self.grow(head_height.max(self.height))?;
                return Ok(Comprehended::Items(join(head, rest, self.text)));
            }
            return Err(self.missing_separator(close));
        }
        let body = self.nested(|parser| parser.body_after(first, close))?;
        self.height = self.height.max(head_height);
        Ok(Comprehended::Body(head, body))
    }

    /// A query: expressions separated by `;` or line ends, to the end of the text.
    pub(super) fn query(&mut self) -> Parse<Body> {
        if self.at(Kind::End) {
            return Err(Self::mistake(self.token().span, "empty query"));
        }
        self.body(Kind::End)
    }

    /// Whether `and` or `or` are keywords here.
    pub(super) const fn is_logical(&self) -> bool {
        self.keywords.and || self.keywords.or
    }

    /// Whether `and` or `or` is next.
    pub(super) fn at_logical(&mut self) -> bool {
        matches!(self.kind(), Kind::Word(Word::And | Word::Or))
    }
}
