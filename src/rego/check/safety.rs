//! Safety: every variable gets its value from somewhere, whatever the order in which a body is written.

use super::variable::{Names, all_of_terms, in_closures, of_body, of_expr, shown};
use super::{Report, World};
use crate::rego::ast::{Body, Expr, ExprKind, Rule, Span, Term, TermKind, Visit, walk_expr, walk_term};
use crate::rego::diagnostic::Code;

mod output;

use output::outputs;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    let mut checker = Checker { world, report };
    for rule in world.modules.iter().flat_map(|module| &module.rules) {
        if !checker.report.has_mistake_in(rule.span) {
            checker.rule(rule);
        }
    }
}

/// The expressions of a body in the order in which OPA evaluates them: each as soon as its variables have values. Those that
/// never get there come last.
pub(super) fn ordered<'t>(world: &World<'_>, outer: &Names, body: &'t Body) -> Vec<&'t Expr> {
    let local = of_body(body);
    let mut safe = outer.clone();
    let mut order = Vec::with_capacity(body.len());
    let mut waiting: Vec<&Expr> = body.iter().collect();
    loop {
        let before = waiting.len();
        waiting.retain(|expr| {
            let outputs = outputs(world, expr, &safe);
            let ready = missing(expr, &local, &safe, &outputs).is_empty();
            if ready {
                safe.extend(outputs);
                order.push(*expr);
            }
            !ready
        });
        if waiting.is_empty() || waiting.len() == before {
            order.extend(waiting);
            return order;
        }
    }
}

struct Checker<'a, 'b, 'c> {
    world: &'a World<'a>,
    report: &'b mut Report<'c>,
}

impl Checker<'_, '_, '_> {
    fn rule(&mut self, rule: &Rule) {
        if rule.default {
            return self.closures_of(rule.head.value.iter(), &Names::new());
        }
        let parameters = all_of_terms(rule.head.parameters.iter().flatten());
        let head = &rule.head;
        let terms: Vec<&Term> = head.name.path.iter().chain(&head.key).chain(&head.value).collect();
        self.branch(&parameters, &terms, &rule.body);
        for branch in &rule.otherwise {
            let terms: Vec<&Term> = branch.value.iter().collect();
            self.branch(&parameters, &terms, &branch.body);
        }
    }

    fn branch(&mut self, parameters: &Names, head: &[&Term], body: &Body) {
        self.closure(parameters, head, body);
    }

    /// A body and the terms that are evaluated in it, where `outer` have values.
    fn closure(&mut self, outer: &Names, head: &[&Term], body: &Body) {
        // References in a head are evaluated with the body, and may bind what it uses.
        let binding: Vec<Expr> = head.iter().filter(|term| binds(term)).map(|term| Expr::term((*term).clone())).collect();
        let safe =
            if binding.is_empty() { self.body(outer, body) } else { self.body(outer, &body.iter().cloned().chain(binding).collect()) };
        let mentioned = of_body(body);
        for term in head {
            // References in a head may bind what stands in their brackets.
            let bound = output::of_terms(&[term], &safe);
            for name in all_of_terms([*term]) {
                if !safe.contains(&name) && !mentioned.contains(&name) && !bound.contains(&name) {
                    self.unsafe_variable(&name, term.span);
                }
            }
        }
        let mut safe = safe;
        safe.extend(mentioned);
        self.closures_of(head.iter().copied(), &safe);
    }

    /// Orders the expressions of a body so that each finds its variables bound. Gives the variables that have values then.
    fn body(&mut self, outer: &Names, body: &Body) -> Names {
        let mut local: Names = of_body(body);
        local.extend(body.iter().flat_map(|expr| self.unbraced(expr)));
        let mut safe = outer.clone();
        let mut waiting: Vec<&Expr> = body.iter().collect();
        loop {
            let before = waiting.len();
            waiting.retain(|expr| {
                let outputs = outputs(self.world, expr, &safe);
                let mut missing = missing(expr, &local, &safe, &outputs);
                missing.extend(self.unbraced(expr).into_iter().filter(|name| !safe.contains(name)));
                if missing.is_empty() {
                    safe.extend(outputs);
                }
                !missing.is_empty()
            });
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for expr in &waiting {
            let outputs = outputs(self.world, expr, &safe);
            let mut missing = missing(expr, &local, &safe, &outputs);
            missing.extend(self.unbraced(expr).into_iter().filter(|name| !safe.contains(name)));
            for name in missing {
                self.unsafe_variable(&name, expr.span);
            }
        }
        // What could not be ordered was reported: its variables shall not be reported again.
        let mut inside = safe.clone();
        inside.extend(waiting.iter().flat_map(|expr| of_expr(expr)));
        for expr in body {
            let mut closures = Closures { checker: self, safe: &inside };
            closures.expr(expr);
        }
        safe.extend(waiting.into_iter().flat_map(of_expr));
        safe
    }

    /// The variables of operands of `not`, `and` and `or` that stand without braces: they bind nothing, not even for
    /// themselves.
    fn unbraced(&self, expr: &Expr) -> Names {
        let operands = match &expr.kind {
            ExprKind::NotBody(body) => std::slice::from_ref(body),
            ExprKind::And(operands) | ExprKind::Or(operands) => operands.as_slice(),
            _ => return Names::new(),
        };
        let mut names = Names::new();
        for operand in operands.iter().filter(|operand| !self.is_braced(operand)) {
            names.extend(of_body(operand));
            names.extend(operand.iter().flat_map(|expr| self.unbraced(expr)));
        }
        names
    }

    /// Whether a body stands right between braces.
    fn is_braced(&self, body: &Body) -> bool {
        let (Some(first), Some(last)) = (body.first(), body.last()) else { return true };
        let Some(source) = self.world.sources.get(first.span.file as usize) else { return true };
        let before = source.text.get(..first.span.start as usize).unwrap_or_default();
        let behind = source.text.get(last.span.end as usize..).unwrap_or_default();
        before.trim_end().ends_with('{') && behind.trim_start().starts_with(['}', ';'])
    }

    fn closures_of<'t>(&mut self, terms: impl Iterator<Item = &'t Term>, safe: &Names) {
        let mut closures = Closures { checker: self, safe };
        terms.for_each(|term| closures.term(term));
    }

    fn unsafe_variable(&mut self, name: &str, span: Span) {
        // A generated variable is unsafe only where one of the user's is.
        if !name.starts_with(self.world.generated) {
            self.report.push(span, Code::UnsafeVar, format!("var {} is unsafe", shown(name)));
        }
    }
}

