//! `data` as a whole, which only queries may ask for: regorus shows what was evaluated so far. Its members are asked for one by
//! one, those that rewriting has made left out.

use super::lower::Lower;
use super::reference::select;
use crate::rego::ast::{Expr, ExprKind, Operator, Ref, Span, Term, TermKind};

impl Lower<'_> {
    /// `{k: data[k] | k := (object.keys(data) | packages)[_]; not startswith(k, "__")}`
    pub(super) fn whole_data(&mut self, span: Span) -> Term {
        let variable = |name: String| Term::var(span, name);
        let (names, index, key, value) =
            (variable(self.steps.fresh()), variable(self.steps.fresh()), variable(self.steps.fresh()), variable(self.steps.fresh()));
        let data = || Term::var(span, "data");
        let roots = self.world.roots().into_iter().map(|root| Term::string(span, root)).collect();
        let known = Term::call(span, "object.keys", vec![data()]);
        let all = super::operator::binary(span, Operator::Or, known, Term::new(span, TermKind::Set(roots)));
        let generated = Term::call(span, "startswith", vec![key.clone(), Term::string(span, self.world.prefix.clone())]);
        let asked = Ref { head: Box::new(Term::new(span, TermKind::Array(vec![key.clone()]))), path: vec![Term::number(span, "0")] };
        let asked = Term::new(span, TermKind::Ref(asked));
        let assign = |variable: &Term, value: Term| Expr::new(span, ExprKind::Assign(variable.clone(), value));
        let body = vec![
            assign(&names, all),
            assign(&key, select(names.clone(), index)),
            Expr::new(span, ExprKind::Not(Box::new(Expr::term(generated)))),
            assign(&value, select(data(), asked)),
        ];
        Term::new(span, TermKind::ObjectComprehension(Box::new(key), Box::new(value), body))
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `data` holds every package, evaluated or not.
    #[test]
    fn the_packages_are_asked_for_one_by_one() {
        let text = lowered(&["q := 1", "p := 2"]);
        assert!(!text.contains("object.keys"), "{text}");
        let program = crate::rego::compile::compile(
            &[crate::rego::Source { name: "t.rego".to_owned(), text: "package t\np := 1".into(), version: None }],
            &crate::rego::Options { query: Some("data"), ..crate::rego::Options::new(&crate::rego::Table::new()) },
        );
        let program = program.unwrap();
        assert!(program.spelled_out().iter().any(|text| text.contains("object.keys(data)") && text.contains("{\"t\"}")));
    }
}
