//! Names: what a rule of the package or an import brings is spelled out from `data` or `input` on.

use std::collections::{BTreeMap, BTreeSet};

use crate::rego::ast::{
    Body, Expr, ExprKind, Module, Operated, Ref, Rule, Scope, Scopes, Span, Term, TermKind, VisitMut, walk_body_mut, walk_expr_mut,
    walk_term_mut,
};
use crate::rego::compile::Unit;
use crate::rego::signature::Signatures;

/// A module whose names are resolved.
pub(super) struct Resolved {
    pub(super) module: Module,
    /// The names of the imports that it uses.
    pub(super) used: BTreeSet<String>,
    /// Where the name of a builtin, one without a dot, stands for it as the value of a modifier.
    pub(super) bare: BTreeSet<Span>,
}

/// Resolves all modules.
pub(super) fn modules(unit: &Unit, builtins: &dyn Signatures) -> Vec<Resolved> {
    let mut packages: BTreeMap<&[String], BTreeSet<&str>> = BTreeMap::new();
    for module in &unit.modules {
        let names = module.rules.iter().filter_map(|rule| rule.head.name.head.as_var());
        packages.entry(&module.package.path).or_default().extend(names);
    }
    let resolve = |module: &Module| {
        let mut globals = BTreeMap::new();
        for name in packages.get(module.package.path.as_slice()).into_iter().flatten() {
            let path = ["data"].into_iter().chain(module.package.path.iter().map(String::as_str)).chain([*name]);
            globals.insert((*name).to_owned(), path.map(str::to_owned).collect());
        }
        for import in &module.imports {
            if let Some(name) = import.name() {
                globals.insert(name.to_owned(), import.path.clone());
            }
        }
        let mut resolver = Resolver { globals, scopes: Scopes::default(), used: BTreeSet::new(), bare: BTreeSet::new(), builtins };
        let mut module = module.clone();
        for rule in &mut module.rules {
            resolver.rule(rule);
        }
        Resolved { module, used: resolver.used, bare: resolver.bare }
    };
    unit.modules.iter().map(resolve).collect()
}

struct Resolver<'a> {
    globals: BTreeMap<String, Vec<String>>,
    scopes: Scopes,
    used: BTreeSet<String>,
    bare: BTreeSet<Span>,
    builtins: &'a dyn Signatures,
}

impl Resolver<'_> {
    fn within(&mut self, scope: Scope, visit: impl FnOnce(&mut Self)) {
        self.scopes.enter(scope);
        visit(self);
        self.scopes.leave();
    }

    /// What a name stands for, if that is a global.
    fn global(&mut self, name: &str) -> Option<Vec<String>> {
        if self.scopes.declares(name) {
            return None;
        }
        let path = self.globals.get(name)?.clone();
        self.used.insert(name.to_owned());
        Some(path)
    }

    fn spelled(span: Span, path: &[String], more: Vec<Term>) -> Term {
        let mut names = path.iter();
        let head = Term::var(span, names.next().map_or("data", String::as_str));
        let path: Vec<Term> = names.map(|name| Term::string(span, name)).chain(more).collect();
        if path.is_empty() { head } else { Term::new(span, TermKind::Ref(Ref { head: Box::new(head), path })) }
    }

    /// What is called where a rule or an import has the name of an operator's builtin.
    fn instead(&mut self, span: Span, operated: Option<Operated>) -> Option<Term> {
        let (name, more) = operated?;
        let path = self.global(name)?;
        Some(Self::spelled(span, &path, more.map(|name| Term::string(span, name)).into_iter().collect()))
    }

    fn is_function_name(&self, value: &Term) -> bool {
        let Some(path) = value.as_path() else { return false };
        let own = path.first().is_some_and(|first| self.scopes.declares(first) || self.globals.contains_key(*first));
        !own && self.builtins.signature(&path.join(".")).is_some()
    }

    /// The name of a builtin is one even where a rule has its first part as a name, as long as there is no such rule.
    fn is_builtin(&self, function: &Term) -> bool {
        let Some(path) = function.as_path() else { return false };
        path.len() > 1
            && self.builtins.signature(&path.join(".")).is_some()
            && path.first().is_none_or(|first| !self.globals.contains_key(*first))
    }
}

impl VisitMut for Resolver<'_> {
    fn rule(&mut self, rule: &mut Rule) {
        let parameters = Scopes::of_parameters(rule);
        let body = Scopes::throughout(&rule.body);
        self.scopes.enter(parameters);
        self.within(body, |resolver| {
            let head = &mut rule.head;
            let terms = head.name.path.iter_mut().chain(&mut head.key).chain(&mut head.value);
            terms.for_each(|term| resolver.term(term));
            head.parameters.iter_mut().flatten().for_each(|term| resolver.term(term));
            walk_body_mut(resolver, &mut rule.body);
        });
        for branch in &mut rule.otherwise {
            self.within(Scopes::throughout(&branch.body), |resolver| {
                if let Some(term) = &mut branch.value {
                    resolver.term(term);
                }
                walk_body_mut(resolver, &mut branch.body);
            });
        }
        self.scopes.leave();
    }

    fn body(&mut self, body: &mut Body) {
        self.within(Scopes::throughout(body), |resolver| walk_body_mut(resolver, body));
    }

    fn expr(&mut self, expr: &mut Expr) {
        for with in &mut expr.with {
            // The name of a builtin stands for it, as target and as value: what is checked of a value is not checked of it.
            if self.is_function_name(&with.value) {
                if with.value.as_var().is_some() {
                    self.bare.insert(with.value.span);
                }
                with.value.kind = TermKind::Null;
            }
        }
        if let Some(function) = self.instead(expr.span, expr.operated()) {
            expr.operate(function);
        }
        let ExprKind::Every { key, value, domain, body } = &mut expr.kind else {
            return walk_expr_mut(self, expr);
        };
        // As in OPA the names hide a rule or an import in the domain too, where they have no value.
        let names = key.iter().chain(Some(&*value)).map(|variable| variable.name.clone()).collect();
        self.within(names, |resolver| {
            resolver.term(domain);
            resolver.body(body);
        });
        for with in &mut expr.with {
            self.term(&mut with.target);
            self.term(&mut with.value);
        }
    }

    fn term(&mut self, term: &mut Term) {
        let span = term.span;
        if let Some(function) = self.instead(span, term.operated()) {
            term.operate(function);
        }
        match &mut term.kind {
            TermKind::Var(name) => {
                if let Some(path) = self.global(name) {
                    *term = Self::spelled(span, &path, Vec::new());
                }
            }
            TermKind::Ref(reference) => {
                for element in &mut reference.path {
                    self.term(element);
                }
                let path = reference.head.as_var().map(str::to_owned).and_then(|name| self.global(&name));
                match path {
                    Some(path) => *term = Self::spelled(span, &path, std::mem::take(&mut reference.path)),
                    None if reference.head.as_var().is_none() => self.term(&mut reference.head),
                    None => {}
                }
            }
            TermKind::Call(function, arguments) => {
                for argument in arguments.iter_mut() {
                    self.term(argument);
                }
                if !self.is_builtin(function) {
                    self.term(function);
                }
            }
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.scopes.enter(Scopes::throughout(body));
                self.term(head);
                walk_body_mut(self, body);
                self.scopes.leave();
            }
            TermKind::ObjectComprehension(key, value, body) => {
                self.scopes.enter(Scopes::throughout(body));
                self.term(key);
                self.term(value);
                walk_body_mut(self, body);
                self.scopes.leave();
            }
            _ => walk_term_mut(self, term),
        }
    }
}
