//! `not`, and the chains of `and` and `or` that `future.keywords` brings.

use super::{NESTING, Parse, Parser};
use crate::rego::ast::{Body, Expr, ExprKind, Operator, Span, Term, TermKind};
use crate::rego::token::{Kind, Word};

/// What stood in parentheses.
enum Group {
    /// A value.
    Term(Term),
    /// An operand of `and`, `or` or `not`: an expression, or a body in braces.
    Operand(Body),
}

impl Parser<'_> {
    /// `not ..`, with its modifiers, or the chain that it begins.
    pub(super) fn negation(&mut self) -> Parse<Expr> {
        let start = self.token().span;
        let expr = self.negated()?;
        self.modified(expr, start)
    }

    /// The modifiers of an expression, or the chain that it begins.
    fn modified(&mut self, mut expr: Expr, start: Span) -> Parse<Expr> {
        let modifier = self.token().span;
        expr.with = self.modifiers()?;
        expr.span = start.to(self.last());
        if !self.at_logical() {
            return Ok(expr);
        }
        self.refuse_modifiers(&expr, modifier)?;
        self.logical(vec![expr], start)
    }

    /// `not ..` without modifiers.
    fn negated(&mut self) -> Parse<Expr> {
        let start = self.advance().span;
        let kind = match self.kind() {
            Kind::Word(word @ (Word::Some | Word::Every)) => {
                let word = if word == Word::Some { "some" } else { "every" };
                return Err(Self::mistake(self.token().span, format!("illegal negation of '{word}'")));
            }
            Kind::OpenBrace if self.keywords.not => ExprKind::NotBody(self.braced()?),
            Kind::OpenParen if self.keywords.not && self.is_logical() => match self.nested(|parser| parser.group(true))? {
                Group::Operand(body) => ExprKind::NotBody(body),
                Group::Term(term) => ExprKind::NotBody(vec![self.expr_behind(term)?]),
            },
            _ if self.keywords.not => ExprKind::NotBody(vec![self.expr(None)?]),
            _ => ExprKind::Not(Box::new(self.expr(None)?)),
        };
        self.grow(self.height)?;
        Ok(Expr::new(start.to(self.last()), kind))
    }

    /// A body in braces as an operand.
    fn braced(&mut self) -> Parse<Body> {
        let open = self.advance().span;
        let body = self.body(Kind::CloseBrace)?;
        let Some(ExprKind::Term(Term { kind: TermKind::Binary(Operator::Or, ..), span })) = body.first().map(|expr| &expr.kind) else {
            return Ok(body);
        };
        if self.text_of(*span).starts_with('(') {
            return Ok(body);
        }
        Err(Self::mistake(
            open,
            "ambiguous `{ ... | ... }` operand: read as a body holding a set-union expression, not as a comprehension (hint: put the comprehension or the union in parentheses)",
        ))
    }

    /// Whether the brace that is next opens an operand: `and` or `or` follows its end.
    pub(super) fn is_operand_body(&mut self) -> bool {
        let mut open = 0_u32;
        for distance in 0.. {
            match self.ahead(distance).kind {
                Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParen => open += 1,
                Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen => open = open.saturating_sub(1),
                Kind::End | Kind::Illegal => return false,
                _ => {}
            }
            self.work += 1;
            if open > NESTING {
                return false;
            }
            if open == 0 {
                return matches!(self.ahead(distance + 1).kind, Kind::Word(Word::And | Word::Or));
            }
        }
        false
    }

    /// A chain of `and` and `or` behind its first operand, with its modifiers. `and` binds tighter.
    pub(super) fn logical(&mut self, first: Body, start: Span) -> Parse<Expr> {
        let mut tallest = self.height;
        let (mut any, mut all) = (Vec::new(), vec![first]);
        let mut from = start;
        loop {
            match self.kind() {
                Kind::Word(Word::And) => {
                    self.advance();
                    all.push(self.operand()?);
                }
                Kind::Word(Word::Or) => {
                    any.push(conjunction(all, from.to(self.last())));
                    self.advance();
                    from = self.token().span;
                    all = vec![self.operand()?];
                }
                _ => break,
            }
            tallest = tallest.max(self.height);
        }
        let mut expr = if any.is_empty() {
            Expr::new(start, ExprKind::And(all))
        } else {
            any.push(conjunction(all, from.to(self.last())));
            Expr::new(start, ExprKind::Or(any))
        };
        Self::refuse_void(&expr)?;
        self.grow(tallest + 1)?;
        expr.with = self.modifiers()?;
        expr.span = start.to(self.last());
        Ok(expr)
    }

    /// An operand that only prints can never fail.
    fn refuse_void(expr: &Expr) -> Parse<()> {
        let (ExprKind::And(operands) | ExprKind::Or(operands)) = &expr.kind else { return Ok(()) };
        let void = |expr: &Expr| match &expr.kind {
            ExprKind::Term(Term { kind: TermKind::Call(function, _), .. }) => function.as_var() == Some("print"),
            _ => false,
        };
        match operands.iter().find(|operand| operand.iter().all(void)) {
            Some(operand) => {
                let span = operand.first().map_or(expr.span, |first| first.span);
                Err(Self::mistake(span, "operand of `and` or `or` cannot consist only of calls to `print`: it can never fail"))
            }
            None => Ok(()),
        }
    }

    /// One operand of `and` or `or`.
    pub(super) fn operand(&mut self) -> Parse<Body> {
        self.nested(|parser| match parser.kind() {
            Kind::OpenBrace => parser.braced(),
            Kind::Word(Word::Not) if !parser.at_reference_word() => Ok(vec![parser.negated()?]),
            Kind::OpenParen => match parser.nested(|parser| parser.group(true))? {
                Group::Operand(body) => Ok(body),
                Group::Term(term) => Ok(vec![parser.expr_behind(term)?]),
            },
            _ => Ok(vec![parser.expr(None)?]),
        })
    }

    /// A literal that begins with a parenthesis, where that may be one around operands.
    pub(super) fn group_literal(&mut self) -> Parse<Expr> {
        let start = self.token().span;
        match self.nested(|parser| parser.group(false))? {
            Group::Operand(body) if self.at_logical() => self.logical(body, start),
            Group::Operand(mut body) => {
                let Some(mut expr) = body.pop() else { return Err(self.unexpected("")) };
                if expr.with.is_empty() {
                    expr.with = self.modifiers()?;
                }
                Ok(expr)
            }
            Group::Term(term) => {
                let expr = self.expr_behind(term)?;
                self.modified(expr, start)
            }
        }
    }

    /// The rest of an expression that begins with a term in parentheses.
    fn expr_behind(&mut self, term: Term) -> Parse<Expr> {
        let left = self.behind(term)?;
        self.expr(Some(left))
    }

    /// What stands in parentheses.
    fn group(&mut self, operand: bool) -> Parse<Group> {
        let open = self.advance().span;
        if self.at(Kind::CloseParen) {
            return Err(Self::mistake(open, "empty parenthesized group"));
        }
        let start = self.token().span;
        let first = match self.kind() {
            Kind::OpenBrace if self.is_operand_body() => self.operand()?,
            Kind::Word(Word::Not) if !self.at_reference_word() => vec![self.negated()?],
            Kind::OpenParen => match self.nested(|parser| parser.group(true))? {
                Group::Operand(body) => body,
                Group::Term(term) => vec![self.expr_behind(term)?],
            },
            _ => vec![self.expr(None)?],
        };
        if self.at_logical() {
            let expr = self.logical(first, start)?;
            return self.close_group(vec![expr]);
        }
        let mut first = first;
        let Some(expr) = first.last_mut() else { return Err(self.unexpected("")) };
        let modifier = self.token().span;
        if expr.with.is_empty() {
            expr.with = self.modifiers()?;
        }
        if self.at_logical() {
            self.refuse_modifiers(expr, modifier)?;
        }
        match (&expr.kind, expr.with.is_empty()) {
            (ExprKind::Term(_), true) => match first.pop().map(|expr| expr.kind) {
                Some(ExprKind::Term(term)) => Ok(Group::Term(self.close_paren(open, term)?)),
                _ => Err(self.unexpected("")),
            },
            (ExprKind::Term(_) | ExprKind::Unify(..) | ExprKind::Assign(..), false) => {
                let group = self.close_group(first)?;
                if operand || self.at_logical() { Ok(group) } else { Err(Self::mistake(modifier, "expected ) before `with`")) }
            }
            (ExprKind::Unify(..) | ExprKind::Assign(..), true) => Err(self.unexpected("parentheses hold a value, no assignment")),
            _ => self.close_group(first),
        }
    }

    fn close_group(&mut self, body: Body) -> Parse<Group> {
        self.expect(Kind::CloseParen, "expected ) to close parenthesized group")?;
        Ok(Group::Operand(body))
    }
}

/// Operands of `and` as one operand of `or`.
fn conjunction(mut operands: Vec<Body>, span: Span) -> Body {
    match operands.pop() {
        Some(only) if operands.is_empty() => only,
        Some(last) => {
            operands.push(last);
            vec![Expr::new(span, ExprKind::And(operands))]
        }
        None => Vec::new(),
    }
}
