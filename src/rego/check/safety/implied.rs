//! Operands of `not`, `and` and `or` without braces: what they use and do not bind for others has to come from outside.

use std::collections::BTreeMap;

use super::super::variable::Names;
use super::variables::{Skip, of_expr, of_term};
use super::{World, output};
use crate::rego::ast::{Body, Expr, ExprKind, Term, TermKind};

/// The variables of such an operand that are bound nowhere in it, or used in one place only.
pub(super) fn unsafe_in(world: &World<'_>, operand: &Body) -> Names {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for expr in operand {
        let mut names = Names::new();
        // A nested operand without braces counts as what it is, not as what it needs.
        of_expr(world, expr, Skip::Checked, &mut names);
        for name in names {
            *places.entry(name).or_default() += 1;
        }
    }
    if operand.len() == 1 {
        return places.into_keys().collect();
    }
    let bound = bound(world, operand, places.keys().cloned().collect());
    places.into_iter().filter(|(name, count)| *count == 1 || !bound.contains(name)).map(|(name, _)| name).collect()
}

/// What equations in it bind from what is no side of any, and the results of calls.
fn bound(world: &World<'_>, operand: &Body, mut safe: Names) -> Names {
    let equations: Vec<(&Expr, &Term, &Term)> = operand.iter().filter_map(equation).collect();
    for (_, left, right) in &equations {
        for name in [left, right].into_iter().filter_map(|side| super::super::variable::name(side)) {
            safe.remove(&name);
        }
    }
    let mut bound = Names::new();
    loop {
        let before = bound.len();
        for (expr, ..) in &equations {
            for name in output::of_expr(world, expr, &safe) {
                safe.insert(name.clone());
                bound.insert(name);
            }
        }
        if bound.len() == before {
            break;
        }
    }
    for expr in operand {
        if let ExprKind::Term(Term { kind: TermKind::Call(function, arguments), .. }) = &expr.kind
            && let Some(count) = output::arity_of(world, function)
        {
            arguments.iter().skip(count).for_each(|result| of_term(result, Skip::Output, &mut bound));
        }
    }
    bound
}

fn equation(expr: &Expr) -> Option<(&Expr, &Term, &Term)> {
    match &expr.kind {
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => Some((expr, left, right)),
        _ => None,
    }
}
