//! What an expression binds, given what has a value already.

use super::super::call::arity;
use super::super::variable::{Names, all_of_terms};
use super::World;
use super::unify::unify;
use super::variables::{Skip, of_term, of_with, seen, terms_of};
use crate::rego::ast::{Expr, ExprKind, Ref, Term, TermKind};

/// The variables that have a value when `expr` holds; some that are `safe` may be among them.
pub(super) fn of_expr(world: &World<'_>, expr: &Expr, safe: &Names) -> Names {
    if !of_with(&expr.with).is_subset(safe) {
        return Names::new();
    }
    match &expr.kind {
        ExprKind::Term(term) => match &term.kind {
            TermKind::Template(_) => Names::new(),
            TermKind::Call(function, arguments) => of_call(world, expr, (function, arguments), safe),
            _ => of_statement(expr, safe),
        },
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => of_equation(expr, (left, right), safe),
        ExprKind::SomeIn { key, value, collection } => {
            let key = key.clone().unwrap_or_else(|| Term::number(collection.span, "0"));
            of_equation(expr, (value, &collection.clone().member(key)), safe)
        }
        ExprKind::Every { domain, .. } => of_terms(&[domain], safe),
        ExprKind::Some(_) | ExprKind::Not(_) | ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => Names::new(),
    }
}

/// What the expressions of a body bind one behind the other, beside what is `safe`.
pub(in super::super) fn of_body<'t>(world: &World<'_>, body: impl IntoIterator<Item = &'t Expr>, safe: &Names) -> Names {
    let mut known = safe.clone();
    for expr in body {
        let bound = of_expr(world, expr, &known);
        known.extend(bound);
    }
    known.retain(|name| !safe.contains(name));
    known
}

/// What the references of an expression bind.
fn of_statement(expr: &Expr, safe: &Names) -> Names {
    let mut terms = terms_of(&expr.kind);
    terms.extend(expr.with.iter().map(|with| &with.value));
    of_terms(&terms, safe)
}

/// A call may have its result as one more operand.
fn of_call(world: &World<'_>, expr: &Expr, (function, arguments): (&Term, &[Term]), safe: &Names) -> Names {
    let Some(count) = arity_of(world, function) else { return Names::new() };
    let mut bound = of_statement(expr, safe);
    let (inputs, results) = arguments.split_at(count.min(arguments.len()));
    if results.is_empty() {
        return bound;
    }
    let mut needed = Names::new();
    for input in inputs {
        of_term(input, Skip::Output, &mut needed);
    }
    if !needed.iter().all(|name| safe.contains(name) || bound.contains(name)) {
        return Names::new();
    }
    for result in results {
        of_term(result, Skip::Output, &mut bound);
    }
    bound
}

pub(super) fn arity_of(world: &World<'_>, function: &Term) -> Option<usize> {
    arity(world, function).or_else(|| match function.as_path()?.as_slice() {
        ["internal", "member_2"] => Some(2),
        ["internal", "member_3"] => Some(3),
        ["internal", "template_string" | "print"] => Some(1),
        _ => None,
    })
}

/// What has a value before an equation: a few names more, or fewer, than those that are safe. (Bodies are long, and each of their
/// equations is looked at many times: nothing is copied of what is safe.)
pub(super) struct Known<'a> {
    safe: &'a Names,
    more: Names,
    fewer: Names,
}

impl Known<'_> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.more.contains(name) || (self.safe.contains(name) && !self.fewer.contains(name))
    }
}

fn of_equation(expr: &Expr, (left, right): (&Term, &Term), safe: &Names) -> Names {
    let mut known = Known { safe, more: of_terms(&[left, right], safe), fewer: Names::new() };
    known.more.extend(of_terms(&expr.with.iter().map(|with| &with.value).collect::<Vec<_>>(), safe));
    if matches!(expr.kind, ExprKind::Assign(..)) {
        // What is assigned gives no value to what it is assigned from.
        known.fewer = all_of_terms([left]);
        known.more.retain(|name| !known.fewer.contains(name));
    }
    let mut bound = unify(&known, left, right);
    bound.extend(known.more);
    bound.retain(|name| !safe.contains(name));
    bound
}

/// What the references in terms bind: the variables in their brackets, if what they begin with has a value.
pub(in super::super) fn of_terms(terms: &[&Term], safe: &Names) -> Names {
    let mut bound = Names::new();
    for term in terms {
        references(term, safe, &mut bound);
    }
    bound
}

fn references(term: &Term, safe: &Names, bound: &mut Names) {
    let mut all = |terms: &mut dyn Iterator<Item = &Term>| terms.for_each(|term| references(term, safe, bound));
    match &term.kind {
        TermKind::Ref(reference) if is_ref_safe(reference, |name| safe.contains(name)) => {
            all(&mut std::iter::once(reference.head.as_ref()).chain(&reference.path));
            for element in &reference.path {
                of_term(element, Skip::Brackets, bound);
            }
        }
        TermKind::Call(_, items) | TermKind::Array(items) | TermKind::Set(items) => all(&mut items.iter()),
        TermKind::Object(members) => all(&mut members.iter().flat_map(|(key, value)| [key, value])),
        TermKind::Binary(_, left, right) => all(&mut [left.as_ref(), right].into_iter()),
        TermKind::Member(key, value, collection) => all(&mut key.iter().map(AsRef::as_ref).chain([value.as_ref(), collection])),
        _ => {}
    }
}

/// Whether what a reference begins with has a value.
pub(super) fn is_ref_safe(reference: &Ref, has: impl Fn(&str) -> bool) -> bool {
    seen(&reference.head).iter().all(|name| has(name))
}
