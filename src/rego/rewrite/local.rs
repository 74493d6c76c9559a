//! Which variable a name is, if it is one.

use std::collections::BTreeMap;

use crate::rego::ast::{Body, Scopes, Term, TermKind};

/// The names around a place. Variables are named `name#number`.
#[derive(Default)]
pub(super) struct Locals {
    scopes: Vec<Scope>,
    /// What is declared anywhere in the bodies around: that is no rule and no import.
    hidden: Scopes,
    /// Variables that are declared nowhere: one for each name in a rule.
    loose: BTreeMap<String, String>,
    next: usize,
}

/// One body.
#[derive(Default)]
struct Scope {
    /// What is declared so far.
    declared: BTreeMap<String, String>,
    /// What the body of `every` or `not` declares: OPA reads it twice, so closures see this wherever they stand, unless the
    /// name is declared around them.
    anywhere: BTreeMap<String, String>,
}

impl Locals {
    /// Enters a body.
    pub(super) fn enter(&mut self, body: &Body) {
        self.hidden.enter(Scopes::throughout(body));
        self.scopes.push(Scope::default());
    }

    /// Enters the body of `every` or `not`.
    pub(super) fn enter_twice(&mut self, body: &Body) {
        self.hidden.enter(Scopes::throughout(body));
        let names = Scopes::of_body(body);
        let anywhere = names.into_iter().map(|name| (name.clone(), self.fresh(&name))).collect();
        self.scopes.push(Scope { declared: BTreeMap::new(), anywhere });
    }

    /// Leaves the innermost body.
    pub(super) fn leave(&mut self) {
        self.hidden.leave();
        self.scopes.pop();
    }

    /// A name that no other variable has.
    pub(super) fn fresh(&mut self, name: &str) -> String {
        self.next += 1;
        format!("{name}#{}", self.next)
    }

    /// Declares a name in the innermost body, once.
    pub(super) fn declare(&mut self, name: &str) {
        let Some(scope) = self.scopes.last() else { return };
        if name == "_" || scope.declared.contains_key(name) {
            return;
        }
        let variable = scope.anywhere.get(name).cloned().unwrap_or_else(|| self.fresh(name));
        if let Some(scope) = self.scopes.last_mut() {
            scope.declared.insert(name.to_owned(), variable);
        }
    }

    /// Declares the variables of a pattern: those in arrays and in the values of objects.
    pub(super) fn declare_pattern(&mut self, term: &Term) {
        match &term.kind {
            TermKind::Var(name) if name != "input" && name != "data" => self.declare(name),
            TermKind::Array(items) => items.iter().for_each(|item| self.declare_pattern(item)),
            TermKind::Object(members) => members.iter().for_each(|(_, value)| self.declare_pattern(value)),
            _ => {}
        }
    }

    /// The variable that a declared name is.
    pub(super) fn declared(&self, name: &str) -> Option<&String> {
        let scopes = || self.scopes.iter().rev();
        scopes().find_map(|scope| scope.declared.get(name)).or_else(|| scopes().find_map(|scope| scope.anywhere.get(name)))
    }

    /// Whether a name can be that of a rule or an import.
    pub(super) fn may_be_global(&self, name: &str) -> bool {
        !self.hidden.declares(name)
    }

    /// The variable that a name is which is declared nowhere.
    pub(super) fn loose(&mut self, name: &str) -> String {
        if let Some(loose) = self.loose.get(name) {
            return loose.clone();
        }
        let variable = self.fresh(name);
        self.loose.insert(name.to_owned(), variable.clone());
        variable
    }
}
