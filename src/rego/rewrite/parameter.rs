//! Parameters of functions: what is no plain variable or constant is compared in the body (P2, P3).

use super::lower::Lower;
use crate::rego::ast::{Body, Expr, ExprKind, Term, TermKind};

impl Lower<'_> {
    /// The parameters as variables and constants, and what is left to compare.
    pub(super) fn parameters(&mut self, parameters: &[Term]) -> (Vec<Term>, Body) {
        let mut demands = Vec::new();
        let plain = parameters
            .iter()
            .map(|parameter| {
                match &parameter.kind {
                    TermKind::Null | TermKind::Boolean(_) | TermKind::String(_) => return parameter.clone(),
                    TermKind::Number(text) if !text.starts_with('-') => return parameter.clone(),
                    _ => {}
                }
                let operand = Term::var(parameter.span, self.steps.fresh());
                match &parameter.kind {
                    TermKind::Var(name) if self.is_open(parameter) => self.steps.bind(name, operand.clone()),
                    _ => demands.push(Expr::new(parameter.span, ExprKind::Unify(parameter.clone(), operand.clone()))),
                }
                operand
            })
            .collect();
        (plain, demands)
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: exact keys (P2), the same value for the same variable (P3).
    #[test]
    fn a_pattern_of_a_parameter_is_compared_in_the_body() {
        let expected = r#"
f(__00001, __00002) := __00005 if {
  is_array(__00001)
  count(__00001) == 2
  __00003 := __00001[0]
  __00004 := __00001[1]
  __00004 == __00003
  is_object(__00002)
  object.keys(__00002) == {"k"}
  __00005 := __00002.k
}
"#;
        assert_eq!(lowered(&[r#"f([x, x], {"k": y}) := y"#]), expected.trim());
    }
}
