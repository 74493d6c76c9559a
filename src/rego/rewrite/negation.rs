//! `not`: OPA evaluates operands in front of the negation, so that an undefined one makes the whole undefined (B3).
//!
//! OPA's rule: the outermost call or operator stays under `not`; its reference operands, every nested call, and
//! references inside composites or brackets are moved in front. A plain reference beside `=` or `==`, and a plain
//! reference alone, stay. Moved expressions keep the modifiers.

use super::lower::{Lower, Lowered, Refusal};
use crate::rego::ast::{Expr, ExprKind, Operator, Ref, Span, Term, TermKind};

impl Lower<'_> {
    /// `not inner`
    pub(super) fn negation(&mut self, span: Span, inner: &Expr) -> Lowered<()> {
        match &inner.kind {
            ExprKind::Term(term) => {
                let term = self.operands_moved(term)?;
                self.emit_not(span, |lower| lower.test(span, &term))
            }
            ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => {
                let left = self.side_moved(left)?;
                let right = self.side_moved(right)?;
                self.emit_not(span, |lower| lower.unify(span, &left, &right))
            }
            ExprKind::Every { key, value, domain, body } => {
                let domain = self.moved(domain)?;
                let kind = ExprKind::Every { key: key.clone(), value: value.clone(), domain, body: body.clone() };
                self.emit_not(span, |lower| lower.literal(&Expr::new(span, kind)))
            }
            ExprKind::Not(_) | ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => {
                self.emit_not(span, |lower| lower.literal(inner))
            }
            ExprKind::Some(_) | ExprKind::SomeIn { .. } => Err(Refusal::new(span, "`some` cannot be negated")),
        }
    }

    /// `not` of what `lower` adds: as it stands if that is one test, else by way of its solutions.
    fn emit_not(&mut self, span: Span, lower: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<()> {
        let local = self.steps.local.clone();
        let (body, ()) = self.closure(|inner| {
            // What is one test becomes a step of the body at hand.
            if !inner.steps.is_probed() {
                inner.steps.local = local;
            }
            lower(inner)
        })?;
        match body.as_slice() {
            [Expr { kind: ExprKind::Term(term), .. }] if !self.steps.is_probed() => {
                let inner = Expr::new(term.span, ExprKind::Term(term.clone()));
                self.steps.emit(span, ExprKind::Not(Box::new(inner)));
            }
            _ => self.emit_none(span, super::closure::solutions(span, body)),
        }
        Ok(())
    }

    /// The term under `not`, its operands moved in front.
    fn operands_moved(&mut self, term: &Term) -> Lowered<Term> {
        let kind = match &term.kind {
            TermKind::Ref(reference) => TermKind::Ref(self.path_moved(reference)?),
            TermKind::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| self.moved(argument)).collect::<Lowered<_>>()?;
                TermKind::Call(function.clone(), arguments)
            }
            TermKind::Binary(Operator::Equal, left, right) => {
                let left = self.side_moved(left)?;
                let right = self.side_moved(right)?;
                TermKind::Binary(Operator::Equal, Box::new(left), Box::new(right))
            }
            TermKind::Binary(operator, left, right) => {
                let left = self.moved(left)?;
                let right = self.moved(right)?;
                TermKind::Binary(*operator, Box::new(left), Box::new(right))
            }
            TermKind::Member(key, value, collection) => {
                let key = key.as_deref().map(|key| self.moved(key)).transpose()?;
                let value = self.moved(value)?;
                let collection = self.moved(collection)?;
                TermKind::Member(key.map(Box::new), Box::new(value), Box::new(collection))
            }
            _ => return self.parts_moved(term),
        };
        Ok(Term::new(term.span, kind))
    }

    /// An operand of `=` or `==`: a plain reference stays.
    fn side_moved(&mut self, term: &Term) -> Lowered<Term> {
        match &term.kind {
            TermKind::Ref(reference) => Ok(Term::new(term.span, TermKind::Ref(self.path_moved(reference)?))),
            _ => self.moved(term),
        }
    }

    fn path_moved(&mut self, reference: &Ref) -> Lowered<Ref> {
        let head = if reference.head.as_var().is_some() { (*reference.head).clone() } else { self.moved(&reference.head)? };
        let path = reference.path.iter().map(|element| self.moved(element)).collect::<Lowered<_>>()?;
        Ok(Ref { head: Box::new(head), path })
    }

    /// An operand, its value taken in front.
    fn moved(&mut self, term: &Term) -> Lowered<Term> {
        match &term.kind {
            TermKind::Ref(_) | TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..) | TermKind::Template(_) => {
                let inner = self.operands_moved(term)?;
                let ground = self.ground(&inner)?;
                Ok(self.settled(ground))
            }
            TermKind::Var(name) if name == "input" || name == "data" => {
                let ground = self.ground(term)?;
                Ok(self.settled(ground))
            }
            _ => self.parts_moved(term),
        }
    }

    /// A composite, its parts moved.
    fn parts_moved(&mut self, term: &Term) -> Lowered<Term> {
        let mut all = |items: &[Term]| items.iter().map(|item| self.moved(item)).collect::<Lowered<Vec<_>>>();
        let kind = match &term.kind {
            TermKind::Array(items) => TermKind::Array(all(items)?),
            TermKind::Set(items) => TermKind::Set(all(items)?),
            TermKind::Object(members) => {
                let members = members.iter().map(|(key, value)| Ok((self.moved(key)?, self.moved(value)?)));
                TermKind::Object(members.collect::<Lowered<_>>()?)
            }
            _ => return Ok(term.clone()),
        };
        Ok(Term::new(term.span, kind))
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: an undefined operand makes the whole undefined (B3).
    #[test]
    fn operands_are_evaluated_in_front_of_a_negation() {
        let expected = r"
p if {
  __00001 := input.a.b
  __00002 := count(__00001)
  not __00002 == 1
}

q if {
  not input.x
}
";
        assert_eq!(
            lowered(&[r"p if not count(input.a.b) == 1
q if not input.x"]),
            expected.trim()
        );
    }
}
