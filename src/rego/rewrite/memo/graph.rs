//! What rules reach: other rules, documents, builtins.

use std::collections::{BTreeMap, BTreeSet};

use super::costs;
use crate::rego::ast::{Expr, Module, Term, TermKind, Visit, walk_expr, walk_term};

type Path = Vec<String>;

/// The rules of all modules by path, without `data`, and what each of them uses.
pub(super) struct Graph {
    uses: BTreeMap<Path, Uses>,
    /// The documents and functions that some `with` replaces, with `data` or `input` in front.
    replaced: Vec<Path>,
}

/// What a rule uses by itself.
#[derive(Debug, Default)]
struct Uses {
    /// References as far as they are made of strings, with `data` or `input` in front.
    references: BTreeSet<Path>,
    costs: bool,
}

impl Graph {
    /// Reads lowered modules.
    pub(super) fn of(modules: &[Module]) -> Self {
        let mut graph = Self { uses: BTreeMap::new(), replaced: Vec::new() };
        for module in modules {
            for rule in &module.rules {
                let name = rule.ground_name().into_iter().map(str::to_owned);
                let path: Path = module.package.path.iter().cloned().chain(name).collect();
                let mut reader = Reader { uses: graph.uses.remove(&path).unwrap_or_default(), replaced: Vec::new() };
                reader.rule(rule);
                reader.uses.costs |= costs(rule);
                graph.replaced.append(&mut reader.replaced);
                graph.uses.insert(path, reader.uses);
            }
        }
        graph.replaced.sort();
        graph.replaced.dedup();
        graph
    }

    /// Whether a function does enough to be remembered.
    pub(super) fn is_worth_it(&self, function: &[String]) -> bool {
        self.uses.get(function).is_some_and(|uses| uses.costs)
    }

    /// Whether a function has the same value for the same operands throughout an evaluation.
    pub(super) fn is_constant(&self, function: &[String]) -> bool {
        let mut seen: BTreeSet<&Path> = BTreeSet::new();
        let mut open: Vec<&Path> = self.uses.get_key_value(function).into_iter().map(|(path, _)| path).collect();
        while let Some(path) = open.pop() {
            if !seen.insert(path) {
                continue;
            }
            let Some(uses) = self.uses.get(path) else { continue };
            if self.is_replaced(&path.iter()) {
                return false;
            }
            for reference in &uses.references {
                match reference.split_first() {
                    Some((root, rest)) if root == "data" => {
                        if self.is_replaced(&rest.iter()) {
                            return false;
                        }
                        open.extend(self.reached(rest));
                    }
                    _ if self.replaces_input() => return false,
                    _ => {}
                }
            }
        }
        true
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
