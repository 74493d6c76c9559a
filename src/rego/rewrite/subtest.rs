//! Cases of a test: `test_concat[case.note] if { some case in ..; .. }`. As soon as the names of a case are known the body says
//! that the case is tried, so that one that fails later is known by its name. OPA does it in the same place.

use super::lower::{Lower, Lowered, Variables};
use super::world::World;
use crate::rego::ast::{ExprKind, Rule, RuleKind, Term, TermKind};

/// Says that a case is tried: the array of its names.
pub(crate) const CASE: &str = "__vidimus_case";

/// Prefixes of the names of tests.
const PREFIXES: [&str; 2] = ["test_", "todo_test_"];

/// What names the cases of a rule that is a test of several, behind the test's own name.
pub(super) fn of_rule(world: &World<'_>, rule: &Rule) -> Option<Vec<Term>> {
    if rule.kind() != RuleKind::PartialObject {
        return None;
    }
    let name = rule.ground_name();
    // Tests that share a name with another one have been given names of their own.
    let renamed = format!("{}test", world.prefix);
    let own = name.iter().position(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || name.starts_with(&renamed))?;
    Some(rule.head.name.path.get(own..)?.to_vec())
}

impl Lower<'_> {
    /// Says that a case is tried, if it is not said yet and its names have values by now.
    pub(super) fn case(&mut self) -> Lowered<()> {
        let known = |name: &Term| {
            let Variables { plain, closed, .. } = Variables::of_term(name);
            plain.iter().chain(&closed).all(|name| self.steps.value_of(name).is_some())
        };
        let Some(names) = self.case.as_ref().filter(|names| names.iter().all(known)).cloned() else { return Ok(()) };
        self.case = None;
        let span = names.first().map(|name| name.span).unwrap_or_default();
        let names = names.iter().map(|name| self.ground(name)).collect::<Lowered<Vec<_>>>()?;
        let call = Term::call(span, CASE, vec![Term::new(span, TermKind::Array(names))]);
        self.steps.emit(span, ExprKind::Term(call));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::CASE;
    use crate::rego::Table;
    use crate::rego::compile::{Options, Purpose, Source, compile};

    fn printed(purpose: Purpose) -> String {
        let text = "package t\ntest_x[case.note] if { some case in input.cases; got := case.a; got == 1 }\nx[y] if some y in input.z";
        let sources = [Source { name: "t.rego".to_owned(), text: text.into(), version: None }];
        let table = Table::new();
        let program = compile(&sources, &Options { purpose, ..Options::new(&table) }).unwrap();
        program.spelled_out().concat()
    }

    /// As in OPA: right behind the expression that gives the last variable of the names its value.
    #[test]
    fn a_case_is_noted_as_soon_as_it_has_a_name() {
        let text = printed(Purpose::Tests);
        let noted = text.find(CASE).unwrap();
        assert!(text.find("input.cases").unwrap() < noted && noted < text.find("== 1").unwrap(), "{text}");
        assert_eq!(text.matches(CASE).count(), 1, "{text}");
        assert!(!printed(Purpose::Policy).contains(CASE));
    }
}
