//! `print`: an undefined operand is printed as `<undefined>`, and does not fail the body.

use super::lower::{Lower, Lowered};
use crate::rego::ast::{Expr, ExprKind, Ref, Span, Term, TermKind};

/// Notes what is printed in the steps of an evaluation: an array for each operand, empty where that is undefined.
pub(crate) const NOTE: &str = "__vidimus_note";

/// An operand whose steps do not fail the body.
enum Operand {
    /// It is defined.
    Value(Term),
    /// An array of its value, if it has one.
    All(Term),
}

impl Lower<'_> {
    /// `print(arguments)`
    pub(super) fn print(&mut self, span: Span, function: &Term, arguments: &[Term]) -> Lowered<()> {
        let operands = arguments.iter().map(|argument| self.operand(argument)).collect::<Lowered<Vec<_>>>()?;
        if self.world.noted {
            let all = operands.iter().map(|operand| operand.all(span)).collect();
            self.steps.emit(span, ExprKind::Term(Term::call(span, NOTE, vec![Term::new(span, TermKind::Array(all))])));
        }
        let operands = operands.into_iter().map(|operand| operand.printed(span)).collect();
        let call = Term::new(span, TermKind::Call(Box::new(function.clone()), operands));
        self.steps.emit(span, ExprKind::Term(call));
        Ok(())
    }

    /// `[x | x := argument]`, whatever steps the argument takes.
    fn operand(&mut self, argument: &Term) -> Lowered<Operand> {
        let (body, mut heads) = self.closed(&Vec::<Expr>::new(), &[argument])?;
        let Some(head) = heads.pop() else {
            return Ok(Operand::Value(argument.clone()));
        };
        if head.is_scalar() || head.as_var().is_some_and(|name| self.steps.local.contains(name)) {
            return Ok(Operand::Value(head));
        }
        let all = Term::new(argument.span, TermKind::ArrayComprehension(Box::new(head), body));
        Ok(Operand::All(self.steps.assign(all)))
    }
}

impl Operand {
    /// Undefined where the operand is.
    fn printed(self, span: Span) -> Term {
        match self {
            Self::Value(term) => term,
            Self::All(all) => Term::new(span, TermKind::Ref(Ref { head: Box::new(all), path: vec![Term::number(span, "0")] })),
        }
    }

    /// An array of it.
    fn all(&self, span: Span) -> Term {
        match self {
            Self::Value(term) => Term::new(span, TermKind::Array(vec![term.clone()])),
            Self::All(all) => all.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA prints `<undefined>` and goes on.
    #[test]
    fn an_undefined_operand_is_printed() {
        let expected = r#"
p if {
  __00002 := [__00001 |
    __00001 := input.x
  ]
  print("x", __00002[0])
  input.y
}
"#;
        assert_eq!(lowered(&[r#"p if { print("x", input.x); input.y }"#]), expected.trim());
    }
}
