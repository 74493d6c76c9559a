//! Unification: `left = right` becomes bindings and comparisons.

use super::lower::{Lower, Lowered, Refusal};
use super::term::equal;
use crate::rego::ast::{ExprKind, Span, Term, TermKind};

impl Lower<'_> {
    /// `left = right`, `left := right`.
    pub(super) fn unify(&mut self, span: Span, left: &Term, right: &Term) -> Lowered<()> {
        if let Some(variable) = self.open_variable(left)? {
            return self.bind(variable, right);
        }
        if let Some(variable) = self.open_variable(right)? {
            return self.bind(variable, left);
        }
        match (&left.kind, &right.kind) {
            (TermKind::Array(lefts), TermKind::Array(rights)) if lefts.len() == rights.len() => {
                self.pairs(span, lefts.iter().zip(rights).collect())
            }
            (TermKind::Object(lefts), TermKind::Object(rights)) if same_keys(lefts, rights) => {
                let value_of = |key: &Term| rights.iter().find(|(other, _)| same(key, other)).map(|(_, value)| value);
                self.pairs(span, lefts.iter().filter_map(|(key, value)| Some((value, value_of(key)?))).collect())
            }
            _ => match (self.is_open(left), self.is_open(right)) {
                (true, true) => Err(self.first_open(left)),
                (true, false) => self.destructure(left, right),
                (false, true) => self.destructure(right, left),
                (false, false) => {
                    let (left, right) = self.both(left, right)?;
                    self.steps.emit(span, ExprKind::Term(equal(left, right)));
                    Ok(())
                }
            },
        }
    }

    /// Binds `variable` to the value of `term`.
    pub(super) fn bind(&mut self, variable: &str, term: &Term) -> Lowered<()> {
        let ground = self.ground(term)?;
        let value = self.settled(ground);
        self.steps.bind(variable, value);
        Ok(())
    }

    fn destructure(&mut self, pattern: &Term, value: &Term) -> Lowered<()> {
        let ground = self.ground(value)?;
        let value = self.settled(ground);
        self.pattern(pattern, &value)
    }

    /// Unifies all pairs, each as soon as its variables allow it.
    pub(super) fn pairs(&mut self, span: Span, pairs: Vec<(&Term, &Term)>) -> Lowered<()> {
        let mut left = pairs;
        while !left.is_empty() {
            let before = left.len();
            let mut later = Vec::new();
            let mut refusal = None;
            for (one, other) in left {
                let mark = self.steps.mark();
                match self.unify(span, one, other) {
                    Ok(()) => {}
                    Err(error) if error.unsafe_variable.is_some() => {
                        self.steps.undo(mark);
                        refusal.get_or_insert(error);
                        later.push((one, other));
                    }
                    Err(error) => return Err(error),
                }
            }
            left = later;
            if left.len() == before {
                return refusal.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    /// The refusal that names the first variable of a pattern that has no value.
    fn first_open(&self, term: &Term) -> Refusal {
        let inner = match &term.kind {
            TermKind::Array(items) | TermKind::Set(items) => items.iter().find(|item| self.is_open(item)),
            TermKind::Object(members) => members.iter().flat_map(|(key, value)| [key, value]).find(|item| self.is_open(item)),
            TermKind::Var(name) => return Refusal::unsafe_variable(term.span, name),
            _ => None,
        };
        inner.map_or_else(|| Refusal::new(term.span, "pattern without a variable"), |inner| self.first_open(inner))
    }
}

/// Whether both objects have the same keys, all constant.
fn same_keys(lefts: &[(Term, Term)], rights: &[(Term, Term)]) -> bool {
    let found = |one: &[(Term, Term)], key: &Term| one.iter().any(|(other, _)| same(key, other));
    lefts.len() == rights.len()
        && lefts.iter().chain(rights).all(|(key, _)| key.is_scalar())
        && lefts.iter().all(|(key, _)| found(rights, key))
        && rights.iter().all(|(key, _)| found(lefts, key))
}

/// Whether two scalars are written alike.
fn same(left: &Term, right: &Term) -> bool {
    left.kind == right.kind
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA unifies arrays and objects by their elements.
    #[test]
    fn equal_collections_are_compared_part_by_part() {
        let expected = r"
p := __00001 if {
  __00001 := input.a
  2 == input.b
}
";
        assert_eq!(lowered(&[r"p := x if { [x, 2] = [input.a, input.b] }"]), expected.trim());
    }
}
