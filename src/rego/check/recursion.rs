//! Recursion: no rule may depend on itself, whatever its references turn out to mean.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Entry, Index, constant};
use super::{Report, World};
use crate::rego::ast::{Expr, ExprKind, Term, TermKind, Visit, walk_expr, walk_rule, walk_term};
use crate::rego::diagnostic::Code;

/// All rules, and which refer to which.
pub(super) struct Dependencies<'a> {
    index: &'a Index<'a>,
    entries: Vec<Entry<'a>>,
    /// The numbers of the rules that each rule refers to.
    edges: Vec<Vec<usize>>,
}

impl<'a> Dependencies<'a> {
    pub(super) fn of(world: &World<'a>) -> Self {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        world.index.walk(&mut |node| entries.extend(&node.rules));
        entries.sort_by_key(|entry| entry.number);
        // No rule of the user can name what is generated, and the query `data` does not mean itself.
        let generated = |number: &usize| entries.get(*number).is_some_and(|entry| is_generated(world, entry));
        let edges = entries.iter().map(|entry| dependencies(world, entry).into_iter().filter(|number| !generated(number)).collect());
        let edges = edges.collect();
        Self { index: world.index, entries, edges }
    }

    /// The rules, each behind those that it refers to.
    pub(super) fn sorted(&self) -> Vec<&Entry<'a>> {
        // Components come behind those that they reach, and without recursion each is one rule.
        components(&self.edges).into_iter().flatten().filter_map(|number| self.entries.get(number)).collect()
    }

    /// The rules that a reference below `data` can mean, and all that refer to them, directly or not.
    pub(super) fn dependents(&self, path: &[Term]) -> Vec<&Entry<'a>> {
        let mut finder = Finder { index: self.index, constants: Constants::default(), found: BTreeSet::new() };
        finder.reach(self.index, path);
        let mut found = finder.found;
        let mut backward: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (from, targets) in self.edges.iter().enumerate() {
            for target in targets {
                backward.entry(*target).or_default().push(from);
            }
        }
        let mut open: Vec<usize> = found.iter().copied().collect();
        while let Some(number) = open.pop() {
            open.extend(backward.get(&number).into_iter().flatten().copied().filter(|from| found.insert(*from)));
        }
        found.into_iter().filter_map(|number| self.entries.get(number)).collect()
    }
}

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    let Dependencies { entries, edges, .. } = Dependencies::of(world);
    for component in components(&edges) {
        for number in &component {
            let itself = edges.get(*number).is_some_and(|next| next.contains(number));
            if component.len() > 1 || itself {
                let Some(entry) = entries.get(*number) else { continue };
                let names: Vec<String> =
                    cycle(&edges, *number).into_iter().filter_map(|number| entries.get(number)).map(Entry::name).collect();
                let message = format!("rule {} is recursive: {}", entry.name(), names.join(" -> "));
                report.push(entry.rule.span, Code::Recursion, message);
            }
        }
    }
}

fn is_generated(world: &World<'_>, entry: &Entry<'_>) -> bool {
    entry.module.package.path.first().is_some_and(|name| name.starts_with(world.generated))
}

/// The rules that a rule refers to.
fn dependencies(world: &World<'_>, entry: &Entry<'_>) -> Vec<usize> {
    let mut constants = Constants::default();
    walk_rule(&mut constants, entry.rule);
    let mut finder = Finder { index: world.index, constants, found: BTreeSet::new() };
    walk_rule(&mut finder, entry.rule);
    finder.found.into_iter().collect()
}

/// The variables that can only have constant values: `x := "a"`, `some x in ["a", "b"]`. Each variable has a name of its own.
#[derive(Default)]
struct Constants(BTreeMap<String, Vec<String>>);

impl<'t> Visit<'t> for Constants {
    fn expr(&mut self, expr: &'t Expr) {
        let bound = match &expr.kind {
            ExprKind::Assign(variable, value) => variable.as_var().zip(constant(value).map(|value| vec![value])),
            ExprKind::SomeIn { key: None, value, collection } => match &collection.kind {
                TermKind::Array(items) | TermKind::Set(items) => value.as_var().zip(items.iter().map(constant).collect()),
                _ => None,
            },
            _ => None,
        };
        if let Some((name, values)) = bound {
            self.0.insert(name.to_owned(), values);
        }
        walk_expr(self, expr);
    }
}

