//! What rules reach: other rules, documents, builtins.

use std::collections::{BTreeMap, BTreeSet};

use super::costs;
use crate::rego::ast::{Expr, Module, Rule, Term, TermKind, Visit, walk_expr, walk_term};
use crate::rego::rewrite::reach::path;
use crate::rego::signature::{Constancy, Signatures};

type Path = Vec<String>;

/// The rules of all modules by path, without `data`, and what each of them uses.
#[derive(Debug)]
pub(in crate::rego::rewrite) struct Graph {
    uses: BTreeMap<Path, Uses>,
    /// The documents and functions that some `with` replaces, with `data` or `input` in front.
    replaced: Vec<Path>,
}

/// What a rule uses by itself.
#[derive(Debug, Default)]
struct Uses {
    /// References as far as they are made of strings, with `data` or `input` in front.
    references: BTreeSet<Path>,
    /// Dotted names of builtins.
    builtins: BTreeSet<String>,
    costs: bool,
}

impl Graph {
    /// Reads lowered modules.
    pub(in crate::rego::rewrite) fn of(modules: &[Module]) -> Self {
        Self::of_rules(modules.iter().flat_map(|module| module.rules.iter().map(|rule| (module.package.path.as_slice(), rule))))
    }

    /// Reads rules, each with the path of its package, in which every name is resolved.
    pub(in crate::rego::rewrite) fn of_rules<'a>(rules: impl Iterator<Item = (&'a [String], &'a Rule)>) -> Self {
        let mut graph = Self { uses: BTreeMap::new(), replaced: Vec::new() };
        for (package, rule) in rules {
            let path = path(package, rule);
            let mut reader = Reader { uses: graph.uses.remove(&path).unwrap_or_default(), replaced: Vec::new() };
            reader.rule(rule);
            reader.uses.costs |= costs(rule);
            graph.replaced.append(&mut reader.replaced);
            graph.uses.insert(path, reader.uses);
        }
        graph.replaced.sort();
        graph.replaced.dedup();
        graph
    }

    /// The paths of these rules and of all that they reach, whatever some `with` replaces.
    pub(in crate::rego::rewrite) fn reachable(&self, rules: BTreeSet<Path>) -> BTreeSet<Path> {
        let mut open: Vec<Path> = rules.into_iter().collect();
        let mut seen: BTreeSet<Path> = BTreeSet::new();
        while let Some(path) = open.pop() {
            let Some(uses) = self.uses.get(&path) else { continue };
            if seen.insert(path) {
                let documents = uses.references.iter().filter_map(|reference| reference.split_first()).filter(|(root, _)| *root == "data");
                open.extend(documents.flat_map(|(_, document)| self.reached(document)).filter(|path| !seen.contains(*path)).cloned());
            }
        }
        seen
    }

    /// Whether a function does enough to be remembered.
    pub(super) fn is_worth_it(&self, function: &[String]) -> bool {
        self.uses.get(function).is_some_and(|uses| uses.costs)
    }

    /// Whether a rule has the same value (for the same operands) throughout an evaluation.
    pub(super) fn is_constant(&self, rule: &[String]) -> bool {
        self.within(rule).is_some_and(|reached| !self.replaces_input() || !reached.iter().any(|(_, uses)| uses.reads_input()))
    }

    /// Whether a rule has the same value in every evaluation, or in every one at the same time; `None` where it has not.
    pub(in crate::rego::rewrite) fn lasts(&self, rule: &[String], builtins: &dyn Signatures) -> Option<Constancy> {
        let mut lasts = Constancy::Always;
        for (_, uses) in self.within(rule)? {
            if uses.reads_input() {
                return None;
            }
            for name in &uses.builtins {
                lasts = lasts.max(builtins.signature(name)?.constancy);
            }
        }
        (lasts < Constancy::Never).then_some(lasts)
    }

    /// A rule and all that it reaches; `None` where some `with` replaces any of that.
    fn within(&self, rule: &[String]) -> Option<Vec<(&Path, &Uses)>> {
        let mut seen: BTreeSet<&Path> = BTreeSet::new();
        let mut reached: Vec<(&Path, &Uses)> = Vec::new();
        let mut open: Vec<&Path> = self.uses.get_key_value(rule).into_iter().map(|(path, _)| path).collect();
        while let Some(path) = open.pop() {
            let Some(uses) = self.uses.get(path).filter(|_| seen.insert(path)) else { continue };
            let documents = uses.references.iter().filter_map(|reference| reference.split_first()).filter(|(root, _)| *root == "data");
            for (_, document) in documents {
                if self.is_replaced(&document.iter()) {
                    return None;
                }
                open.extend(self.reached(document));
            }
            if self.is_replaced(&path.iter()) {
                return None;
            }
            reached.push((path, uses));
        }
        Some(reached)
    }

    /// The rules that a reference below `data` reaches: those whose path begins with it, and those it begins with.
    fn reached<'a>(&'a self, reference: &'a [String]) -> impl Iterator<Item = &'a Path> {
        let below = self.uses.range(reference.to_vec()..).map(|(path, _)| path).take_while(move |path| path.starts_with(reference));
        let above = (0..reference.len()).filter_map(move |length| self.uses.get_key_value(reference.get(..length)?).map(|(path, _)| path));
        below.chain(above)
    }

    fn replaces_input(&self) -> bool {
        self.replaced.iter().any(|path| path.first().is_some_and(|root| root == "input"))
    }

    /// Whether some `with` replaces this document below `data`, one above it or one below it.
    fn is_replaced<'a>(&self, path: &(impl Iterator<Item = &'a String> + Clone)) -> bool {
        self.replaced.iter().any(|replaced| match replaced.split_first() {
            Some((root, rest)) if root == "data" => rest.iter().zip(path.clone()).all(|(one, other)| one == other),
            _ => false,
        })
    }
}

impl Uses {
    fn reads_input(&self) -> bool {
        self.references.iter().any(|reference| reference.first().is_some_and(|root| root == "input"))
    }
}

struct Reader {
    uses: Uses,
    replaced: Vec<Path>,
}

impl<'a> Visit<'a> for Reader {
    fn expr(&mut self, expr: &'a Expr) {
        for with in &expr.with {
            self.replaced.extend(with.target.as_path().map(|path| path.into_iter().map(str::to_owned).collect::<Path>()));
        }
        walk_expr(self, expr);
    }

    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Var(name) if name == "input" || name == "data" => {
                self.uses.references.insert(vec![name.clone()]);
            }
            TermKind::Call(function, _) if !function.is_rooted_at("data") => {
                // A name that is none stands for no builtin, and so for nothing that lasts.
                self.uses.builtins.insert(function.as_path().unwrap_or_default().join("."));
            }
            TermKind::Ref(reference) => {
                if let Some(root) = reference.head.as_var().filter(|name| *name == "input" || *name == "data") {
                    let path = reference.path.iter().map_while(Term::as_string);
                    let path = std::iter::once(root).chain(path).map(str::to_owned).collect();
                    self.uses.references.insert(path);
                    reference.path.iter().for_each(|element| self.term(element));
                    return;
                }
            }
            _ => {}
        }
        walk_term(self, term);
    }
}
