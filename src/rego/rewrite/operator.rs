//! Operators: those that raise errors in regorus become calls of the builtins they stand for, which
//! are undefined instead (O1, O2) and compute with decimals (N1, N2).

use crate::rego::ast::{Operator, Span, Term, TermKind};

/// `key, value in collection`
pub(super) const MEMBER: &str = "internal.member_3";

/// `left operator right`, both ground. What compares with a scalar, and whether two values are the same, is regorus's own;
/// it orders sets before objects, and OPA objects before sets (L6).
pub(super) fn binary(span: Span, operator: Operator, left: Term, right: Term) -> Term {
    let own = match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => left.is_scalar() || right.is_scalar(),
        _ => false,
    };
    if own {
        return Term::new(span, TermKind::Binary(operator, Box::new(left), Box::new(right)));
    }
    Term::call(span, operator.builtin(), vec![left, right])
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: undefined, and decimals are exact (O1, O2, N1, N2).
    #[test]
    fn an_operator_on_wrong_types_is_undefined() {
        let expected = r"
p := __00001 if {
  __00001 := plus(input.x, 1)
}

q if {
  input.x < 1
}
";
        assert_eq!(
            lowered(&[r"p := input.x + 1
q if input.x < 1"]),
            expected.trim()
        );
    }
}
