//! Tests of the same name: each is a test of its own, as `opa test` has it.

use std::collections::BTreeMap;

use crate::rego::ast::{Fresh, Module, TermKind};

/// Renames all tests of a name in a package but the first. What they were called, by what they are called now: the second `t`
/// was `t#01`, the third `t#02`.
pub(super) fn apart(modules: &mut [Module], fresh: &mut Fresh) -> BTreeMap<String, String> {
    let (mut seen, mut aliases) = (BTreeMap::new(), BTreeMap::new());
    for module in modules {
        for rule in &mut module.rules {
            let TermKind::Var(name) = &mut rule.head.name.head.kind else { continue };
            if !name.starts_with("test_") || rule.default || !rule.head.name.path.is_empty() || rule.head.key.is_some() {
                continue;
            }
            let times: &mut usize = seen.entry((module.package.path.clone(), name.clone())).or_default();
            if *times > 0 {
                let renamed = fresh.name("test");
                aliases.insert(renamed.clone(), format!("{name}#{times:02}"));
                *name = renamed;
            }
            *times += 1;
        }
    }
    aliases
}
