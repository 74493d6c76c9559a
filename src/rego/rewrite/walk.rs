//! `walk` in every form: regorus iterates only where it is called with an output variable (L3).

use super::lower::{Lower, Lowered};
use crate::rego::ast::{ExprKind, Span, Term};

impl Lower<'_> {
    /// `walk(value)`: each `[path, value]` in turn.
    pub(super) fn walk(&mut self, span: Span, value: &Term) -> Lowered<Term> {
        let value = self.ground(value)?;
        let value = self.settled(value);
        let name = self.steps.fresh();
        self.steps.local.insert(name.clone());
        let pair = Term::var(span, name);
        self.steps.emit(span, ExprKind::Term(Term::call(span, "walk", vec![value, pair.clone()])));
        Ok(pair)
    }

    /// `walk(value, pattern)`
    pub(super) fn walk_into(&mut self, span: Span, arguments: &[Term]) -> Lowered<()> {
        let [value, pattern] = arguments else {
            return Ok(());
        };
        let pair = self.walk(span, value)?;
        self.pattern(pattern, &pair)
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `walk` has many values wherever it is called (L3).
    #[test]
    fn walk_iterates_in_every_form() {
        let expected = r"
p contains __00003 if {
  __00001 := input
  walk(__00001, __00002)
  is_array(__00002)
  count(__00002) == 2
  __00003 := __00002[1]
}

q contains __00003 if {
  __00001 := input
  walk(__00001, __00002)
  __00003 := __00002[1]
}
";
        assert_eq!(
            lowered(&[r"p contains x if walk(input, [_, x])
q contains x if x := walk(input)[1]"]),
            expected.trim()
        );
    }
}
