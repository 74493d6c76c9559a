//! Template strings: `$"a {x}"` (S1). An undefined expression shows as `<undefined>`.

use super::lower::{Lower, Lowered};
use crate::rego::ast::{Expr, ExprKind, Span, TemplatePart, Term, TermKind};

impl Lower<'_> {
    /// `concat("", parts)`: texts as they are, each expression as its text.
    pub(super) fn template(&mut self, span: Span, parts: &[TemplatePart]) -> Lowered<Term> {
        let parts = parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(span, text) => Ok(Term::string(*span, text.clone())),
                TemplatePart::Expr(expr) => self.template_expr(expr),
            })
            .collect::<Lowered<_>>()?;
        Ok(Term::call(span, "concat", vec![Term::string(span, ""), Term::new(span, TermKind::Array(parts))]))
    }

    /// `array.concat([sprintf("%v", [x]) | x := expr], ["<undefined>"])[0]`
    fn template_expr(&mut self, expr: &Expr) -> Lowered<Term> {
        let span = expr.span;
        let (body, head) = self.closure(|lower| {
            let ExprKind::Term(value) = &expr.kind else {
                lower.body(&vec![expr.clone()], &[])?;
                return Ok(Term::string(span, "true"));
            };
            let mut with = lower.modifiers(&expr.with)?;
            std::mem::swap(&mut lower.steps.with, &mut with);
            let ground = lower.ground(value)?;
            let head = lower.settled(ground);
            lower.steps.with = with;
            let list = Term::new(span, TermKind::Array(vec![head]));
            Ok(Term::call(span, "sprintf", vec![Term::string(span, "%v"), list]))
        })?;
        let texts = Term::new(span, TermKind::ArrayComprehension(Box::new(head), body));
        let fallback = Term::new(span, TermKind::Array(vec![Term::string(span, "<undefined>")]));
        let all = Term::call(span, "array.concat", vec![texts, fallback]);
        let all = self.steps.assign(all);
        Ok(super::reference::select(all, Term::number(span, "0")))
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `$"{x}"` with an undefined `x` is `<undefined>` (S1).
    #[test]
    fn an_undefined_expression_shows_as_undefined() {
        let expected = r#"
p := __00003 if {
  __00002 := array.concat([sprintf("%v", [__00001]) |
    __00001 := input.x
  ], ["<undefined>"])
  __00003 := concat("", ["a ", __00002[0], "!"])
}
"#;
        assert_eq!(lowered(&[r#"p := $"a {input.x}!""#]), expected.trim());
    }
}
