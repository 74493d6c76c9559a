//! Which variables stand where, as OPA's visitors see them.

use super::super::variable::{Names, name};
use super::{World, implied, operands};
use crate::rego::ast::{Body, Expr, ExprKind, Ref, TemplatePart, Term, TermKind, With};

/// What is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    /// Closures and the names of functions; operands without braces need what they do not bind.
    Checked,
    /// The same, and operands whatever they are.
    Seen,
    /// Heads of references, keys of objects, closures.
    Bound,
    /// The same, and sets.
    Output,
    /// Heads of references.
    Brackets,
    /// Nothing but the names of functions.
    Nothing,
}

impl Skip {
    pub(super) const CHECKED: Self = Self::Checked;

    const fn closures(self) -> bool {
        !matches!(self, Self::Brackets | Self::Nothing)
    }

    const fn heads(self) -> bool {
        matches!(self, Self::Bound | Self::Output | Self::Brackets)
    }

    const fn keys(self) -> bool {
        matches!(self, Self::Bound | Self::Output)
    }
}

/// The variables of a term that have to have values before it has one.
pub(in super::super) fn seen(term: &Term) -> Names {
    let mut names = Names::new();
    of_term(term, Skip::Seen, &mut names);
    names
}

/// The variables that have values behind an expression.
pub(in super::super) fn checked(world: &World<'_>, expr: &Expr, names: &mut Names) {
    of_expr(world, expr, Skip::Checked, names);
}

/// The variables of an expression.
pub(super) fn of_expr(world: &World<'_>, expr: &Expr, skip: Skip, names: &mut Names) {
    match &expr.kind {
        ExprKind::Some(_) => {}
        ExprKind::Every { domain, .. } if skip.closures() => return of_term(domain, skip, names),
        ExprKind::Not(inner) => of_expr(world, inner, skip, names),
        ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) if skip.closures() => {
            if skip == Skip::Checked {
                for operand in operands(expr).iter().filter(|operand| !super::is_braced(world.sources, operand)) {
                    names.extend(implied::unsafe_in(world, operand));
                }
            }
        }
        kind => of_kind(world, kind, skip, names),
    }
    of_modifiers(&expr.with, skip, names);
}

fn of_kind(world: &World<'_>, kind: &ExprKind, skip: Skip, names: &mut Names) {
    match kind {
        ExprKind::Term(term) => of_term(term, skip, names),
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => {
            of_term(left, skip, names);
            of_term(right, skip, names);
        }
        ExprKind::SomeIn { key, value, collection } => {
            for term in key.iter().chain([value, collection]) {
                of_term(term, skip, names);
            }
        }
        ExprKind::Every { key, value, domain, body } => {
            names.extend(key.iter().chain([value]).map(|variable| variable.name.clone()));
            of_term(domain, skip, names);
            of_body(world, body, skip, names);
        }
        ExprKind::Not(inner) => of_expr(world, inner, skip, names),
        ExprKind::NotBody(body) => of_body(world, body, skip, names),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().for_each(|body| of_body(world, body, skip, names)),
        ExprKind::Some(_) => {}
    }
}

/// The variables of modifiers: the first name of a target is none.
fn of_modifiers(modifiers: &[With], skip: Skip, names: &mut Names) {
    for with in modifiers {
        if let TermKind::Ref(reference) = &with.target.kind {
            reference.path.iter().for_each(|element| of_term(element, skip, names));
        }
        match &with.value.kind {
            TermKind::Ref(reference) => reference.path.iter().for_each(|element| of_term(element, skip, names)),
            _ => of_term(&with.value, skip, names),
        }
    }
}

/// The variables of the values of modifiers and of the brackets in their targets.
pub(super) fn of_with(modifiers: &[With]) -> Names {
    let mut names = Names::new();
    of_modifiers(modifiers, Skip::Seen, &mut names);
    names
}

pub(super) fn of_body(world: &World<'_>, body: &Body, skip: Skip, names: &mut Names) {
    for expr in body {
        of_expr(world, expr, skip, names);
    }
}

