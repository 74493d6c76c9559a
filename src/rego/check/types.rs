//! Types, inferred as OPA's checker does: of rules, functions, variables and references; and what can never fit.

mod arrange;
mod check;
mod closure;
mod environment;
mod expand;
mod key;
mod kind;
mod reference;
mod tree;
mod unify;
mod union;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::index::Entry;
use super::recursion::Dependencies;
use super::{Report, World};
use crate::rego::ast::{Body, RuleKind, Term, TermKind, Visit, VisitMut as _, walk_term};
use crate::rego::diagnostic::Code;
use crate::rego::signature::Type as Declared;
use arrange::Arrange;
use check::{Types, document};
use environment::Env;
pub(super) use expand::Expand;
use key::Key;
use kind::{Function, Maybe, Type};
use tree::Node;

/// `name: type` of an operand.
pub(super) fn named((name, of): &(String, Declared)) -> String {
    if name.is_empty() { of.to_string() } else { format!("{name}: {of}") }
}

/// Checks the types of all rules, each behind those that it refers to.
pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    let dependencies = Dependencies::of(world);
    let types = Types::new(world, |target| reached(&dependencies, target));
    let env = Env::default();
    for entry in dependencies.sorted() {
        Rules { types: &types, env: &env, report }.rule(entry);
    }
}

/// The rules that a `with` touches, and those that depend on them: each may be anything then.
fn reached(dependencies: &Dependencies<'_>, target: &Term) -> Option<Node> {
    let (_, path) = document(target).filter(|(head, _)| *head == "data")?;
    let mut tree = Node::default();
    for entry in dependencies.dependents(path) {
        let path = path_of(entry);
        if !is_replaced_function(entry, target) {
            tree.put(&path, Type::any());
        }
    }
    (!tree.children.is_empty()).then_some(tree)
}

/// The type of a function that is replaced is kept: its replacement is called in the same way.
fn is_replaced_function(entry: &Entry<'_>, target: &Term) -> bool {
    let path: Option<Vec<String>> = target.as_path().map(|path| path.into_iter().skip(1).map(str::to_owned).collect());
    entry.rule.kind() == RuleKind::Function && path.is_some_and(|path| path == entry.path())
}

/// `data`, the package and the name as far as it is constant.
fn path_of(entry: &Entry<'_>) -> Vec<Key> {
    let head = entry.rule.head.name.head.as_var().unwrap_or_default();
    let package = std::iter::once("data").chain(entry.module.package.path.iter().map(String::as_str)).chain([head]);
    let package = package.map(|name| Key::String(name.to_owned()));
    package.chain(entry.rule.head.name.path.iter().map_while(Key::of)).collect()
}

struct Rules<'a, 'w, 'b, 'c> {
    types: &'a Types<'w>,
    env: &'a Env,
    report: &'b mut Report<'c>,
}

impl Rules<'_, '_, '_, '_> {
    fn rule(&mut self, entry: &Entry<'_>) {
        let rule = entry.rule;
        let yes = Term::new(rule.head.span, TermKind::Boolean(true));
        let head = &rule.head;
        let value = head.key.as_ref().or(head.value.as_ref()).unwrap_or(&yes);
        self.branch(entry, value, &rule.body);
        for branch in &rule.otherwise {
            self.branch(entry, branch.value.as_ref().unwrap_or(&yes), &branch.body);
        }
    }

    fn branch(&mut self, entry: &Entry<'_>, value: &Term, body: &Body) {
        let head = &entry.rule.head;
        let (mut value, mut parameters) = (value.clone(), head.parameters.clone());
        let ground = head.name.path.iter().map_while(Key::of).count();
        let mut dynamic: Vec<Term> = head.name.path.iter().skip(ground).cloned().collect();
        let heads = dynamic.iter_mut().chain(parameters.iter_mut().flatten()).chain([&mut value]).collect();
        let mut expand = Expand::default();
        let mut body = expand.body(body, heads);
        let given = super::variable::all_of_terms(parameters.iter().flatten());
        Arrange::new(self.types.world, expand, given).body(&mut body);
        self.types.begin();
        let (env, mistakes) = self.types.body(self.env, &body);
        let path = path_of(entry);
        if !mistakes.is_empty() || self.types.is_exhausted() {
            for mistake in mistakes {
                self.report.push(mistake.span, Code::Type, mistake.message);
            }
            // What refers to it is not wrong for that.
            self.env.tree.borrow_mut().put(&path, Type::any());
            return;
        }
        let of = match parameters {
            Some(parameters) => Some(self.function(&env, &parameters, &value)),
            None => self.document(&env, head.key.is_some(), (&dynamic, &value)),
        };
        if let Some(of) = of {
            self.env.tree.borrow_mut().insert(&path, &of);
        }
    }

    fn function(&self, env: &Env, parameters: &[Term], value: &Term) -> Type {
        let mut unused = Variables(BTreeSet::new());
        for parameter in parameters {
            unused.term(parameter);
        }
        for name in unused.0 {
            if env.var(&name).is_none() {
                env.learn(&name, Type::any());
            }
        }
        let operands = parameters.iter().map(|parameter| self.types.of(env, parameter)).collect();
        let result = self.types.of(env, value).or_else(|| Some(Type::any()));
        Type::Function(Rc::new(Function { operands, variadic: None, result }))
    }

    fn document(&self, env: &Env, is_set: bool, (dynamic, value): (&[Term], &Term)) -> Maybe {
        let of = self.types.of(env, value)?;
        let of = if is_set { Type::set(Some(of)) } else { of };
        dynamic.iter().rev().try_fold(of, |of, key| Some(Type::map(Some(self.types.of(env, key)?), Some(of))))
    }
}

struct Variables(BTreeSet<String>);

impl<'t> Visit<'t> for Variables {
    fn term(&mut self, term: &'t Term) {
        if let Some(name) = super::variable::name(term) {
            self.0.insert(name);
        }
        walk_term(self, term);
    }
}

#[cfg(test)]
mod tests;
