//! What an equation binds: OPA's unification of terms whose values are not known.

use std::collections::BTreeMap;

use super::super::variable::{Names, name};
use super::output::{Known, is_ref_safe};
use super::variables::{Skip, of_term, seen};
use crate::rego::ast::{Term, TermKind};

/// The variables that get a value from `left = right` where those that are `known` have one.
pub(super) fn unify(known: &Known<'_>, left: &Term, right: &Term) -> Names {
    let mut unifier = Unifier { known, unified: Names::new(), unknown: BTreeMap::new() };
    unifier.terms(left, right);
    unifier.unified
}

struct Unifier<'a> {
    known: &'a Known<'a>,
    unified: Names,
    /// Which variables each waits for.
    unknown: BTreeMap<String, Names>,
}

/// What matters of a term here.
enum Shape<'t> {
    Variable(String),
    Array(&'t [Term]),
    Object(&'t [(Term, Term)]),
    /// A reference or call, and whether it can be evaluated.
    Computed(bool),
    ArrayClosure,
    ObjectClosure,
    SetClosure,
    Other,
}

impl Unifier<'_> {
    fn shape<'t>(&self, term: &'t Term) -> Shape<'t> {
        match &term.kind {
            TermKind::Ref(reference) => Shape::Computed(is_ref_safe(reference, |name| self.known.has(name))),
            TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..) => {
                Shape::Computed(seen(term).iter().all(|name| self.known.has(name)))
            }
            TermKind::Array(items) => Shape::Array(items),
            TermKind::Object(members) => Shape::Object(members),
            TermKind::ArrayComprehension(..) => Shape::ArrayClosure,
            TermKind::ObjectComprehension(..) => Shape::ObjectClosure,
            TermKind::SetComprehension(..) => Shape::SetClosure,
            TermKind::Var(variable) if variable == "input" || variable == "data" => Shape::Computed(true),
            _ => name(term).map_or(Shape::Other, Shape::Variable),
        }
    }

    fn is_safe(&self, variable: &str) -> bool {
        self.known.has(variable) || self.unified.contains(variable)
    }

    fn terms(&mut self, left: &Term, right: &Term) {
        match (self.shape(left), self.shape(right)) {
            (Shape::Variable(left), Shape::Variable(right)) => self.variables(left, right),
            (Shape::Variable(variable), Shape::Array(_) | Shape::Object(_)) => self.composite(&variable, right),
            (Shape::Array(_) | Shape::Object(_), Shape::Variable(variable)) => self.composite(&variable, left),
            (Shape::Variable(variable), other) | (other, Shape::Variable(variable)) if !matches!(other, Shape::Computed(false)) => {
                self.mark(&variable);
            }
            (Shape::Computed(true), Shape::Array(_) | Shape::Object(_))
            | (Shape::ArrayClosure, Shape::Array(_))
            | (Shape::ObjectClosure, Shape::Object(_)) => self.mark_all(right),
            (Shape::Array(_) | Shape::Object(_), Shape::Computed(true))
            | (Shape::Array(_), Shape::ArrayClosure | Shape::ObjectClosure | Shape::SetClosure) => self.mark_all(left),
            (Shape::Array(lefts), Shape::Array(rights)) if lefts.len() == rights.len() => {
                lefts.iter().zip(rights).for_each(|(left, right)| self.terms(left, right));
            }
            (Shape::Object(lefts), Shape::Object(rights)) if lefts.len() == rights.len() => {
                for (key, left) in lefts {
                    if let Some((_, right)) = rights.iter().find(|(other, _)| is_same(key, other)) {
                        self.terms(left, right);
                    }
                }
            }
            _ => {}
        }
    }

    fn variables(&mut self, left: String, right: String) {
        if self.is_safe(&right) {
            self.mark(&left);
        } else if self.is_safe(&left) {
            self.mark(&right);
        } else {
            self.unknown.entry(left.clone()).or_default().insert(right.clone());
            self.unknown.entry(right).or_default().insert(left);
        }
    }

    /// A variable and an array or object.
    fn composite(&mut self, variable: &str, term: &Term) {
        if self.is_safe(variable) {
            return self.mark_all(term);
        }
        let mut needed = Names::new();
        of_term(term, Skip::Bound, &mut needed);
        needed.retain(|name| !self.is_safe(name));
        if needed.is_empty() {
            self.mark(variable);
        } else {
            self.unknown.entry(variable.to_owned()).or_default().extend(needed);
        }
    }

    fn mark_all(&mut self, term: &Term) {
        let mut names = Names::new();
        of_term(term, Skip::Bound, &mut names);
        for name in &names {
            self.mark(name);
        }
    }

    /// Notes that a variable has a value, and those that waited for it alone, or that it waited for.
    fn mark(&mut self, variable: &str) {
        let mut pending = vec![variable.to_owned()];
        while let Some(variable) = pending.pop() {
            if let Some(dependencies) = self.unknown.remove(&variable) {
                pending.extend(dependencies);
            }
            for (waiting, dependencies) in &mut self.unknown {
                if dependencies.remove(&variable) && dependencies.is_empty() {
                    pending.push(waiting.clone());
                }
            }
            self.unified.insert(variable);
        }
    }
}

/// Whether two keys are the same constant or the same variable.
fn is_same(one: &Term, other: &Term) -> bool {
    match (&one.kind, &other.kind) {
        (TermKind::Array(lefts), TermKind::Array(rights)) => {
            lefts.len() == rights.len() && lefts.iter().zip(rights).all(|(left, right)| is_same(left, right))
        }
        (left, right) => (one.is_scalar() || one.as_var().is_some()) && left == right,
    }
}
