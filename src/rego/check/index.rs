//! All rules by their paths: a tree along `data.package.name`, as far as names are constant.

use std::collections::BTreeMap;

use super::variable::shown;
use crate::rego::ast::{Module, Rule, Term, TermKind};

/// The tree of rules.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// What lies below, by element.
    pub(super) children: BTreeMap<String, Index<'a>>,
    /// The rules whose constant part ends here.
    pub(super) rules: Vec<Entry<'a>>,
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) module: &'a Module,
    pub(super) rule: &'a Rule,
    /// Its number among all rules.
    pub(super) number: usize,
}

impl<'a> Index<'a> {
    pub(super) fn new(modules: &'a [Module]) -> Self {
        let mut root = Self::default();
        let rules = modules.iter().flat_map(|module| module.rules.iter().map(move |rule| (module, rule)));
        for (number, (module, rule)) in rules.enumerate() {
            let mut node = &mut root;
            let entry = Entry { module, rule, number };
            for element in entry.path() {
                node = node.children.entry(element).or_default();
            }
            node.rules.push(entry);
        }
        root
    }

    /// The node at this path.
    pub(super) fn find<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter().try_fold(self, |node, element| node.children.get(element.as_ref()))
    }

    /// The node and all below it.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        self.children.values().for_each(|child| child.walk(visit));
    }

    /// All rules below this node, itself left out.
    pub(super) fn below(&self) -> Vec<Entry<'a>> {
        let mut found = Vec::new();
        for child in self.children.values() {
            child.walk(&mut |node| found.extend(&node.rules));
        }
        found
    }
}

impl Entry<'_> {
    /// Package and name, up to the first element that is no constant.
    pub(super) fn path(&self) -> Vec<String> {
        let name = self.rule.head.name.head.as_var().unwrap_or_default();
        let package = self.module.package.path.iter().cloned();
        package.chain([name.to_owned()]).chain(self.rule.head.name.path.iter().map_while(constant)).collect()
    }

    /// Whether all of its name is constant.
    pub(super) fn is_ground(&self) -> bool {
        self.rule.head.name.path.iter().all(|element| constant(element).is_some())
    }

    /// As messages show it: `data.p.q[x]`.
    pub(super) fn name(&self) -> String {
        let mut name = format!("data.{}", spelled(&self.path()));
        for element in self.rule.head.name.path.iter().skip_while(|element| constant(element).is_some()) {
            match (element.as_var(), constant(element)) {
                (Some(variable), _) => name.extend(["[", shown(variable), "]"]),
                (None, Some(element)) => name.push_str(&spelled(&[String::new(), element])),
                (None, None) => name.push_str("[_]"),
            }
        }
        name
    }
}

/// An element of a path, if it is a constant: other scalars than strings cannot be taken for one.
pub(super) fn constant(element: &Term) -> Option<String> {
    match &element.kind {
        TermKind::String(name) => Some(name.clone()),
        TermKind::Number(text) => Some(format!("\u{0}{text}")),
        TermKind::Boolean(value) => Some(format!("\u{0}{value}")),
        TermKind::Null => Some("\u{0}null".to_owned()),
        _ => None,
    }
}

/// `a.b["c d"]`
pub(super) fn spelled(path: &[String]) -> String {
    let mut text = String::new();
    for (index, name) in path.iter().enumerate() {
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match (plain, name.strip_prefix('\u{0}')) {
            (_, Some(scalar)) => text.extend(["[", scalar, "]"]),
            (_, None) if index == 0 => text.push_str(name),
            (true, None) => text.extend([".", name]),
            (false, None) => text.extend(["[\"", name, "\"]"]),
        }
    }
    text
}
