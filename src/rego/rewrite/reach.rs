//! Rules that nothing asked for reaches are left out: what they replace by `with` is then no reason to evaluate others anew.
//!
//! They are checked like all others. Test files beside a policy are what it is for.

use std::collections::BTreeSet;

use super::memo::Graph;
use super::resolve;
use super::world::World;
use crate::rego::ast::{Module, Rule};
use crate::rego::compile::{Options, Purpose, Query};

/// A module with the rules of it that are still there, as they were written and resolved.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub(super) module: &'a Module,
    pub(super) rules: Vec<(&'a Rule, Rule)>,
}

impl<'a> Resolved<'a> {
    /// All rules of a module.
    pub(super) fn of(world: &World<'_>, module: &'a Module) -> Self {
        Self { module, rules: module.rules.iter().map(|rule| (rule, resolve::rule(world, module, rule))).collect() }
    }

    /// The rules as they were written.
    pub(super) fn written(&self) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().map(|(rule, _)| *rule)
    }
}

/// Leaves out what neither the query nor a rule that will be asked for reaches; tells whether it was known what will be.
pub(super) fn prune(modules: &mut [Resolved<'_>], options: &Options<'_>, query: Option<&Query>) -> bool {
    if !options.levers.pruning || options.purpose != Purpose::Policy {
        return false;
    }
    let asked = match (query, options.entries) {
        // What is asked is `data`, which no rule can answer.
        (Some(_), _) if options.query.is_some_and(|text| text.trim() == "data") => return false,
        (Some(_), _) => modules.last().map(paths).unwrap_or_default(),
        (None, Some(entries)) => {
            let is_asked = |path: &Vec<String>, package: usize| {
                path.split_at_checked(package)
                    .is_some_and(|(package, name)| name.first().is_some_and(|name| entries.contains(package, name)))
            };
            let all = modules.iter().flat_map(|module| paths(module).into_iter().map(|path| (path, module.module.package.path.len())));
            all.filter(|(path, package)| is_asked(path, *package)).map(|(path, _)| path).collect()
        }
        (None, None) => return false,
    };
    let rules = modules.iter().flat_map(|module| module.rules.iter().map(|(_, rule)| (module.module.package.path.as_slice(), rule)));
    let reached = Graph::of_rules(rules).reachable(asked);
    for module in modules {
        let package = &module.module.package.path;
        module.rules.retain(|(_, rule)| reached.contains(&path(package, rule)));
    }
    true
}

fn paths(module: &Resolved<'_>) -> BTreeSet<Vec<String>> {
    module.rules.iter().map(|(_, rule)| path(&module.module.package.path, rule)).collect()
}

/// The path of a rule without `data`, as far as it is made of strings.
pub(super) fn path(package: &[String], rule: &Rule) -> Vec<String> {
    package.iter().cloned().chain(rule.ground_name().into_iter().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use crate::rego::compile::{Entries, Options, Source, compile};
    use crate::rego::{Levers, Table};

    #[derive(Debug)]
    struct Deny;

    impl Entries for Deny {
        fn contains(&self, _: &[String], name: &str) -> bool {
            name == "deny"
        }
    }

    fn printed(modules: &[&str], options: &Options<'_>) -> String {
        let source = |text: &&str| Source { name: "m.rego".to_owned(), text: (*text).into(), version: None };
        let sources: Vec<Source> = modules.iter().map(source).collect();
        compile(&sources, options).unwrap().spelled_out().concat()
    }

    const MODULES: [&str; 2] = [
        "package a\nimport data.lib\ndeny contains x if some x in lib.costly\nunused if input.x\ndynamic := data.names[input.n]",
        "package lib\ncostly contains x if { some x in data.list; count(x) > 1 }\nother := 1\n\
         test_it if count(costly) == 1 with data.list as [[1, 2]] with count as 3",
    ];

    #[test]
    fn what_is_not_reached_is_left_out_and_replaces_nothing() {
        let table = Table::new();
        let pruned = printed(&MODULES, &Options { entries: Some(&Deny), ..Options::new(&table) });
        for gone in ["unused", "dynamic", "other", "test_it", "b_count"] {
            assert!(!pruned.contains(gone), "{gone}: {pruned}");
        }
        assert!(pruned.contains("__vidimus_lasting("), "{pruned}");
        let levers = Levers { pruning: false, ..Levers::ALL };
        let whole = printed(&MODULES, &Options { entries: Some(&Deny), levers, ..Options::new(&table) });
        assert!(whole.contains("unused") && whole.contains("b_count") && !whole.contains("__vidimus_lasting("), "{whole}");
    }

    #[test]
    fn what_may_be_reached_is_kept() {
        let table = Table::new();
        let names = "package names\na.b := 1\nc[x] := x if some x in input.y";
        let kept = |query| printed(&[MODULES[0], MODULES[1], names], &Options { query: Some(query), ..Options::new(&table) });
        assert!(kept("data.a.dynamic").contains("a.b := 1"), "{}", kept("data.a.dynamic"));
        assert!(kept("data[input.p].deny").contains("test_it"));
        assert!(kept("data").contains("unused"));
        let one = kept("data.names.a.b == 1");
        assert!(one.contains("a.b := 1") && !one.contains("c["), "{one}");
    }
}
