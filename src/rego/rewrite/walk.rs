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
