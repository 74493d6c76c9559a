//! `print`: an undefined operand is printed as `<undefined>`, and does not fail the body.

use super::lower::{Lower, Lowered};
use crate::rego::ast::{Expr, ExprKind, Ref, Span, Term, TermKind};

impl Lower<'_> {
    /// `print(arguments)`
    pub(super) fn print(&mut self, span: Span, function: &Term, arguments: &[Term]) -> Lowered<()> {
        let arguments = arguments.iter().map(|argument| self.printed(argument)).collect::<Lowered<_>>()?;
        let call = Term::new(span, TermKind::Call(Box::new(function.clone()), arguments));
        self.steps.emit(span, ExprKind::Term(call));
        Ok(())
    }

    /// `[x | x := argument][0]`: undefined where the argument is, whatever steps the argument takes.
    fn printed(&mut self, argument: &Term) -> Lowered<Term> {
        let (body, mut heads) = self.closed(&Vec::<Expr>::new(), &[argument])?;
        let Some(head) = heads.pop() else {
            return Ok(argument.clone());
        };
        if head.is_scalar() || head.as_var().is_some_and(|name| self.steps.local.contains(name)) {
            return Ok(head);
        }
        let span = argument.span;
        let all = self.steps.assign(Term::new(span, TermKind::ArrayComprehension(Box::new(head), body)));
        Ok(Term::new(span, TermKind::Ref(Ref { head: Box::new(all), path: vec![Term::number(span, "0")] })))
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
