//! Calls in parameters, where none may stand.

use crate::rego::ast::{Term, TermKind, Visit, walk_term};
use crate::rego::check::Report;
use crate::rego::diagnostic::Code;

/// Reports calls.
pub(super) struct Calls<'a, 'b>(pub(super) &'a mut Report<'b>);

impl<'t> Visit<'t> for Calls<'_, '_> {
    fn term(&mut self, term: &'t Term) {
        if matches!(term.kind, TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..)) {
            self.0.push(term.span, Code::Compile, "rule arguments cannot contain calls");
        } else {
            walk_term(self, term);
        }
    }
}
