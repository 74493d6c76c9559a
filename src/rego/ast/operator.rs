//! Operators as calls: OPA reads `a - b` as `minus(a, b)` and looks that name up like any other.

use super::{Expr, ExprKind, Term, TermKind};

/// The name of the builtin behind an operator, and what follows it behind a dot.
pub(crate) type Operated = (&'static str, Option<&'static str>);

impl Term {
    /// The builtin that the operator of this term stands for.
    pub(crate) const fn operated(&self) -> Option<Operated> {
        match &self.kind {
            TermKind::Binary(operator, ..) => Some((operator.builtin(), None)),
            TermKind::Member(None, ..) => Some(("internal", Some("member_2"))),
            TermKind::Member(Some(_), ..) => Some(("internal", Some("member_3"))),
            _ => None,
        }
    }

    /// Calls `function` in place of the operator.
    pub(crate) fn operate(&mut self, function: Self) {
        let operands = match std::mem::replace(&mut self.kind, TermKind::Null) {
            TermKind::Binary(_, left, right) => vec![*left, *right],
            TermKind::Member(key, value, collection) => key.map(|key| *key).into_iter().chain([*value, *collection]).collect(),
            kind => return self.kind = kind,
        };
        self.kind = TermKind::Call(Box::new(function), operands);
    }
}

impl Expr {
    /// The builtin that the operator of this expression stands for.
    pub(crate) const fn operated(&self) -> Option<Operated> {
        match &self.kind {
            ExprKind::Unify(..) => Some(("eq", None)),
            ExprKind::Assign(..) => Some(("assign", None)),
            _ => None,
        }
    }

    /// Calls `function` in place of the operator.
    pub(crate) fn operate(&mut self, function: Term) {
        if let ExprKind::Unify(left, right) | ExprKind::Assign(left, right) = &self.kind {
            let call = TermKind::Call(Box::new(function), vec![left.clone(), right.clone()]);
            self.kind = ExprKind::Term(Term::new(self.span, call));
        }
    }
}
