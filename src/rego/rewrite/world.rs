//! What all rules share: the names of packages, the arity of functions, and what some `with` stands in for.

use std::collections::{BTreeMap, BTreeSet};

use crate::rego::ast::{Expr, Keywords, Module, Package, Rule, RuleKind, Span, Term, TermKind, Version, Visit, walk_expr};
use crate::rego::compile::{Options, Purpose, Unit};
use crate::rego::levers::Observed;
use crate::rego::probe::Probes;
use crate::rego::signature::Signatures;

/// All modules as the rewriting of one rule needs to know them.
#[derive(Debug)]
pub(super) struct World<'a> {
    /// The declared builtins.
    pub(super) builtins: &'a dyn Signatures,
    /// What all generated names begin with.
    pub(super) prefix: String,
    /// The first elements of the names of the rules of each package.
    names: BTreeMap<Vec<String>, BTreeSet<String>>,
    /// The number of parameters of each function of the user, by full path.
    functions: BTreeMap<Vec<String>, usize>,
    /// The builtins that some `with` names, as target or as replacement: all calls of them go through a function.
    pub(super) replaced: BTreeSet<String>,
    /// The probes that are put into bodies, if any are.
    pub(super) probes: Option<&'a Probes>,
    /// The modules, for annotations that reach over them.
    pub(super) modules: &'a [Module],
    /// Whether rules named `test_…` are tests.
    pub(super) tests: bool,
    /// Whether each step of an evaluation is noted.
    pub(super) noted: bool,
}

impl<'a> World<'a> {
    /// Reads `unit`.
    pub(super) fn of(unit: &'a Unit, options: &Options<'a>) -> Self {
        let builtins = options.builtins;
        let mut names: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        let mut functions = BTreeMap::new();
        let mut targets = Targets { builtins, found: BTreeSet::new() };
        for module in &unit.modules {
            let package = names.entry(module.package.path.clone()).or_default();
            for rule in &module.rules {
                let name = rule.ground_name();
                package.extend(name.first().map(|name| (*name).to_owned()));
                if rule.kind() == RuleKind::Function {
                    let path = module.package.path.iter().cloned().chain(name.iter().map(|&name| name.to_owned())).collect();
                    functions.insert(path, rule.head.parameters.as_ref().map_or(0, Vec::len));
                }
                targets.rule(rule);
            }
        }
        Self {
            builtins,
            prefix: unit.fresh.prefix().to_owned(),
            names,
            functions,
            replaced: targets.found,
            probes: None,
            modules: &unit.modules,
            tests: options.purpose != Purpose::Policy,
            noted: options.observed == Observed::Steps,
        }
    }

    /// Forgets what other rules than these replace.
    pub(super) fn replace_only<'r>(&mut self, rules: impl Iterator<Item = &'r Rule>) {
        let mut targets = Targets { builtins: self.builtins, found: BTreeSet::new() };
        rules.for_each(|rule| targets.rule(rule));
        self.replaced = targets.found;
    }

    /// The same with these probes.
    pub(super) fn probed(self, probes: Option<&'a Probes>) -> Self {
        Self { probes, ..self }
    }

    /// Whether a rule of this package has a name that begins with `name`.
    pub(super) fn has_rule(&self, package: &[String], name: &str) -> bool {
        self.names.get(package).is_some_and(|names| names.contains(name))
    }

    /// The number of operands of a function, by full name: `["data", "p", "f"]`, `["io", "jwt", "decode"]`.
    pub(super) fn arity(&self, path: &[&str]) -> Option<usize> {
        match path.split_first() {
            Some((&"data", rest)) => {
                let rest: Vec<String> = rest.iter().map(|&name| name.to_owned()).collect();
                self.functions.get(&rest).copied()
            }
            _ => self.builtins.signature(&path.join(".")).map(|signature| signature.operands.len()),
        }
    }

    /// Whether `path` names a function of the user or a builtin.
    pub(super) fn is_function(&self, path: &[&str]) -> bool {
        self.arity(path).is_some()
    }

    /// The first elements of the packages that the user wrote.
    pub(super) fn roots(&self) -> BTreeSet<&str> {
        self.names.keys().filter_map(|package| package.first()).map(String::as_str).filter(|root| !root.starts_with(&self.prefix)).collect()
    }

    /// The package of generated functions, without `data`.
    pub(super) fn private_package(&self) -> Vec<String> {
        vec![format!("{}vidimus", self.prefix)]
    }

    /// The name that a builtin's stand-in has in the private package.
    pub(super) fn stand_in(name: &str) -> String {
        format!("b_{}", name.replace('.', "_"))
    }
}

/// A module of rules that no user wrote.
pub(super) fn generated(path: Vec<String>, rules: Vec<Rule>) -> Module {
    let keywords = Keywords { member: true, every: true, contains: true, when: true, ..Keywords::default() };
    let package = Package { span: Span::default(), path };
    Module { file: 0, version: Version::V1, keywords, package, imports: Vec::new(), rules, annotations: Vec::new() }
}

/// Finds the builtins that `with` names.
struct Targets<'a> {
    builtins: &'a dyn Signatures,
    found: BTreeSet<String>,
}

impl Targets<'_> {
    fn note(&mut self, term: &Term) {
        if !matches!(term.kind, TermKind::Var(_) | TermKind::Ref(_)) {
            return;
        }
        if let Some(path) = term.as_path() {
            let name = path.join(".");
            if self.builtins.signature(&name).is_some() {
                self.found.insert(name);
            }
        }
    }
}

impl<'a> Visit<'a> for Targets<'_> {
    fn expr(&mut self, expr: &'a Expr) {
        for with in &expr.with {
            self.note(&with.target);
            self.note(&with.value);
        }
        walk_expr(self, expr);
    }
}
