//! Calls: operators called by name, output operands, functions that are more than a call.

use super::lower::{Lower, Lowered, Refusal};
use crate::rego::ast::{Operator, Span, Term, TermKind};

impl Lower<'_> {
    /// A call whose value is wanted.
    pub(super) fn call(&mut self, span: Span, function: &Term, arguments: &[Term]) -> Lowered<Term> {
        let Some(path) = function.as_path() else {
            return Err(Refusal::new(function.span, "the name of a function cannot be computed"));
        };
        let name = path.join(".");
        match (name.as_str(), arguments) {
            ("walk", [value]) => return self.walk(span, value),
            ("rego.metadata.chain", []) => return Ok(self.active.chain(span, self.world)),
            ("rego.metadata.rule", []) => return Ok(self.active.rule(span)),
            ("internal.member_2", [value, collection]) => {
                let member = TermKind::Member(None, Box::new(value.clone()), Box::new(collection.clone()));
                return self.ground(&Term::new(span, member));
            }
            ("internal.member_3", [key, value, collection]) => {
                let member = TermKind::Member(Some(Box::new(key.clone())), Box::new(value.clone()), Box::new(collection.clone()));
                return self.ground(&Term::new(span, member));
            }
            ("print", _) => {
                self.print(span, function, arguments)?;
                return Ok(Term::new(span, TermKind::Boolean(true)));
            }
            (_, [left, right]) => {
                if let Some(operator) = infix(&name) {
                    let binary = TermKind::Binary(operator, Box::new(left.clone()), Box::new(right.clone()));
                    return self.ground(&Term::new(span, binary));
                }
            }
            _ => {}
        }
        let arguments = self.all(arguments)?;
        Ok(Term::new(span, TermKind::Call(Box::new(self.function(function)), arguments)))
    }

    /// The last operand, if it is one more than the function takes: `f(x, y)` is then `y = f(x)` (B7).
    pub(super) fn output_of<'t>(&self, function: &Term, arguments: &'t [Term]) -> Option<(&'t Term, &'t [Term])> {
        let path = function.as_path()?;
        let arity = self.world.arity(&path)?;
        let (output, operands) = arguments.split_last()?;
        (operands.len() == arity).then_some((output, operands))
    }
}

/// The operator that a builtin is written as.
fn infix(name: &str) -> Option<Operator> {
    Some(match name {
        "plus" => Operator::Plus,
        "minus" => Operator::Minus,
        "mul" => Operator::Mul,
        "div" => Operator::Div,
        "rem" => Operator::Rem,
        "and" => Operator::And,
        "or" => Operator::Or,
        "eq" | "equal" => Operator::Equal,
        "neq" => Operator::NotEqual,
        "lt" => Operator::Less,
        "lte" => Operator::LessEqual,
        "gt" => Operator::Greater,
        "gte" => Operator::GreaterEqual,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: a call as a statement may have its value as one more operand.
    #[test]
    fn an_output_operand_is_a_test_of_the_value() {
        let expected = r"
p if {
  1 == count(input.a)
}

q := __00001 if {
  __00001 := count(input.a)
}
";
        assert_eq!(
            lowered(&[r"p if count(input.a, 1)
q := x if count(input.a, x)"]),
            expected.trim()
        );
    }
}
