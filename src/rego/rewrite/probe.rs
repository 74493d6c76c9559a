//! Probes in bodies: a step in front of each of the user's expressions, and one behind a body that holds.
//!
//! regorus evaluates a step as soon as its variables have values, so each step of a probed body is an assignment, whose
//! order is that of its variable's name.

use super::lower::{Lower, Lowered};
use super::resolve::name_of;
use crate::rego::ast::{Expr, Span, Term, TermKind};
use crate::rego::probe::PROBE;

impl Lower<'_> {
    /// Adds the probe of an expression, with the values of the user's variables.
    pub(super) fn probe(&mut self, expr: &Expr) -> Lowered<()> {
        let Some(number) = self.world.probes.and_then(|probes| probes.expression(expr.span)) else { return Ok(()) };
        let variables = self.steps.named();
        let member = |variable: &String| (Term::string(expr.span, name_of(variable)), Term::var(expr.span, variable.clone()));
        let locals = Term::new(expr.span, TermKind::Object(variables.iter().map(member).collect()));
        let locals = self.ground(&locals)?;
        self.emit_probe(expr.span, number, locals);
        Ok(())
    }

    /// Adds the probe of a head.
    pub(super) fn probe_head(&mut self, span: Span) {
        if let Some(number) = self.world.probes.and_then(|probes| probes.head(span)) {
            self.emit_probe(span, number, Term::new(span, TermKind::Object(Vec::new())));
        }
    }

    fn emit_probe(&mut self, span: Span, number: usize, locals: Term) {
        let call = Term::call(span, PROBE, vec![Term::number(span, number.to_string()), locals]);
        self.steps.last_probe = Some(self.steps.assign(call));
    }
}
