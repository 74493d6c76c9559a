//! Tests of several cases: `test_concat[case.note] if { some case in [..]; .. }`. OPA notes each case as soon as its name is
//! known, so that those that fail afterwards are known too; here a set beside the test has the names of all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::rego::ast::{Body, Expr, ExprKind, Fresh, Head, Module, Ref, Rule, RuleKind, Term, TermKind, Visit, walk_term};

/// The sets of names of cases, by package and name of the test.
pub(crate) type TestCases = BTreeMap<(Vec<String>, String), String>;

/// Adds a set of names for each test that has cases.
pub(super) fn beside(modules: &mut [Module], fresh: &mut Fresh) -> TestCases {
    let mut sets = TestCases::new();
    for module in modules {
        let mut added = Vec::new();
        for rule in &module.rules {
            let Some(name) = rule.head.name.head.as_var().filter(|name| name.starts_with("test_")) else { continue };
            if rule.default || rule.kind() != RuleKind::PartialObject || !rule.otherwise.is_empty() {
                continue;
            }
            let set = sets.entry((module.package.path.clone(), name.to_owned())).or_insert_with(|| fresh.name("cases"));
            added.push(names(rule, set));
        }
        module.rules.extend(added);
    }
    sets
}

/// `set contains [name, others] if { body up to where the name is known }`. The others are variables that are declared there
/// and used behind it only: they must not be unused.
fn names(rule: &Rule, set: &str) -> Rule {
    let span = rule.head.span;
    let path = &rule.head.name.path;
    let wanted = variables(|found| path.iter().for_each(|element| found.term(element)));
    let mentioned: Vec<BTreeSet<String>> = rule.body.iter().map(|expr| variables(|found| found.expr(expr))).collect();
    let last = wanted.iter().filter_map(|name| mentioned.iter().position(|used| used.contains(name))).max();
    let mut body: Body = rule.body.iter().take(last.map_or(0, |last| last + 1)).cloned().collect();
    let used: BTreeSet<&String> = mentioned.iter().take(body.len()).flatten().collect();
    for expr in &mut body {
        if let ExprKind::Some(variables) = &mut expr.kind {
            variables.retain(|variable| used.contains(&variable.name));
        }
    }
    body.retain(|expr| !matches!(&expr.kind, ExprKind::Some(variables) if variables.is_empty()));
    let declared = body.iter().flat_map(declared).filter(|name| !wanted.contains(name)).map(|name| Term::var(span, name));
    let elements = [Term::new(span, TermKind::Array(path.clone())), Term::new(span, TermKind::Array(declared.collect()))];
    let key = Some(Term::new(span, TermKind::Array(elements.to_vec())));
    let head = Head { span: rule.head.span, name: Ref::name(span, set), parameters: None, key, value: None, assigned: false };
    Rule { span: rule.span, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() }
}

/// What an expression declares that could go unused.
fn declared(expr: &Expr) -> BTreeSet<String> {
    match &expr.kind {
        ExprKind::SomeIn { key, value, .. } => variables(|found| key.iter().chain([value]).for_each(|term| found.term(term))),
        ExprKind::Assign(left, _) => variables(|found| found.term(left)),
        _ => BTreeSet::new(),
    }
}

fn variables(visit: impl FnOnce(&mut Variables)) -> BTreeSet<String> {
    let mut found = Variables(BTreeSet::new());
    visit(&mut found);
    found.0
}

struct Variables(BTreeSet<String>);

impl<'t> Visit<'t> for Variables {
    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::Var(name) if !matches!(name.as_str(), "input" | "data" | "_") => {
                self.0.insert(name.clone());
            }
            TermKind::Call(_, arguments) => arguments.iter().for_each(|argument| self.term(argument)),
            _ => walk_term(self, term),
        }
    }
}
