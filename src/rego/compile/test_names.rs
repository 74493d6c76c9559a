//! Tests of the same name: each rule is a test of its own, as `opa test` has it, whatever it defines.

use std::collections::BTreeMap;

use crate::rego::ast::{Fresh, Module, Rule, RuleKind, TermKind};

/// Renames all tests of a name in a package but the first. What they were called, by what they are called now: the second `t`
/// was `t#01`, the third `t#02`.
pub(super) fn apart(modules: &mut [Module], fresh: &mut Fresh) -> BTreeMap<String, String> {
    let (mut seen, mut aliases) = (BTreeMap::new(), BTreeMap::new());
    for module in modules {
        for rule in &mut module.rules {
            let Some(name) = own_name(rule) else { continue };
            let times: &mut usize = seen.entry((module.package.path.clone(), name.clone())).or_default();
            if *times > 0
                && let Some(last) = name.last()
            {
                let renamed = fresh.name("test");
                aliases.insert(renamed.clone(), format!("{last}#{times:02}"));
                rename(rule, name.len(), renamed);
            }
            *times += 1;
        }
    }
    aliases
}

/// The name of a test, without what names its cases: `["main", "test_a"]` of `main.test_a[case]`.
fn own_name(rule: &Rule) -> Option<Vec<String>> {
    if rule.kind() == RuleKind::Function {
        return None;
    }
    let name = rule.ground_name();
    let own = name.iter().position(|name| name.starts_with("test_"))?;
    Some(name.into_iter().take(own + 1).map(str::to_owned).collect())
}

/// Gives the element of this number, from 1, of a rule's name another name.
fn rename(rule: &mut Rule, number: usize, renamed: String) {
    let name = &mut rule.head.name;
    match number.checked_sub(2) {
        None => {
            if let TermKind::Var(first) = &mut name.head.kind {
                *first = renamed;
            }
        }
        Some(index) => {
            if let Some(TermKind::String(element)) = name.path.get_mut(index).map(|term| &mut term.kind) {
                *element = renamed;
            }
        }
    }
}
