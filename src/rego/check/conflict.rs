//! Rules that cannot stand beside each other.

use std::collections::BTreeSet;

use super::index::{Entry, Index};
use super::{Report, World};
use crate::rego::ast::RuleKind;
use crate::rego::diagnostic::Code;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    world.index.walk(&mut |node| {
        if !node.rules.is_empty() {
            at(node, report);
        }
    });
    packages(world, report);
}

/// The rules of one path.
fn at(node: &Index<'_>, report: &mut Report<'_>) {
    let Some(first) = node.rules.first() else { return };
    // OPA names the last one.
    let name = node.rules.last().map(Entry::name).unwrap_or_default();
    let extent = extended(node);
    if !extent.is_empty() {
        let others = extent.iter().map(|entry| format!("{} at {}", entry.name(), report.place(entry.rule.span)));
        let others: Vec<String> = others.collect();
        report.push(first.rule.span, Code::Type, format!("rule {name} conflicts with [{}]", others.join(", ")));
        return;
    }
    let arities: BTreeSet<usize> = node.rules.iter().map(|entry| entry.rule.head.parameters.as_ref().map_or(0, Vec::len)).collect();
    let kinds: BTreeSet<(bool, bool)> = node.rules.iter().map(|entry| (is_set(entry), entry.is_ground())).collect();
    if arities.len() > 1 || kinds.len() > 1 {
        report.push(first.rule.span, Code::Type, format!("conflicting rules {name} found"));
        return;
    }
    let defaults: Vec<&Entry<'_>> = node.rules.iter().filter(|entry| entry.rule.default).collect();
    if let [first, _, ..] = defaults.as_slice() {
        let places: Vec<String> = defaults.iter().map(|entry| report.place(entry.rule.span)).collect();
        let message = format!("multiple default rules {name} found at {}", places.join(", "));
        report.push(first.rule.span, Code::Type, message);
    }
}

fn is_set(entry: &Entry<'_>) -> bool {
    entry.rule.kind() == RuleKind::PartialSet
}

/// The rules that stand where a rule of this path has its value: none may stand in a constant name's, no function in any.
fn extended<'a>(node: &Index<'a>) -> Vec<Entry<'a>> {
    if node.children.is_empty() {
        return Vec::new();
    }
    let below = node.below();
    if node.rules.iter().any(Entry::is_ground) {
        return below;
    }
    below.into_iter().filter(|entry| entry.rule.kind() == RuleKind::Function).collect()
}

/// A rule cannot have the path of a package.
fn packages(world: &World<'_>, report: &mut Report<'_>) {
    let packages: BTreeSet<&[String]> = world.modules.iter().map(|module| module.package.path.as_slice()).collect();
    for module in world.modules {
        for rule in &module.rules {
            let entry = Entry { module, rule, number: 0 };
            let path = entry.path();
            if entry.is_ground() && packages.contains(path.as_slice()) {
                let message = format!(
                    "package {} conflicts with rule {} defined at {}",
                    super::index::spelled(&path),
                    entry.name(),
                    report.place(rule.span)
                );
                report.push(module.package.span, Code::Type, message);
            }
        }
    }
}
