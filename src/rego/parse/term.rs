//! Terms: operators by precedence, references and calls, what stands by itself.

use super::{Parse, Parser};
use crate::rego::ast::{Operator, Ref, Span, Term, TermKind};
use crate::rego::token::{Kind, Token, Word};

impl Parser<'_> {
    /// A term with operators, `in` included. Where `keyed`, `key, value in collection` is one too. `left` is its first
    /// operand, if that was read already.
    pub(super) fn infix(&mut self, left: Option<Term>, keyed: bool) -> Parse<Term> {
        self.nested(|parser| {
            let mut left = parser.binary(left, 1)?;
            if keyed && parser.at(Kind::Comma) {
                left = parser.keyed(left)?;
            }
            loop {
                if parser.at_reference_word() {
                    // `else.x := 1` on the next line: no keyword, but the first word of a reference.
                    parser.rename();
                }
                if !parser.at_word(Word::In) {
                    break;
                }
                left = parser.member(None, left, parser.height)?;
            }
            Ok(left)
        })
    }

    /// `key, value in collection`, at the comma; just `key` if it is none.
    fn keyed(&mut self, key: Term) -> Parse<Term> {
        let (comma, height) = (self.next, self.height);
        if matches!(self.ahead(1).kind, Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::End) {
            return Ok(key);
        }
        self.advance();
        let value = self.binary(None, 1)?;
        let tallest = height.max(self.height);
        if self.at_word(Word::In) {
            return self.member(Some(key), value, tallest);
        }
        self.held = Some((comma + 1, value, self.next, self.height));
        self.next = comma;
        self.height = height;
        Ok(key)
    }

    /// `in collection` behind a value, and perhaps a key, of this height.
    fn member(&mut self, key: Option<Term>, value: Term, height: u32) -> Parse<Term> {
        self.advance();
        let collection = self.binary(None, 1)?;
        self.grow(height.max(self.height))?;
        let span = key.as_ref().map_or(value.span, |key| key.span).to(collection.span);
        Ok(Term::new(span, TermKind::Member(key.map(Box::new), Box::new(value), Box::new(collection))))
    }

    /// A term with operators that bind at least as tight as `least`.
    pub(super) fn binary(&mut self, left: Option<Term>, least: u8) -> Parse<Term> {
        let mut left = match left {
            Some(left) => left,
            None if least == 1 && self.held.as_ref().is_some_and(|held| held.0 == self.next) => self.take_held()?,
            None => self.term()?,
        };
        while let Kind::Operator(operator) = self.kind() {
            if operator.precedence() < least {
                break;
            }
            let height = self.height;
            self.advance();
            let right = self.binary(None, operator.precedence() + 1)?;
            self.grow(height.max(self.height))?;
            let span = left.span.to(right.span);
            left = Term::new(span, TermKind::Binary(operator, Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    /// The term that was read behind a comma before.
    fn take_held(&mut self) -> Parse<Term> {
        match self.held.take() {
            Some((_, term, behind, height)) => {
                self.next = behind;
                self.height = height;
                Ok(term)
            }
            None => self.term(),
        }
    }

    /// A term without operators.
    pub(super) fn term(&mut self) -> Parse<Term> {
        self.nested(Self::unguarded_term)
    }

    fn unguarded_term(&mut self) -> Parse<Term> {
        self.height = 1;
        let token = self.token();
        let head = match token.kind {
            Kind::Word(Word::Null) => self.scalar(TermKind::Null),
            Kind::Word(Word::True) => self.scalar(TermKind::Boolean(true)),
            Kind::Word(Word::False) => self.scalar(TermKind::Boolean(false)),
            Kind::Operator(Operator::Minus) => return self.minus(),
            Kind::Number | Kind::Dot => self.number(String::new(), token.span)?,
            Kind::String | Kind::RawString => self.string()?,
            Kind::TemplatePart | Kind::TemplateEnd => self.template()?,
            Kind::Name | Kind::Word(Word::Contains) => self.variable(),
            Kind::Word(Word::And | Word::Or) if self.at_call() => self.variable(),
            Kind::OpenBracket => self.array()?,
            Kind::OpenBrace => self.braces()?,
            Kind::OpenParen => self.parenthesised()?,
            _ => return Err(self.unexpected("")),
        };
        self.behind(head)
    }

    /// Whether the next token has `(` right behind it.
    fn at_call(&mut self) -> bool {
        let behind = self.ahead(1);
        !behind.spaced && behind.kind == Kind::OpenParen
    }

    fn scalar(&mut self, kind: TermKind) -> Term {
        Term::new(self.advance().span, kind)
    }

    /// A variable or `_`.
    pub(super) fn variable(&mut self) -> Term {
        let span = self.advance().span;
        match self.text_of(span) {
            "_" => Term::new(span, TermKind::Wildcard),
            name => Term::var(span, name),
        }
    }

    fn parenthesised(&mut self) -> Parse<Term> {
        let open = self.advance().span;
        let inner = self.infix(None, true)?;
        self.close_paren(open, inner)
    }

    /// The end of a term in parentheses: its text includes them, its place does not.
    pub(super) fn close_paren(&mut self, open: Span, mut inner: Term) -> Parse<Term> {
        if !self.at(Kind::CloseParen) {
            return Err(self.unexpected("expected ) at the end of the expression in parentheses"));
        }
        inner.span.start = open.start;
        inner.span.end = self.advance().span.end;
        Ok(inner)
    }

    /// `-1`, `-x`.
    fn minus(&mut self) -> Parse<Term> {
        let sign = self.advance().span;
        match self.kind() {
            Kind::Name | Kind::Word(Word::Contains) => {
                let head = self.variable();
                let operand = self.behind(head)?;
                self.grow(self.height)?;
                let zero = Term::number(sign, "0");
                let span = sign.to(operand.span);
                Ok(Term::new(span, TermKind::Binary(Operator::Minus, Box::new(zero), Box::new(operand))))
            }
            Kind::Number | Kind::Dot => {
                let number = self.number("-".to_owned(), sign)?;
                self.behind(number)
            }
            _ => Err(self.unexpected("expected number or reference behind the minus sign")),
        }
    }

    /// What stands right behind a term: the rest of a reference, the operands of a call.
    pub(super) fn behind(&mut self, head: Term) -> Parse<Term> {
        let token = self.token();
        if token.spaced || !matches!(token.kind, Kind::Dot | Kind::OpenBracket | Kind::OpenParen) {
            return Ok(head);
        }
        self.reference(head)
    }

    /// A reference or call, its head read already.
    pub(super) fn reference(&mut self, head: Term) -> Parse<Term> {
        let cannot = match &head.kind {
            TermKind::Null => "null",
            TermKind::Boolean(_) => "boolean",
            TermKind::Number(_) => "number",
            TermKind::String(_) => "string",
            TermKind::Template(_) => "template string",
            TermKind::Ref(_) => "ref",
            _ => "",
        };
        if !cannot.is_empty() {
            return Err(Self::mistake(head.span, format!("illegal ref (head cannot be {cannot})")));
        }
        let (mut head, mut path, mut tallest) = (head, Vec::new(), self.height);
        loop {
            let token = self.token();
            match token.kind {
                Kind::Dot if !token.spaced => path.push(self.dotted()?),
                Kind::OpenBracket if !token.spaced => {
                    path.push(self.bracketed()?);
                    tallest = tallest.max(self.height);
                }
                Kind::OpenParen if !token.spaced => {
                    let function = assemble(head, path, self.last());
                    head = self.call(function, tallest)?;
                    (path, tallest) = (Vec::new(), self.height);
                    if self.at(Kind::OpenParen) {
                        break;
                    }
                }
                _ => break,
            }
        }
        if !path.is_empty() {
            self.grow(tallest)?;
        }
        Ok(assemble(head, path, self.last()))
    }

    /// `.name`
    fn dotted(&mut self) -> Parse<Term> {
        self.advance();
        let Token { kind: Kind::Name | Kind::Word(_), spaced: false, span, .. } = self.token() else {
            return Err(self.unexpected("expected a name right behind the dot"));
        };
        self.advance();
        Ok(Term::string(span, self.text_of(span)))
    }

    /// `[index]`
    fn bracketed(&mut self) -> Parse<Term> {
        self.advance();
        let index = self.infix(None, true)?;
        self.expect(Kind::CloseBracket, "expected ]")?;
        Ok(index)
    }

    /// The operands of a call, in parentheses. `set()` is the empty set.
    fn call(&mut self, function: Term, height: u32) -> Parse<Term> {
        self.advance();
        self.height = 0;
        let arguments = self.list(Kind::CloseParen, Vec::new())?;
        self.grow(height.max(self.height))?;
        let span = function.span.to(self.last());
        if arguments.is_empty() && function.as_var() == Some("set") {
            return Ok(Term::new(span, TermKind::Set(Vec::new())));
        }
        Ok(Term::new(span, TermKind::Call(Box::new(function), arguments)))
    }
}

/// A head and the elements behind it.
fn assemble(head: Term, path: Vec<Term>, end: Span) -> Term {
    if path.is_empty() {
        return head;
    }
    let span = head.span.to(end);
    Term::new(span, TermKind::Ref(Ref { head: Box::new(head), path }))
}
