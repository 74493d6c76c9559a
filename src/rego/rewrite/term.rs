//! Terms whose variables all have values: what regorus evaluates as it stands.

use super::lower::{Lower, Lowered, Refusal, is_variable};
use crate::rego::ast::{Operator, Span, Term, TermKind};

impl Lower<'_> {
    /// The term with every variable replaced by what stands for it, and what iterates moved in front of it.
    pub(super) fn ground(&mut self, term: &Term) -> Lowered<Term> {
        let span = term.span;
        let kind = match &term.kind {
            TermKind::Number(text) => {
                let literal = super::number::literal(span, text)?;
                return Ok(if literal.is_scalar() { literal } else { self.steps.assign(literal) });
            }
            TermKind::Var(name) if is_variable(name) => {
                let value = self.steps.value_of(name).ok_or_else(|| Refusal::unsafe_variable(span, name))?;
                return Ok(Term::new(span, value.kind.clone()));
            }
            TermKind::Var(name) if name == "data" => return Ok(self.whole_data(span)),
            TermKind::Null | TermKind::Boolean(_) | TermKind::String(_) | TermKind::Var(_) | TermKind::Wildcard => return Ok(term.clone()),
            TermKind::Template(parts) => return self.template(span, parts),
            TermKind::Ref(reference) => return self.reference(span, reference),
            TermKind::Call(function, arguments) => return self.call(span, function, arguments),
            TermKind::Binary(operator, left, right) => {
                let (left, right) = self.both(left, right)?;
                return Ok(super::operator::binary(span, *operator, left, right));
            }
            TermKind::Member(key, value, collection) => return self.member(span, key.as_deref(), value, collection),
            TermKind::Array(items) => TermKind::Array(self.all(items)?),
            TermKind::Set(items) => TermKind::Set(self.all(items)?),
            TermKind::Object(members) => {
                let mut parts = self.all(members.iter().flat_map(|(key, value)| [key, value]))?.into_iter();
                TermKind::Object(members.iter().map_while(|_| parts.next().zip(parts.next())).collect())
            }
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {
                return self.comprehension(term);
            }
        };
        Ok(Term::new(span, kind))
    }

    /// All of these: one may iterate over what another uses, so those that cannot be had at first are asked again.
    pub(super) fn all<'t>(&mut self, terms: impl IntoIterator<Item = &'t Term>) -> Lowered<Vec<Term>> {
        let mut ground: Vec<Result<Term, &Term>> = terms.into_iter().map(Err).collect();
        loop {
            let mut progress = false;
            let mut refusal = None;
            for place in &mut ground {
                let Err(term) = *place else { continue };
                let mark = self.steps.mark();
                match self.ground(term) {
                    Ok(value) => {
                        *place = Ok(self.flat(value));
                        progress = true;
                    }
                    Err(error) if error.unsafe_variable.is_some() => {
                        self.steps.undo(mark);
                        refusal.get_or_insert(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            match refusal {
                None => return Ok(ground.into_iter().filter_map(Result::ok).collect()),
                Some(error) if !progress => return Err(error),
                Some(_) => {}
            }
        }
    }

    /// Both of these.
    pub(super) fn both(&mut self, left: &Term, right: &Term) -> Lowered<(Term, Term)> {
        let mut both = self.all([left, right])?.into_iter();
        both.next().zip(both.next()).ok_or_else(|| Refusal::new(left.span, "an operand is missing"))
    }

    /// The ground term as a variable or scalar: where it is undefined, what follows is not evaluated.
    pub(super) fn settled(&mut self, ground: Term) -> Term {
        match &ground.kind {
            TermKind::Var(name) if name != "input" && name != "data" => ground,
            _ if ground.is_scalar() => ground,
            _ => self.steps.assign(ground),
        }
    }

    /// `value in collection`. regorus takes an undefined operand for one that is in nothing, and knows no `key, value in`
    /// sets (L4).
    #[expect(clippy::too_many_arguments, reason = "the parts of the expression, as the tree holds them")]
    fn member(&mut self, span: Span, key: Option<&Term>, value: &Term, collection: &Term) -> Lowered<Term> {
        Ok(if let Some(key) = key {
            Term::call(span, super::operator::MEMBER, self.all([key, value, collection])?)
        } else {
            let (value, collection) = self.both(value, collection)?;
            let value = self.settled(value);
            let collection = self.settled(collection);
            Term::new(span, TermKind::Member(None, Box::new(value), Box::new(collection)))
        })
    }
}

/// `left == right`
pub(super) fn equal(left: Term, right: Term) -> Term {
    let span = left.span;
    Term::new(span, TermKind::Binary(Operator::Equal, Box::new(left), Box::new(right)))
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: a ground reference is looked up.
    #[test]
    fn a_reference_with_a_value_stays_a_reference() {
        let expected = r#"
p := __00001 if {
  __00001 := [input.x, {"k": input.y}]
}
"#;
        assert_eq!(lowered(&[r#"p := [input.x, {"k": input.y}]"#]), expected.trim());
    }
}
