//! Probes: calls that the rewriting puts in front of the user's expressions, so that an evaluation can tell which of them it
//! reached, and with which values. Tests that fail, and coverage, are explained by them; nothing else has them.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Expr, ExprKind, Rule, Span, Visit, walk_expr, walk_kind, walk_rule};
use super::compile::Unit;

/// The function that notes that a probe was reached: its number, and the values of the variables there.
pub(crate) const PROBE: &str = "__vidimus_probe";

/// One place that can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Where it is.
    pub(crate) span: Span,
    /// The rule that it is in: an index among the user's rules.
    pub(crate) rule: usize,
    /// What it is.
    pub(crate) kind: ProbeKind,
}

/// What can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeKind {
    /// An expression is about to be evaluated.
    Expression,
    /// The same, of `some`, which is nothing by itself that could be missed.
    Declaration,
    /// All expressions of a body hold: the head of a rule, or an `else`.
    Head,
    /// The head of a `default` rule, which no probe stands in.
    Default,
}

/// All places that can be reached, and the texts that they are in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probes {
    /// The places; their numbers are indices.
    pub(crate) points: Vec<Probe>,
    /// Names and texts of the sources.
    pub(crate) sources: Vec<(String, Arc<str>)>,
    /// The full names of the rules.
    pub(crate) names: Vec<String>,
    expressions: HashMap<Span, usize>,
    heads: HashMap<Span, usize>,
}

impl Probes {
    /// The places of these modules, in the order of their rules.
    pub(super) fn of(unit: &Unit) -> Self {
        let sources = unit.sources.iter().map(|source| (source.name.clone(), Arc::clone(&source.text))).collect();
        let mut finder = Finder { probes: Self { sources, ..Self::default() }, rule: 0 };
        let generated = format!("{}cases", unit.fresh.prefix());
        for module in &unit.modules {
            for rule in &module.rules {
                finder.rule = finder.probes.names.len();
                let name = module.package.path.iter().map(String::as_str).chain(rule.ground_name());
                finder.probes.names.push(name.collect::<Vec<_>>().join("."));
                // The names of a test's cases are found by a part of its body.
                if !rule.head.name.head.as_var().is_some_and(|name| name.starts_with(&generated)) {
                    finder.rule(rule);
                }
            }
        }
        finder.probes
    }

    /// The probe in front of an expression.
    pub(super) fn expression(&self, span: Span) -> Option<usize> {
        self.expressions.get(&span).copied()
    }

    /// The probe behind a body: that of the head that stands there, or of the `else`.
    pub(super) fn head(&self, span: Span) -> Option<usize> {
        self.heads.get(&span).copied()
    }
}

struct Finder {
    probes: Probes,
    rule: usize,
}

impl Finder {
    fn add(&mut self, span: Span, key: Span, kind: ProbeKind) {
        let number = self.probes.points.len();
        self.probes.points.push(Probe { span, rule: self.rule, kind });
        let by_span =
            if matches!(kind, ProbeKind::Head | ProbeKind::Default) { &mut self.probes.heads } else { &mut self.probes.expressions };
        by_span.insert(key, number);
    }
}

impl<'a> Visit<'a> for Finder {
    fn rule(&mut self, rule: &'a Rule) {
        let kind = if rule.default { ProbeKind::Default } else { ProbeKind::Head };
        self.add(rule.head.span, rule.head.span, kind);
        for branch in &rule.otherwise {
            // `else := value`, without the body.
            let keyword = Span { end: branch.span.start.saturating_add(4), ..branch.span };
            let head = branch.value.as_ref().map_or(keyword, |value| keyword.to(value.span));
            self.add(head, branch.span, kind);
        }
        walk_rule(self, rule);
    }

    fn expr(&mut self, expr: &'a Expr) {
        let declares = matches!(expr.kind, ExprKind::Some(_) | ExprKind::SomeIn { .. });
        self.add(expr.span, expr.span, if declares { ProbeKind::Declaration } else { ProbeKind::Expression });
        match &expr.kind {
            // What stands under `not` is no expression of its own; the bodies in it have some.
            ExprKind::Not(inner) => {
                walk_kind(self, inner);
                for with in inner.with.iter().chain(&expr.with) {
                    self.term(&with.value);
                }
            }
            _ => walk_expr(self, expr),
        }
    }
}