/// The variables of a term. Closures in it are looked into by [`in_closures`] alone.
pub(super) fn of_term(term: &Term, skip: Skip, names: &mut Names) {
    let mut all = |terms: &mut dyn Iterator<Item = &Term>| terms.for_each(|term| of_term(term, skip, names));
    match &term.kind {
        TermKind::Ref(Ref { head, path }) => {
            if !skip.heads() {
                all(&mut std::iter::once(head.as_ref()));
            }
            all(&mut path.iter());
        }
        TermKind::Call(function, arguments) => {
            if let TermKind::Ref(reference) = &function.kind {
                all(&mut reference.path.iter());
            }
            all(&mut arguments.iter());
        }
        TermKind::Binary(_, left, right) => all(&mut [left.as_ref(), right].into_iter()),
        TermKind::Member(key, value, collection) => {
            all(&mut key.iter().map(AsRef::as_ref).chain([value.as_ref(), collection]));
        }
        TermKind::Set(_) if skip == Skip::Output => {}
        TermKind::Array(items) | TermKind::Set(items) => all(&mut items.iter()),
        TermKind::Object(members) => {
            for (key, value) in members {
                if !skip.keys() {
                    all(&mut std::iter::once(key));
                }
                all(&mut std::iter::once(value));
            }
        }
        _ => names.extend(name(term)),
    }
}

/// The variables anywhere in the closures of an expression; of `every` only those of its body.
pub(super) fn in_closures(world: &World<'_>, expr: &Expr) -> Names {
    let mut names = Names::new();
    closures(expr, &mut |heads, body| {
        deep_heads(world, heads, &mut names);
        deep(world, body, &mut names);
    });
    names
}

fn deep_heads(world: &World<'_>, heads: &[&Term], names: &mut Names) {
    for head in heads {
        of_term(head, Skip::Nothing, names);
        closures_of(head, &mut |heads, body| {
            deep_heads(world, heads, names);
            deep(world, body, names);
        });
    }
}

fn deep(world: &World<'_>, body: &Body, names: &mut Names) {
    for expr in body {
        of_expr(world, expr, Skip::Nothing, names);
        // Bodies that are operands were read just now, what is in their terms was not.
        every_term(expr, &mut |term| {
            closures_of(term, &mut |heads, body| {
                deep_heads(world, heads, names);
                deep(world, body, names);
            });
        });
    }
}

/// The terms of an expression, those in bodies that are part of it included.
fn every_term<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Term)) {
    match &expr.kind {
        ExprKind::Every { domain, body, .. } => {
            visit(domain);
            for expr in body {
                every_term(expr, visit);
            }
        }
        ExprKind::Not(inner) => every_term(inner, visit),
        ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => {
            operands(expr).iter().flatten().for_each(|expr| every_term(expr, visit));
        }
        kind => terms_of(kind).into_iter().for_each(&mut *visit),
    }
    expr.with.iter().for_each(|with| visit(&with.value));
}

/// The terms that an expression without bodies is made of.
pub(super) fn terms_of(kind: &ExprKind) -> Vec<&Term> {
    match kind {
        ExprKind::Term(term) => vec![term],
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => vec![left, right],
        ExprKind::SomeIn { key, value, collection } => key.iter().chain([value, collection]).collect(),
        _ => Vec::new(),
    }
}

/// The outermost closures of an expression: what their heads are, and their bodies.
pub(super) fn closures<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&[&'t Term], &'t Body)) {
    match &expr.kind {
        ExprKind::Every { domain, body, .. } => {
            closures_of(domain, visit);
            visit(&[], body);
        }
        ExprKind::Not(inner) => closures(inner, visit),
        ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => operands(expr).iter().for_each(|body| visit(&[], body)),
        kind => terms_of(kind).into_iter().for_each(|term| closures_of(term, visit)),
    }
    expr.with.iter().for_each(|with| closures_of(&with.value, visit));
}

/// The outermost closures of a term.
pub(super) fn closures_of<'t>(term: &'t Term, visit: &mut dyn FnMut(&[&'t Term], &'t Body)) {
    match &term.kind {
        TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => visit(&[head], body),
        TermKind::ObjectComprehension(key, value, body) => visit(&[key, value], body),
        TermKind::Ref(Ref { head, path }) => std::iter::once(head.as_ref()).chain(path).for_each(|term| closures_of(term, visit)),
        TermKind::Call(_, items) | TermKind::Array(items) | TermKind::Set(items) => items.iter().for_each(|item| closures_of(item, visit)),
        TermKind::Object(members) => members.iter().for_each(|(key, value)| {
            closures_of(key, visit);
            closures_of(value, visit);
        }),
        TermKind::Binary(_, left, right) => [left, right].into_iter().for_each(|term| closures_of(term, visit)),
        TermKind::Member(key, value, collection) => {
            key.iter().chain([value, collection]).for_each(|term| closures_of(term, visit));
        }
        TermKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Expr(expr) = part {
                    closures(expr, visit);
                }
            }
        }
        _ => {}
    }
}
