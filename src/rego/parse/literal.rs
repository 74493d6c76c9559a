//! Literals: one expression of a body with its modifiers.

use super::{Parse, Parser};
use crate::rego::ast::{Expr, ExprKind, Span, Term, TermKind, Variable, With};
use crate::rego::token::{Kind, Word};

impl Parser<'_> {
    /// One expression of a body.
    pub(super) fn literal(&mut self) -> Parse<Expr> {
        let start = self.token().span;
        if self.is_logical() && self.at(Kind::OpenBrace) && self.is_operand_body() {
            let first = self.operand()?;
            return self.logical(first, start);
        }
        if self.at_reference_word() {
            self.rename();
        }
        let mut expr = match self.kind() {
            Kind::OpenParen if self.is_logical() => return self.group_literal(),
            Kind::Word(Word::Not) => return self.negation(),
            Kind::Word(Word::Some) => self.some()?,
            Kind::Word(Word::Every) => self.every()?,
            _ => return self.plain(start),
        };
        expr.with = self.modifiers()?;
        expr.span = start.to(self.last());
        Ok(expr)
    }

    /// An expression without `not`, `some` or `every`, or the chain of `and` and `or` that it begins.
    fn plain(&mut self, start: Span) -> Parse<Expr> {
        let mut expr = self.expr(None)?;
        let modifier = self.token().span;
        expr.with = self.modifiers()?;
        expr.span = Span { end: self.last().end, ..expr.span };
        if !self.at_logical() {
            return Ok(expr);
        }
        self.refuse_modifiers(&expr, modifier)?;
        if self.text_of(start).starts_with('{') {
            let word = self.word();
            return Err(Self::mistake(
                start,
                format!(
                    "operand of `{word}` cannot begin with `{{` unless the braces hold a body (hint: wrap the operand in parentheses to keep the value)"
                ),
            ));
        }
        self.logical(vec![expr], start)
    }

    pub(super) fn refuse_modifiers(&mut self, expr: &Expr, modifier: Span) -> Parse<()> {
        if expr.with.is_empty() {
            return Ok(());
        }
        let word = self.word();
        Err(Self::mistake(
            modifier,
            format!(
                "`with` modifier is not allowed on operand of `{word}` (hint: wrap the operand in `(...)` or `{{...}}`, or move `with` behind the whole expression)"
            ),
        ))
    }

    /// `term`, `left = right`, `left := right`; `left` if its first operand was read already.
    pub(super) fn expr(&mut self, left: Option<Term>) -> Parse<Expr> {
        let left = self.infix(left, true)?;
        let height = self.height;
        let kind = match self.kind() {
            Kind::Unify => {
                self.advance();
                ExprKind::Unify(left, self.infix(None, true)?)
            }
            Kind::Assign => {
                self.advance();
                ExprKind::Assign(left, self.infix(None, true)?)
            }
            _ => return Ok(Expr::term(left)),
        };
        self.grow(height.max(self.height))?;
        let (ExprKind::Unify(left, right) | ExprKind::Assign(left, right)) = &kind else { return Err(self.unexpected("")) };
        Ok(Expr::new(left.span.to(right.span), kind))
    }

    /// `some x, y`, `some x in xs`, `some k, v in xs`.
    fn some(&mut self) -> Parse<Expr> {
        let start = self.advance().span;
        if let Some(count) = self.declared() {
            let mut variables = Vec::with_capacity(count);
            while variables.len() < count {
                let span = self.advance().span;
                variables.push(Variable { span, name: self.text_of(span).to_owned() });
                self.take(Kind::Comma);
            }
            self.height = 1;
            return Ok(Expr::new(start.to(self.last()), ExprKind::Some(variables)));
        }
        let pattern = self.infix(None, true)?;
        match pattern.kind {
            TermKind::Member(key, value, collection) => {
                let (key, value, collection) = (key.map(|key| *key), *value, *collection);
                Ok(Expr::new(start.to(self.last()), ExprKind::SomeIn { key, value, collection }))
            }
            _ => Err(Self::mistake(pattern.span, "expected `x in xs` or `x, y in xs` expression")),
        }
    }

    /// How many variables a declaration without `in` has; `None` if it is none.
    fn declared(&mut self) -> Option<usize> {
        let mut distance = 0;
        loop {
            if self.ahead(distance).kind != Kind::Name {
                return None;
            }
            let behind = self.ahead(distance + 1);
            match behind.kind {
                Kind::Comma => distance += 2,
                // `in` is a name where something clings to it, as it does in `in.a`.
                Kind::Word(Word::In) if self.clings(distance + 2) => return Some(distance / 2 + 1),
                Kind::Word(Word::In) | Kind::Operator(_) => return None,
                Kind::Dot | Kind::OpenBracket | Kind::OpenParen if !behind.spaced => return None,
                _ => return Some(distance / 2 + 1),
            }
        }
    }

    fn clings(&mut self, distance: usize) -> bool {
        let ahead = self.ahead(distance);
        !ahead.spaced && matches!(ahead.kind, Kind::Dot | Kind::OpenBracket)
    }

    /// `every x in xs { .. }`, `every k, v in xs { .. }`.
    fn every(&mut self) -> Parse<Expr> {
        let start = self.advance().span;
        let pattern = self.infix(None, true)?;
        let height = self.height;
        let TermKind::Member(key, value, domain) = pattern.kind else {
            return Err(Self::mistake(pattern.span, "expected `x[, y] in xs { ... }` expression"));
        };
        let key = match key {
            Some(key) => Some(Self::declaration(*key, "expected key to be a variable")?).filter(|key| key.name != "_"),
            None => None,
        };
        let value = Self::declaration(*value, "expected value to be a variable")?;
        self.expect(Kind::OpenBrace, "missing body of `every`")?;
        let body = self.body(Kind::CloseBrace)?;
        self.grow(height.max(self.height))?;
        Ok(Expr::new(start.to(self.last()), ExprKind::Every { key, value, domain: *domain, body }))
    }

    fn declaration(term: Term, otherwise: &str) -> Parse<Variable> {
        match term.kind {
            TermKind::Var(name) => Ok(Variable { span: term.span, name }),
            TermKind::Wildcard => Ok(Variable { span: term.span, name: "_".to_owned() }),
            _ => Err(Self::mistake(term.span, otherwise)),
        }
    }

    /// `with x as y with ..`
    pub(super) fn modifiers(&mut self) -> Parse<Vec<With>> {
        let (mut withs, mut tallest) = (Vec::new(), self.height);
        while self.at_word(Word::With) {
            let start = self.advance().span;
            if !self.at(Kind::Name) {
                return Err(self.unexpected("expected the path that `with` replaces"));
            }
            let target = self.term()?;
            if !matches!(target.kind, TermKind::Var(_) | TermKind::Ref(_)) {
                return Err(Self::mistake(target.span, "expected with target path"));
            }
            tallest = tallest.max(self.height);
            if !self.at_word(Word::As) {
                return Err(self.unexpected("expected as keyword"));
            }
            self.advance();
            let value = self.infix(None, true)?;
            tallest = tallest.max(self.height);
            withs.push(With { span: start.to(self.last()), target, value });
        }
        self.height = tallest;
        Ok(withs)
    }
}
