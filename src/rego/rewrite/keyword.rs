//! Rules whose name begins with a keyword (`if.foo := 1`, S4): regorus takes keywords behind the first element only, so
//! the first one becomes a part of the package.

use super::lower::Refusal;
use crate::rego::ast::{Head, Module, Package, Ref, Rule, Term};

/// What regorus takes for a keyword at the start of a rule.
const KEYWORDS: [&str; 15] =
    ["as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package", "some", "true", "with"];

/// The module without rules that begin with a keyword, and a module for each keyword that some do begin with.
pub(super) fn apart(module: Module, refusals: &mut Vec<Refusal>) -> Vec<Module> {
    if !module.rules.iter().any(|rule| keyword(rule).is_some()) {
        return vec![module];
    }
    let Module { rules, .. } = &module;
    let mut kept = Vec::with_capacity(rules.len());
    let mut moved: Vec<Module> = Vec::new();
    for rule in rules {
        let Some(word) = keyword(rule) else {
            kept.push(rule.clone());
            continue;
        };
        let Some(rule) = shortened(rule) else {
            let message = format!("a rule cannot be named `{word}` alone");
            refusals.push(Refusal::new(rule.head.span, message));
            continue;
        };
        let path: Vec<String> = module.package.path.iter().cloned().chain(std::iter::once(word.to_owned())).collect();
        let package = Package { path, ..module.package.clone() };
        moved.push(Module { package, rules: vec![rule], ..Module { rules: Vec::new(), ..module.clone() } });
    }
    let mut modules = vec![Module { rules: kept, ..module }];
    modules.extend(moved);
    modules
}

fn keyword(rule: &Rule) -> Option<&'static str> {
    let name = rule.head.name.head.as_var()?;
    KEYWORDS.into_iter().find(|&word| word == name)
}

/// The rule without the first element of its name.
fn shortened(rule: &Rule) -> Option<Rule> {
    let (first, rest) = rule.head.name.path.split_first()?;
    let head = Box::new(Term::var(first.span, first.as_string()?));
    let name = Ref { head, path: rest.to_vec() };
    Some(Rule { head: Head { name, ..rule.head.clone() }, ..rule.clone() })
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA takes keywords anywhere in references (S4).
    #[test]
    fn a_keyword_at_the_front_of_a_name_becomes_a_part_of_the_package() {
        let expected = r"
p := __00001 if {
  __00001 := data.t.if.foo
}
package t.if


foo := 1
";
        assert_eq!(
            lowered(&[r"if.foo := 1
p := data.t.if.foo"]),
            expected.trim()
        );
    }
}
