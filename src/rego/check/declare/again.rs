//! The second look at `every`, `not`, `and` and `or`: OPA goes through the whole statement again when its bodies are read.
//!
//! What the body of `every` or `not` declares is known then: closures in it see that wherever they stand, and may call nothing
//! of that name. What operands of `and` and `or` use is used in the body around them.

use super::{Declarer, Scope};
use crate::rego::ast::{Term, TermKind, VisitMut, walk_term_mut};

pub(super) struct Again<'a, 'b, 'c>(pub(super) &'a mut Declarer<'b, 'c>);

impl VisitMut for Again<'_, '_, '_> {
    fn term(&mut self, term: &mut Term) {
        let span = term.span;
        match &mut term.kind {
            // Those that have a name of their own already have no other one.
            TermKind::Var(name) if name != "input" && name != "data" && !name.contains('#') => self.0.see(name, span),
            TermKind::Call(function, arguments) => {
                self.0.function(function, span);
                for argument in arguments.iter_mut() {
                    self.term(argument);
                }
            }
            TermKind::Binary(operator, ..) => {
                self.0.operator(operator.builtin(), span);
                walk_term_mut(self, term);
            }
            TermKind::Member(..) => {
                self.0.operator("internal", span);
                walk_term_mut(self, term);
            }
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {
                self.0.scopes.push(Scope::new());
                walk_term_mut(self, term);
                self.0.scopes.pop();
            }
            _ => walk_term_mut(self, term),
        }
    }
}
