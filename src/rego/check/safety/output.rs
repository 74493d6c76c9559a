//! What an expression binds, given what is bound already.

use crate::rego::ast::{Expr, ExprKind, Ref, Term, TermKind, Visit, walk_term};
use crate::rego::check::World;
use crate::rego::check::call::arity;
use crate::rego::check::variable::{Names, all_of_terms, name};

/// The variables that have a value when `expr` holds, beside those that are `safe`.
pub(super) fn outputs(world: &World<'_>, expr: &Expr, safe: &Names) -> Names {
    if !all_of_terms(expr.with.iter().map(|with| &with.value)).is_subset(safe) {
        return Names::new();
    }
    match &expr.kind {
        ExprKind::Term(term) => of_statement(world, term, safe),
        ExprKind::Unify(left, right) => {
            let mut bound = of_terms(&[left, right], safe);
            unify(left, right, safe, &mut bound);
            bound
        }
        ExprKind::Assign(left, right) => {
            let assigned = all_of_terms([left]);
            let mut bound = of_terms(&[right], safe);
            let known: Names = safe.union(&bound).filter(|name| !assigned.contains(*name)).cloned().collect();
            unify(left, right, &known, &mut bound);
            bound
        }
        ExprKind::SomeIn { key, value, collection } => {
            let mut bound = of_terms(&[collection], safe);
            if all_of_terms([collection]).iter().all(|name| safe.contains(name) || bound.contains(name)) {
                pattern(value, &mut bound);
                if let Some(key) = key {
                    bound.extend(all_of_terms([key]));
                }
            }
            bound
        }
        ExprKind::Every { domain, .. } => of_terms(&[domain], safe),
        // A call in a negated call is evaluated before it, and may bind.
        ExprKind::Not(inner) => {
            let mut calls = Nested { safe, bound: Names::new(), depth: 0 };
            calls.expr(inner);
            calls.bound
        }
        ExprKind::Some(_) | ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => Names::new(),
    }
}

/// A term as an expression: a call may have its result as one more operand.
fn of_statement(world: &World<'_>, term: &Term, safe: &Names) -> Names {
    let mut bound = of_terms(&[term], safe);
    let TermKind::Call(function, arguments) = &term.kind else { return bound };
    if let Some(count) = arity(world, function)
        && let (Some(inputs), Some(result)) = (arguments.get(..count), arguments.get(count))
        && all_of_terms(inputs).iter().all(|name| safe.contains(name) || bound.contains(name))
    {
        pattern(result, &mut bound);
    }
    bound
}

/// What the references in terms bind: the variables in their brackets, if their heads are bound.
pub(super) fn of_terms(terms: &[&Term], safe: &Names) -> Names {
    let mut references = References { safe, bound: Names::new() };
    for term in terms {
        references.term(term);
    }
    references.bound
}

struct References<'a> {
    safe: &'a Names,
    bound: Names,
}

impl<'t> Visit<'t> for References<'_> {
    fn body(&mut self, _: &'t crate::rego::ast::Body) {}

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_) => {}
            TermKind::Ref(reference) => {
                walk_term(self, term);
                if self.is_bound(reference) {
                    for element in &reference.path {
                        in_brackets(element, &mut self.bound);
                    }
                }
            }
            TermKind::Call(_, arguments) => arguments.iter().for_each(|argument| self.term(argument)),
            _ => walk_term(self, term),
        }
    }
}

impl References<'_> {
    fn is_bound(&self, reference: &Ref) -> bool {
        all_of_terms([reference.head.as_ref()]).iter().all(|name| self.safe.contains(name) || self.bound.contains(name))
    }
}

/// The variables that an element of a reference binds; what heads a reference in it is not among them.
fn in_brackets(element: &Term, bound: &mut Names) {
    match &element.kind {
        TermKind::Ref(reference) => reference.path.iter().for_each(|element| in_brackets(element, bound)),
        TermKind::Array(items) => items.iter().for_each(|item| in_brackets(item, bound)),
        TermKind::Object(members) => members.iter().for_each(|(key, value)| {
            in_brackets(key, bound);
            in_brackets(value, bound);
        }),
        _ => bound.extend(name(element)),
    }
}

/// What a pattern binds when it meets a value: variables in arrays and in the values of objects.
fn pattern(term: &Term, bound: &mut Names) {
    match &term.kind {
        TermKind::Array(items) => items.iter().for_each(|item| pattern(item, bound)),
        TermKind::Object(members) => members.iter().for_each(|(_, value)| pattern(value, bound)),
        _ => bound.extend(name(term)),
    }
}

/// What `left = right` binds.
fn unify(left: &Term, right: &Term, safe: &Names, bound: &mut Names) {
    loop {
        let before = bound.len();
        once(left, right, safe, bound);
        if bound.len() == before {
            return;
        }
    }
}

fn once(left: &Term, right: &Term, safe: &Names, bound: &mut Names) {
    let known = |term: &Term, bound: &Names| all_of_terms([term]).iter().all(|name| safe.contains(name) || bound.contains(name));
    match (&left.kind, &right.kind) {
        (TermKind::Array(lefts), TermKind::Array(rights)) if lefts.len() == rights.len() => {
            lefts.iter().zip(rights).for_each(|(left, right)| once(left, right, safe, bound));
        }
        (TermKind::Object(lefts), TermKind::Object(rights)) if lefts.len() == rights.len() => {
            for (key, left) in lefts {
                if let Some((_, right)) = rights.iter().find(|(other, _)| same_key(key, other)) {
                    once(left, right, safe, bound);
                }
            }
        }
        (TermKind::Array(_), TermKind::Array(_)) | (TermKind::Object(_), TermKind::Object(_)) => {}
        _ if known(right, bound) => pattern(left, bound),
        _ if known(left, bound) => pattern(right, bound),
        _ => {}
    }
}

fn same_key(left: &Term, right: &Term) -> bool {
    match (&left.kind, &right.kind) {
        (TermKind::String(left), TermKind::String(right))
        | (TermKind::Number(left), TermKind::Number(right))
        | (TermKind::Var(left), TermKind::Var(right)) => left == right,
        (TermKind::Boolean(left), TermKind::Boolean(right)) => left == right,
        (TermKind::Null, TermKind::Null) => true,
        _ => false,
    }
}

/// Finds the references in calls that are operands.
struct Nested<'a> {
    safe: &'a Names,
    bound: Names,
    depth: usize,
}

impl<'t> Visit<'t> for Nested<'_> {
    fn body(&mut self, _: &'t crate::rego::ast::Body) {}

    fn term(&mut self, term: &'t Term) {
        let is_call = matches!(term.kind, TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..));
        if is_call && self.depth > 0 {
            self.bound.extend(of_terms(&[term], self.safe));
            return;
        }
        self.depth += 1;
        walk_term(self, term);
        self.depth -= 1;
    }
}