struct Finder<'a> {
    index: &'a Index<'a>,
    constants: Constants,
    found: BTreeSet<usize>,
}

impl Finder<'_> {
    /// The rules that a reference below `data` can mean.
    fn reach(&mut self, node: &Index<'_>, path: &[Term]) {
        // A rule here answers whatever follows its name.
        self.found.extend(node.rules.iter().map(|entry| entry.number));
        let Some((first, rest)) = path.split_first() else {
            return node.walk(&mut |below| self.found.extend(below.rules.iter().map(|entry| entry.number)));
        };
        let names = constant(first).map(|name| vec![name]);
        match names.or_else(|| self.constants.0.get(first.as_var()?).cloned()) {
            Some(names) => {
                for child in names.iter().filter_map(|name| node.children.get(name)) {
                    self.reach(child, rest);
                }
            }
            None => node.children.values().for_each(|child| self.reach(child, rest)),
        }
    }
}

impl<'t> Visit<'t> for Finder<'_> {
    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::Ref(reference) if reference.head.as_var() == Some("data") => {
                let index = self.index;
                self.reach(index, &reference.path);
                for element in &reference.path {
                    self.term(element);
                }
            }
            TermKind::Var(name) if name == "data" => {
                let index = self.index;
                self.reach(index, &[]);
            }
            _ => walk_term(self, term),
        }
    }
}

/// The strongly connected components, by Tarjan's algorithm, without recursion.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut state =
        Tarjan { order: vec![0; edges.len()], low: vec![0; edges.len()], on_stack: vec![false; edges.len()], ..Tarjan::default() };
    for start in 0..edges.len() {
        if state.order.get(start) == Some(&0) {
            state.visit(edges, start);
        }
    }
    state.found
}

#[derive(Default)]
struct Tarjan {
    /// When a node was first seen, from 1; 0 is never.
    order: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    clock: usize,
    found: Vec<Vec<usize>>,
}

impl Tarjan {
    fn visit(&mut self, edges: &[Vec<usize>], start: usize) {
        let mut work = vec![(start, 0)];
        while let Some((node, next)) = work.pop() {
            if next == 0 {
                self.open(node);
            }
            if let Some(&target) = edges.get(node).and_then(|targets| targets.get(next)) {
                work.push((node, next + 1));
                if self.order.get(target) == Some(&0) {
                    work.push((target, 0));
                } else if self.on_stack.get(target) == Some(&true) {
                    let order = self.order.get(target).copied().unwrap_or_default();
                    self.lower(node, order);
                }
            } else {
                self.close(node);
                let low = self.low.get(node).copied().unwrap_or_default();
                if let Some((parent, _)) = work.last() {
                    self.lower(*parent, low);
                }
            }
        }
    }

    fn open(&mut self, node: usize) {
        self.clock += 1;
        let clock = self.clock;
        for (list, value) in [(&mut self.order, clock), (&mut self.low, clock)] {
            if let Some(slot) = list.get_mut(node) {
                *slot = value;
            }
        }
        if let Some(slot) = self.on_stack.get_mut(node) {
            *slot = true;
        }
        self.stack.push(node);
    }

    fn lower(&mut self, node: usize, value: usize) {
        if let Some(slot) = self.low.get_mut(node) {
            *slot = (*slot).min(value);
        }
    }

    fn close(&mut self, node: usize) {
        if self.low.get(node) != self.order.get(node) {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            if let Some(slot) = self.on_stack.get_mut(member) {
                *slot = false;
            }
            component.push(member);
            if member == node {
                break;
            }
        }
        component.sort_unstable();
        self.found.push(component);
    }
}

/// A shortest way from a rule back to itself.
fn cycle(edges: &[Vec<usize>], start: usize) -> Vec<usize> {
    let mut from = vec![None; edges.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &target in edges.get(node).into_iter().flatten() {
            if target == start {
                let mut way = vec![start, node];
                let mut at = node;
                while at != start {
                    let Some(Some(before)) = from.get(at).copied() else { break };
                    at = before;
                    way.push(at);
                }
                way.reverse();
                if node == start {
                    way = vec![start, start];
                }
                return way;
            }
            if let Some(slot @ None) = from.get_mut(target) {
                *slot = Some(node);
                queue.push_back(target);
            }
        }
    }
    vec![start]
}
