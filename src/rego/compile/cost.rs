//! How long regorus's parser takes for a rule, in terms read: the first item of a collection is read twice, and so is an
//! expression that assigns nothing.

use crate::rego::ast::{Body, Expr, ExprKind, Rule, Span, Term, TermKind, Visit, walk_expr, walk_rule, walk_term};

/// The most that a rule may cost: about half a second.
const LIMIT: u64 = 5_000_000;

/// Where a rule stands that would take too long.
pub(super) fn excess(rule: &Rule) -> Option<Span> {
    let mut reader = Reader { cost: 0 };
    walk_rule(&mut reader, rule);
    (reader.cost > LIMIT).then_some(rule.span)
}

struct Reader {
    cost: u64,
}

impl Reader {
    /// What it costs to read something.
    fn of(&mut self, read: impl FnOnce(&mut Self)) -> u64 {
        let before = std::mem::take(&mut self.cost);
        read(self);
        std::mem::replace(&mut self.cost, before)
    }

    fn add(&mut self, cost: u64, times: u64) {
        self.cost = self.cost.saturating_add(cost.saturating_mul(times));
    }
}

impl<'a> Visit<'a> for Reader {
    fn body(&mut self, body: &'a Body) {
        for expr in body {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        let cost = self.of(|reader| walk_expr(reader, expr));
        self.add(cost, if matches!(expr.kind, ExprKind::Term(_)) { 2 } else { 1 });
    }

    fn term(&mut self, term: &'a Term) {
        self.add(1, 1);
        let item = |reader: &mut Self, item: &'a Term, first: bool| {
            let cost = reader.of(|reader| reader.term(item));
            reader.add(cost, if first { 2 } else { 1 });
        };
        match &term.kind {
            TermKind::Array(items) | TermKind::Set(items) => {
                items.iter().enumerate().for_each(|(index, term)| item(self, term, index == 0));
            }
            TermKind::Object(members) => {
                for (index, (key, value)) in members.iter().enumerate() {
                    item(self, key, index == 0);
                    item(self, value, index == 0);
                }
            }
            _ => walk_term(self, term),
        }
    }
}