/// Whether a reference with a variable in its brackets stands in a term.
fn binds(term: &Term) -> bool {
    match &term.kind {
        TermKind::Ref(reference) => reference.path.iter().any(|element| element.as_var().is_some()),
        TermKind::Array(items) | TermKind::Set(items) => items.iter().any(binds),
        TermKind::Object(members) => members.iter().any(|(key, value)| binds(key) || binds(value)),
        _ => false,
    }
}

/// The variables that an expression needs and that have no value yet.
fn missing(expr: &Expr, local: &Names, safe: &Names, outputs: &Names) -> Names {
    let mut needed: Names = of_expr(expr);
    needed.extend(in_closures(expr).intersection(local).cloned());
    if let ExprKind::Every { key, value, .. } = &expr.kind {
        for variable in key.iter().chain(Some(value)) {
            needed.remove(&variable.name);
        }
    }
    needed.into_iter().filter(|name| !safe.contains(name) && !outputs.contains(name)).collect()
}

/// Checks the closures of an expression, each with the variables that have values around it.
struct Closures<'x, 'a, 'b, 'c> {
    checker: &'x mut Checker<'a, 'b, 'c>,
    safe: &'x Names,
}

impl<'t> Visit<'t> for Closures<'_, '_, '_, '_> {
    fn body(&mut self, body: &'t Body) {
        self.checker.closure(self.safe, &[], body);
    }

    fn expr(&mut self, expr: &'t Expr) {
        let ExprKind::Every { key, value, domain, body } = &expr.kind else {
            return walk_expr(self, expr);
        };
        self.term(domain);
        let mut safe = self.safe.clone();
        safe.extend(key.iter().chain(Some(value)).map(|variable| variable.name.clone()));
        self.checker.closure(&safe, &[], body);
    }

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.checker.closure(self.safe, &[head], body);
            }
            TermKind::ObjectComprehension(key, value, body) => self.checker.closure(self.safe, &[key, value], body),
            _ => walk_term(self, term),
        }
    }
}
