//! The order in which a body can be evaluated, and which variables stand in the way of one.

use std::collections::{BTreeSet, HashMap};

use super::super::variable::{Names, all_of_terms};
use super::variables::{Skip, closures, in_closures, of_expr};
use super::{World, operands, output};
use crate::rego::ast::{Body, Expr, ExprKind, Term};
use crate::rego::print::text_of;

/// Expressions, and the variables in each that have no value when it would be evaluated.
pub(super) type Unsafe<'t> = Vec<(&'t Expr, Names)>;

/// The expressions of a body in the order in which OPA evaluates them: each as soon as its variables have values. Those that
/// never get there come last.
pub(in super::super) fn ordered<'t>(world: &World<'_>, outer: &Names, body: &'t Body) -> Vec<&'t Expr> {
    let (mut ordered, waiting) = arrange(world, outer, body);
    ordered.extend(waiting.into_iter().map(|(expr, _)| expr));
    ordered
}

/// Looks for unsafe variables in bodies and in the closures in them.
pub(super) struct Order<'w, 'c, 't> {
    world: &'w World<'c>,
    pub(super) found: Unsafe<'t>,
}

impl<'w, 'c, 't> Order<'w, 'c, 't> {
    pub(super) const fn new(world: &'w World<'c>) -> Self {
        Self { world, found: Vec::new() }
    }

    /// A body where `outer` have values.
    pub(super) fn body(&mut self, outer: &Names, body: &'t Body) {
        let (ordered, waiting) = arrange(self.world, outer, body);
        self.found.extend(waiting);
        let mut known = outer.clone();
        for expr in ordered {
            if let ExprKind::Every { key, value, .. } = &expr.kind {
                known.extend(key.iter().chain([value]).map(|variable| variable.name.clone()));
            }
            let mut inner: Vec<(Vec<&'t Term>, &'t Body)> = Vec::new();
            match &expr.kind {
                ExprKind::Every { body, .. } => inner.push((Vec::new(), body)),
                _ if !operands(expr).is_empty() => inner.extend(operands(expr).iter().map(|body| (Vec::new(), body))),
                _ => closures(expr, &mut |heads, body| inner.push((heads.to_vec(), body))),
            }
            for (heads, body) in inner {
                self.closure(expr, &known, (&heads, body));
            }
            of_expr(self.world, expr, Skip::Checked, &mut known);
        }
    }

    fn closure(&mut self, around: &'t Expr, known: &Names, (heads, body): (&[&'t Term], &'t Body)) {
        let mut mentioned = known.clone();
        for expr in body {
            of_expr(self.world, expr, Skip::Checked, &mut mentioned);
        }
        let missing: Names = all_of_terms(heads.iter().copied()).difference(&mentioned).cloned().collect();
        if !missing.is_empty() {
            self.found.push((around, missing));
        }
        self.body(known, body);
    }
}

/// The expressions that can be ordered, and the others with what they lack.
fn arrange<'t>(world: &World<'_>, outer: &Names, body: &'t Body) -> (Vec<&'t Expr>, Unsafe<'t>) {
    let used: Vec<Names> = body
        .iter()
        .map(|expr| {
            let mut names = Names::new();
            of_expr(world, expr, Skip::Checked, &mut names);
            names
        })
        .collect();
    let all: Names = used.iter().flatten().cloned().collect();
    let texts = texts_of_similar(body, &used);
    let mut safe: Names = all.intersection(outer).cloned().collect();
    let mut ordered: Vec<usize> = Vec::with_capacity(body.len());
    let mut waiting: Vec<Waiting<'t>> = body
        .iter()
        .zip(used)
        .enumerate()
        .map(|(place, (expr, used))| {
            let closed: BTreeSet<String> = in_closures(world, expr).intersection(&all).cloned().collect();
            let closed = closed.difference(outer).cloned().collect();
            Waiting { expr, place, lacks: used.difference(&safe).cloned().collect(), closed }
        })
        .collect();
    loop {
        let before = waiting.len();
        waiting.retain_mut(|waiting| {
            if ordered.get(waiting.place).is_some_and(|other| are_alike(&texts, *other, waiting.place)) {
                return true;
            }
            let bound = output::of_expr(world, waiting.expr, &safe);
            if !waiting.is_ready(&bound, &safe) {
                return true;
            }
            ordered.push(waiting.place);
            safe.extend(bound);
            false
        });
        if waiting.len() == before {
            let ordered = ordered.into_iter().filter_map(|place| body.get(place)).collect();
            let missing = waiting.into_iter().filter(|waiting| !waiting.lacks.is_empty());
            return (ordered, missing.map(|waiting| (waiting.expr, waiting.lacks)).collect());
        }
    }
}

/// The text of each expression that uses what another uses, too: no others can be alike.
fn texts_of_similar(body: &Body, used: &[Names]) -> Vec<Option<String>> {
    let mut times: HashMap<&Names, usize> = HashMap::new();
    for names in used {
        *times.entry(names).or_default() += 1;
    }
    let is_similar = |names: &Names| times.get(names).is_some_and(|times| *times > 1);
    body.iter().zip(used).map(|(expr, names)| is_similar(names).then(|| text_of(expr))).collect()
}

/// Whether an expression, and the one that took its place in the order, say the same. OPA then takes the former for ordered already
/// (`reorderBodyForSafety`, which asks for an equal expression of the same number), and finds no values for what it uses.
fn are_alike(texts: &[Option<String>], one: usize, other: usize) -> bool {
    one != other && texts.get(one).is_some_and(|text| text.is_some() && Some(text) == texts.get(other))
}

/// An expression that is not in order yet.
struct Waiting<'t> {
    expr: &'t Expr,
    /// Its number in the body.
    place: usize,
    /// What it uses and has no value so far.
    lacks: Names,
    /// What its closures use of the variables of this body.
    closed: Names,
}

impl Waiting<'_> {
    fn is_ready(&mut self, bound: &Names, safe: &Names) -> bool {
        if !self.closed.is_empty() {
            // `x = [x | ..]` waits for itself.
            if self.closed == *bound {
                return false;
            }
            self.lacks.clone_from(&self.closed);
        }
        self.lacks.retain(|name| !bound.contains(name) && !safe.contains(name));
        self.lacks.is_empty()
    }
}
