//! Safety: every variable gets its value from somewhere, whatever the order in which a body is written.
//!
//! OPA looks at bodies in which calls are statements, `==` is a call, and what heads need stands behind the body; so does
//! this, step by step, as what is refused depends on it.

use std::collections::BTreeMap;

use super::types::Expand;
use super::variable::{Names, all_of_terms, shown};
use super::{Report, World};
use crate::rego::ast::{Body, Expr, ExprKind, Rule, Span, Term};
use crate::rego::compile::Source;
use crate::rego::diagnostic::Code;

mod implied;
mod order;
mod output;
mod unify;
mod variables;

pub(super) use order::ordered;
pub(super) use output::{of_body as outputs_of_body, of_terms as outputs_of_terms};
pub(super) use variables::{checked as of_expression, seen as variables_of};

use order::{Order, Unsafe};
use variables::Skip;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    for rule in world.modules.iter().flat_map(|module| &module.rules) {
        if !report.has_mistake_in(rule.span) {
            check_rule(world, report, rule);
        }
    }
}

fn check_rule(world: &World<'_>, report: &mut Report<'_>, rule: &Rule) {
    let head = &rule.head;
    let terms: Vec<&Term> = head.name.path.iter().chain(&head.key).chain(&head.value).collect();
    branch(world, report, rule, (&terms, &rule.body));
    for branch_behind in &rule.otherwise {
        let terms: Vec<&Term> = branch_behind.value.iter().collect();
        branch(world, report, rule, (&terms, &branch_behind.body));
    }
}

/// One body of a rule, and the terms that are evaluated behind it.
fn branch(world: &World<'_>, report: &mut Report<'_>, rule: &Rule, (heads, body): (&[&Term], &Body)) {
    let mut parameters = rule.head.parameters.clone().unwrap_or_default();
    let mut terms: Vec<Term> = heads.iter().map(|&term| term.clone()).collect();
    let places: Vec<Span> = terms.iter().map(|term| term.span).collect();
    let body = Expand::default().body(body, terms.iter_mut().chain(&mut parameters).collect());
    let given = all_of_terms(&parameters);
    let mut mentioned = given.clone();
    for expr in &body {
        variables::of_expr(world, expr, Skip::CHECKED, &mut mentioned);
    }
    let mut is_wrong = false;
    for (term, place) in terms.iter().zip(places) {
        for name in all_of_terms([term]).difference(&mentioned) {
            is_wrong |= unsafe_variable(world, report, name, place);
        }
    }
    if is_wrong {
        return;
    }
    let mut order = Order::new(world);
    order.body(&given, &body);
    say(world, report, &order.found);
}

/// Reports each variable once, where it stands first. What only follows from another mistake is not reported.
fn say(world: &World<'_>, report: &mut Report<'_>, found: &Unsafe<'_>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    let mut assigned = Names::new();
    for (expr, names) in found {
        if let ExprKind::Assign(left, _) = &expr.kind {
            assigned.extend(all_of_terms([left]));
        }
        for name in names {
            let place = first.entry(name).or_insert(expr.span);
            *place = (*place).min(expr.span);
        }
    }
    let users: Vec<(&str, Span)> = first.into_iter().filter(|(name, _)| is_users(world, name)).collect();
    let is_explained = users.iter().any(|(name, _)| !assigned.contains(*name));
    for (name, place) in &users {
        if !is_explained || !assigned.contains(*name) {
            unsafe_variable(world, report, name, *place);
        }
    }
    if users.is_empty()
        && let Some((expr, _)) = found.iter().find(|(_, names)| !names.is_empty())
    {
        report.push(expr.span, Code::UnsafeVar, "expression is unsafe");
    }
}

/// Whether a variable stands in a source.
fn is_users(world: &World<'_>, name: &str) -> bool {
    !name.starts_with(world.generated) && !name.starts_with("_ local ")
}

/// A generated variable is unsafe only where one of the user's is.
fn unsafe_variable(world: &World<'_>, report: &mut Report<'_>, name: &str, span: Span) -> bool {
    let is_users = is_users(world, name);
    if is_users {
        report.push(span, Code::UnsafeVar, format!("var {} is unsafe", shown(name)));
    }
    is_users
}

/// Whether an operand of `not`, `and` or `or` stands right between braces: only there it may bind what it uses.
pub(super) fn is_braced(sources: &[Source], operand: &[Expr]) -> bool {
    let (Some(start), Some(end)) = (operand.iter().map(|expr| expr.span.start).min(), operand.iter().map(|expr| expr.span.end).max())
    else {
        return true;
    };
    let Some(source) = operand.first().and_then(|expr| sources.get(expr.span.file as usize)) else { return true };
    let before = source.text.get(..start as usize).unwrap_or_default();
    let behind = source.text.get(end as usize..).unwrap_or_default();
    before.trim_end().ends_with('{') && behind.trim_start().starts_with(['}', ';'])
}

/// The operands of an expression that are bodies.
fn operands(expr: &Expr) -> &[Body] {
    match &expr.kind {
        ExprKind::NotBody(body) => std::slice::from_ref(body),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands,
        _ => &[],
    }
}
