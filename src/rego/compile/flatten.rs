//! Collections in collections, taken apart where regorus's parser would take too long or too much stack.
//!
//! That parser reads the first item of a collection twice, so that each level there doubles its time, and it recurses
//! without a bound. A collection that is too high, or too costly where it stands first, is assigned to a variable of its own right
//! before the expression that uses it.

use crate::rego::ast::{
    Body, Expr, ExprKind, Fresh, Module, Rule, Term, TermKind, VisitMut, walk_expr_mut, walk_module_mut, walk_term_mut,
};

/// How much the first item of a collection may cost, in terms that are read.
const COST: u64 = 256;

/// How high a collection may be.
const HEIGHT: u32 = 16;

/// Takes all collections of a module apart that need it.
pub(super) fn apply(module: &mut Module, fresh: &mut Fresh) {
    walk_module_mut(&mut Flattener { fresh, before: Vec::new() }, module);
}

struct Flattener<'a> {
    fresh: &'a mut Fresh,
    /// What must stand before the expression that is visited.
    before: Body,
}

/// What it costs regorus to read a term.
#[derive(Clone, Copy)]
struct Weight {
    cost: u64,
    height: u32,
}

impl VisitMut for Flattener<'_> {
    fn rule(&mut self, rule: &mut Rule) {
        self.body(&mut rule.body);
        // The values of defaults are constants by form: they cannot use a variable.
        if !rule.default {
            let head = &mut rule.head;
            for term in head.key.iter_mut().chain(&mut head.value) {
                self.value(term);
            }
            rule.body.append(&mut self.before);
        }
        for branch in &mut rule.otherwise {
            self.body(&mut branch.body);
            if let Some(value) = &mut branch.value {
                self.value(value);
            }
            branch.body.append(&mut self.before);
        }
    }

    fn body(&mut self, body: &mut Body) {
        let outer = std::mem::take(&mut self.before);
        for mut expr in std::mem::take(body) {
            self.expr(&mut expr);
            body.append(&mut self.before);
            body.push(expr);
        }
        self.before = outer;
    }

    fn expr(&mut self, expr: &mut Expr) {
        // A pattern must stay where it is, and what stands under `with` is evaluated under it.
        let movable = expr.with.is_empty() && matches!(expr.kind, ExprKind::Assign(..) | ExprKind::Term(_));
        match &mut expr.kind {
            // Nothing may leave a negation: there it would decide otherwise where it is undefined.
            ExprKind::Not(_) => {}
            ExprKind::Assign(_, term) | ExprKind::Term(term) if movable => self.value(term),
            _ => walk_expr_mut(self, expr),
        }
    }

    fn term(&mut self, term: &mut Term) {
        match &mut term.kind {
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.closure(&mut [head], body);
            }
            TermKind::ObjectComprehension(key, value, body) => self.closure(&mut [key, value], body),
            _ => walk_term_mut(self, term),
        }
    }
}

impl Flattener<'_> {
    fn closure(&mut self, heads: &mut [&mut Box<Term>], body: &mut Body) {
        let outer = std::mem::take(&mut self.before);
        self.body(body);
        for head in heads {
            self.value(head);
        }
        body.append(&mut self.before);
        self.before = outer;
    }

    /// A term whose value is used: collections in it may be moved before the expression.
    fn value(&mut self, term: &mut Term) {
        // What a collection costs at its own place is no matter: nothing there is read twice.
        let _ = self.weigh(term);
    }

    fn weigh(&mut self, term: &mut Term) -> Weight {
        let mut total = Weight { cost: 1, height: 1 };
        match &mut term.kind {
            TermKind::Array(items) | TermKind::Set(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.add(&mut total, item, index == 0);
                }
            }
            TermKind::Object(members) => {
                for (index, (key, value)) in members.iter_mut().enumerate() {
                    self.add(&mut total, key, index == 0);
                    self.add(&mut total, value, index == 0);
                }
            }
            TermKind::Call(_, arguments) => {
                for argument in arguments {
                    self.add(&mut total, argument, false);
                }
            }
            _ => self.term(term),
        }
        total
    }

    fn add(&mut self, total: &mut Weight, item: &mut Term, first: bool) {
        let mut weight = self.weigh(item);
        let is_collection = matches!(item.kind, TermKind::Array(_) | TermKind::Set(_) | TermKind::Object(_));
        if is_collection && (weight.height >= HEIGHT || (first && weight.cost > COST)) {
            let name = self.fresh.name("part");
            let span = item.span;
            let moved = std::mem::replace(item, Term::var(span, &name));
            self.before.push(Expr::assign(name, moved));
            weight = Weight { cost: 1, height: 1 };
        }
        let times = if first { 2 } else { 1 };
        total.cost = total.cost.saturating_add(weight.cost.saturating_mul(times));
        total.height = total.height.max(weight.height + 1);
    }
}
