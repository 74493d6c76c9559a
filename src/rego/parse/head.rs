//! The heads of rules.

use super::{Parse, Parser};
use crate::rego::ast::{Head, Ref, Term, TermKind, Visit, walk_term};
use crate::rego::token::{Kind, Word};

impl Parser<'_> {
    /// `name`, `name(parameters)`, each with `contains key`, `= value`, `:= value` or nothing behind it.
    pub(super) fn head(&mut self) -> Parse<Head> {
        let start = self.token().span;
        let (name, parameters) = self.defined()?;
        let mut head = Head { span: start, name, parameters, key: None, value: None, assigned: false };
        match self.kind() {
            Kind::Word(Word::Contains) => {
                if head.parameters.is_some() {
                    let note = "the contains keyword can only be used with multi-value rule definitions (e.g., p contains <VALUE> { ... })";
                    return Err(self.unexpected(note));
                }
                self.advance();
                head.key = Some(self.infix(None, true)?);
            }
            Kind::Unify => {
                self.advance();
                head.value = Some(self.infix(None, true)?);
            }
            Kind::Assign => {
                self.advance();
                head.assigned = true;
                head.value = Some(self.infix(None, true)?);
            }
            _ => {}
        }
        head.span = start.to(self.last());
        Ok(head)
    }

    /// What a rule defines. Here alone white space may stand before `.`, `[` and `(`.
    fn defined(&mut self) -> Parse<(Ref, Option<Vec<Term>>)> {
        let span = self.advance().span;
        let first = Term::var(span, self.text_of(span));
        self.height = 1;
        let token = self.token();
        let term = match token.kind {
            Kind::Dot | Kind::OpenBracket | Kind::OpenParen => {
                self.attach();
                self.reference(first)?
            }
            Kind::Operator(_) if !token.spaced => return Err(self.unexpected("")),
            _ => first,
        };
        let (function, parameters) = match term.kind {
            TermKind::Call(function, parameters) => (*function, Some(parameters)),
            // `set()` is the empty set, which is no name.
            TermKind::Set(_) => return Err(Self::mistake(span, "rule head `set()` invalid: choose another name")),
            _ => (term, None),
        };
        match function.kind {
            TermKind::Var(_) => Ok((Ref { head: Box::new(function), path: Vec::new() }, parameters)),
            TermKind::Ref(reference) if reference.head.as_var().is_some() => Ok((reference, parameters)),
            _ => Err(Self::mistake(span, "expected rule head name")),
        }
    }

    /// Reads the next token as if it stood right behind the last one.
    fn attach(&mut self) {
        if let Some(token) = self.tokens.get_mut(self.next) {
            token.spaced = false;
        }
    }

    /// Default rules have constant values, and parameters that are nothing but distinct variables.
    pub(super) fn check_default(head: &Head) -> Parse<()> {
        let mut finder = Finder(None);
        if let Some(value) = &head.value {
            finder.term(value);
        }
        if let Some(what) = finder.0 {
            return Err(Self::mistake(head.span, format!("illegal default rule (value cannot contain {what})")));
        }
        let mut names = std::collections::BTreeSet::new();
        for parameter in head.parameters.iter().flatten() {
            match &parameter.kind {
                TermKind::Wildcard => {}
                TermKind::Var(name) if names.insert(name) => {}
                TermKind::Var(name) => {
                    return Err(Self::mistake(parameter.span, format!("illegal default rule (arguments cannot be repeated {name})")));
                }
                _ => return Err(Self::mistake(parameter.span, "illegal default rule (arguments must be variables)")),
            }
        }
        Ok(())
    }
}

/// Finds what a constant cannot contain; comprehensions are closed terms and may.
struct Finder(Option<&'static str>);

impl<'a> Visit<'a> for Finder {
    fn term(&mut self, term: &'a Term) {
        match term.kind {
            TermKind::Var(_) | TermKind::Wildcard => self.0 = self.0.or(Some("var")),
            TermKind::Ref(_) => self.0 = self.0.or(Some("ref")),
            TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..) => self.0 = self.0.or(Some("call")),
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {}
            _ => walk_term(self, term),
        }
    }
}
