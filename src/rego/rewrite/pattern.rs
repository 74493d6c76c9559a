//! Patterns: the value of a variable is taken apart.
//!
//! OPA's rule: an array matches one of the same length, an object one with exactly these keys (P1); a variable that
//! occurs again must have the same value (P3).

use super::lower::{Lower, Lowered, Refusal};
use super::reference::select;
use super::resolve::name_of;
use super::term::equal;
use crate::rego::ast::{ExprKind, Term, TermKind};

impl Lower<'_> {
    /// Matches `value`, a variable or scalar, against `pattern`.
    pub(super) fn pattern(&mut self, pattern: &Term, value: &Term) -> Lowered<()> {
        if let Some(variable) = self.open_variable(pattern)? {
            self.steps.bind(variable, value.clone());
            return Ok(());
        }
        // A scalar has no elements, but regorus reads none of them either.
        let assigned = (value.is_scalar() && self.is_open(pattern)).then(|| self.steps.assign(value.clone()));
        let value = assigned.as_ref().unwrap_or(value);
        match &pattern.kind {
            TermKind::Array(items) if self.is_open(pattern) => {
                let count = Term::call(pattern.span, "count", vec![value.clone()]);
                self.require(Term::call(pattern.span, "is_array", vec![value.clone()]));
                self.require(equal(count, Term::number(pattern.span, items.len().to_string())));
                let indices = (0..items.len()).map(|index| Term::number(pattern.span, index.to_string()));
                self.parts(indices.zip(items).collect(), value)
            }
            TermKind::Object(members) if self.is_open(pattern) => {
                let mut parts = Vec::with_capacity(members.len());
                for (key, member) in members {
                    let key = self.ground(key)?;
                    parts.push((self.settled(key), member));
                }
                let keys = parts.iter().map(|(key, _)| key.clone()).collect();
                let keys = Term::new(pattern.span, TermKind::Set(keys));
                self.require(Term::call(pattern.span, "is_object", vec![value.clone()]));
                self.require(equal(Term::call(pattern.span, "object.keys", vec![value.clone()]), keys));
                self.parts(parts, value)
            }
            TermKind::Set(_) if self.is_open(pattern) => Err(Refusal::new(pattern.span, "sets cannot be taken apart")),
            _ => {
                let ground = self.ground(pattern)?;
                self.require(equal(value.clone(), ground));
                Ok(())
            }
        }
    }

    /// Matches the elements of `value`, which exist: first those that are variables, which others may use.
    fn parts(&mut self, parts: Vec<(Term, &Term)>, value: &Term) -> Lowered<()> {
        let (variables, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(_, part)| part.as_var().is_some() && self.is_open(part));
        for (index, part) in variables.into_iter().chain(others) {
            if part.as_var().is_some_and(|name| name_of(name) == "_") {
                continue;
            }
            let selected = self.steps.assign(select(value.clone(), self.plain_index(index)));
            self.pattern(part, &selected)?;
        }
        Ok(())
    }

    fn require(&mut self, test: Term) {
        self.steps.emit(test.span, ExprKind::Term(test));
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: a scalar matches no pattern, and is none the less taken apart.
    #[test]
    fn a_scalar_is_matched_against_a_pattern() {
        let text = lowered(&["import future.keywords.not\np if { not { v := \"k\"; {\"k\": x} = v; x == 1 } }"]);
        assert!(!text.contains("\"k\".") && !text.contains("\"k\"["), "{text}");
    }

    /// OPA: an object matches one with exactly these keys (P1).
    #[test]
    fn an_object_pattern_has_exactly_these_keys() {
        let expected = r#"
p := __00002 if {
  __00001 := input.o
  is_object(__00001)
  object.keys(__00001) == {"k"}
  __00002 := __00001.k
}
"#;
        assert_eq!(lowered(&[r#"p := x if { {"k": x} = input.o }"#]), expected.trim());
    }
}
