//! Operators: those that raise errors in regorus become calls of functions that are undefined instead (O1, O2, N1, N2).

use crate::rego::ast::{Operator, Span, Term, TermKind};

/// `key, value in collection`
pub(super) const MEMBER: &str = "internal.member_3";

/// `left operator right`, both ground. Comparisons are regorus's own.
pub(super) fn binary(span: Span, operator: Operator, left: Term, right: Term) -> Term {
    match operator {
        Operator::Plus | Operator::Minus | Operator::Mul | Operator::Div | Operator::Rem | Operator::And | Operator::Or => {
            Term::call(span, operator.builtin(), vec![left, right])
        }
        _ => Term::new(span, TermKind::Binary(operator, Box::new(left), Box::new(right))),
    }
}
