//! What stands in an expression: closures, each checked as a body, and references.

use super::check::{Mistake, Types};
use super::environment::Env;
use super::reference;
use crate::rego::ast::{Body, Expr, ExprKind, Term, TermKind, Visit, walk_expr, walk_kind, walk_term};

/// The mistakes in the comprehensions of an expression. Those of one stand for all: the last one that has some.
pub(super) fn mistakes(types: &Types<'_>, env: &Env, expr: &Expr) -> Vec<Mistake> {
    let mut closures = Closures { types, env, found: Vec::new() };
    closures.expr(expr);
    closures.found
}

struct Closures<'a, 'w> {
    types: &'a Types<'w>,
    env: &'a Env,
    found: Vec<Mistake>,
}

impl<'t> Visit<'t> for Closures<'_, '_> {
    fn term(&mut self, term: &'t Term) {
        if let Some(body) = body(term) {
            let (_, found) = self.types.body(self.env, body);
            if !found.is_empty() {
                self.found = found;
                return;
            }
        }
        walk_term(self, term);
    }
}

fn body(term: &Term) -> Option<&Body> {
    match &term.kind {
        TermKind::ArrayComprehension(_, body) | TermKind::SetComprehension(_, body) | TermKind::ObjectComprehension(_, _, body) => {
            Some(body)
        }
        _ => None,
    }
}

/// The mistakes in the references of an expression, comprehensions left out.
pub(super) fn references(types: &Types<'_>, env: &Env, expr: &Expr) -> Vec<Mistake> {
    let mut references = References { types, env, found: Vec::new() };
    references.expr(expr);
    references.found
}

struct References<'a, 'w> {
    types: &'a Types<'w>,
    env: &'a Env,
    found: Vec<Mistake>,
}

impl<'t> Visit<'t> for References<'_, '_> {
    fn expr(&mut self, expr: &'t Expr) {
        match expr.kind {
            // OPA looks at the modifiers of no other expressions.
            ExprKind::Every { .. } | ExprKind::And(_) | ExprKind::Or(_) => walk_expr(self, expr),
            _ => walk_kind(self, expr),
        }
    }

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {}
            TermKind::Call(_, operands) => operands.iter().for_each(|operand| self.term(operand)),
            TermKind::Ref(found) => match reference::check(self.types, self.env, term, found) {
                Some(mistake) => self.found.push(mistake),
                None => found.path.iter().for_each(|element| self.term(element)),
            },
            _ => walk_term(self, term),
        }
    }
}
