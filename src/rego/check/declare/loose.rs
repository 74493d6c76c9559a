//! Variables that have the name of a builtin and are declared nowhere: that builtin can't be called then.

use crate::rego::ast::{Body, Expr, ExprKind, Scopes, Term, TermKind, Visit, With, walk_body, walk_expr, walk_term};
use crate::rego::check::variable::Names;
use crate::rego::signature::Signatures;

/// Such variables of the body of a rule. OPA leaves out those in closures, and what a `with` names.
pub(super) fn builtins(signatures: &dyn Signatures, body: &Body) -> Names {
    let mut found = Variables { names: Names::new(), modifiers: Names::new() };
    walk_body(&mut found, body);
    found.names.retain(|name| signatures.signature(name).is_some());
    if !found.names.is_empty() {
        let declared = Scopes::throughout(body);
        found.names.retain(|name| !declared.contains(name) && !found.modifiers.contains(name));
    }
    found.names
}

struct Variables {
    names: Names,
    /// The variables in targets and values of modifiers.
    modifiers: Names,
}

impl Variables {
    fn modifier(&mut self, with: &With) {
        let names = super::of_terms([&with.target, &with.value]);
        self.names.extend(names.iter().cloned());
        self.modifiers.extend(names);
    }
}

impl<'t> Visit<'t> for Variables {
    fn body(&mut self, _: &'t Body) {}

    fn expr(&mut self, expr: &'t Expr) {
        if !matches!(expr.kind, ExprKind::Some(_)) {
            walk_expr(self, expr);
        }
        expr.with.iter().for_each(|with| self.modifier(with));
    }

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::Var(name) => {
                self.names.insert(name.clone());
            }
            TermKind::Call(_, arguments) => arguments.iter().for_each(|argument| self.term(argument)),
            TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_) => {}
            _ => walk_term(self, term),
        }
    }
}
