//! Parameters of functions: what is no plain variable or constant is compared in the body (P2, P3).

use super::lower::Lower;
use crate::rego::ast::{Body, Expr, ExprKind, Term, TermKind};

impl Lower<'_> {
    /// The parameters as variables and constants, and what is left to compare.
    pub(super) fn parameters(&mut self, parameters: &[Term]) -> (Vec<Term>, Body) {
        let mut demands = Vec::new();
        let plain = parameters
            .iter()
            .map(|parameter| {
                match &parameter.kind {
                    TermKind::Null | TermKind::Boolean(_) | TermKind::String(_) => return parameter.clone(),
                    TermKind::Number(text) if !text.starts_with('-') => return parameter.clone(),
                    _ => {}
                }
                let operand = Term::var(parameter.span, self.steps.fresh());
                match &parameter.kind {
                    TermKind::Var(name) if self.is_open(parameter) => self.steps.bind(name, operand.clone()),
                    _ => demands.push(Expr::new(parameter.span, ExprKind::Unify(parameter.clone(), operand.clone()))),
                }
                operand
            })
            .collect();
        (plain, demands)
    }
}
