//! Declarations: each name once in a body, before its first use, and used at all.
//!
//! On the way each declared variable gets a name of its own: as in OPA, a closure that stands before a declaration of its
//! body does not see it.

mod again;
mod call;
mod loose;

use std::collections::{BTreeMap, BTreeSet};

use self::again::Again;
use self::call::Calls;
use super::Report;
use super::safety::is_braced;
use super::variable::of_terms;
use crate::rego::ast::{
    Body, Expr, ExprKind, Module, Rule, Span, TemplatePart, Term, TermKind, Variable, Visit, VisitMut, walk_expr_mut, walk_term_mut,
};
use crate::rego::compile::{Options, Source};
use crate::rego::diagnostic::Code;
use crate::rego::signature::Signatures;

pub(super) fn check(sources: &[Source], modules: &mut [Module], options: &Options<'_>, report: &mut Report<'_>) {
    let (strict, builtins) = (options.strict, options.builtins);
    let mut declarer = Declarer { sources, builtins, scopes: Vec::new(), strict, report, declared: 0 };
    for rule in modules.iter_mut().flat_map(|module| &mut module.rules) {
        declarer.whole_rule(rule);
    }
}

/// How a name came into a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurrence {
    Seen,
    Assigned,
    Declared,
    Argument,
}

/// A name in a scope.
#[derive(Debug, Clone)]
struct Name {
    occurrence: Occurrence,
    span: Span,
    /// How often it was used behind that.
    uses: usize,
    /// The name that is its own.
    renamed: String,
}

type Scope = BTreeMap<String, Name>;

struct Declarer<'a, 'b> {
    sources: &'a [Source],
    builtins: &'a dyn Signatures,
    scopes: Vec<Scope>,
    strict: bool,
    report: &'a mut Report<'b>,
    /// How many names were declared.
    declared: usize,
}

impl Declarer<'_, '_> {
    fn whole_rule(&mut self, rule: &mut Rule) {
        let mut arguments = Scope::new();
        for parameter in rule.head.parameters.iter().flatten() {
            for name in of_terms([parameter]) {
                let argument = Name { occurrence: Occurrence::Argument, span: parameter.span, uses: 0, renamed: name.clone() };
                arguments.insert(name, argument);
            }
            Calls(self.report).term(parameter);
        }
        let head = &mut rule.head;
        let terms = head.name.path.iter_mut().chain(&mut head.key).chain(&mut head.value).collect();
        let mut used = self.branch(&arguments, terms, &mut rule.body);
        for branch in &mut rule.otherwise {
            let terms = branch.value.iter_mut().collect();
            used.extend(self.branch(&arguments, terms, &mut branch.body));
        }
        if self.strict {
            for (name, argument) in arguments {
                if !used.contains(&name) && !name.starts_with('_') {
                    let message = format!("unused argument {name}. (hint: use _ (wildcard variable) instead)");
                    self.report.push(argument.span, Code::Compile, message);
                }
            }
        }
    }

    /// One branch of a rule. Gives the arguments that it uses.
    fn branch(&mut self, arguments: &Scope, head: Vec<&mut Term>, body: &mut Body) -> BTreeSet<String> {
        let mut scope = arguments.clone();
        for name in loose::builtins(self.builtins, body) {
            let renamed = self.own(&name);
            scope.entry(name).or_insert(Name { occurrence: Occurrence::Seen, span: Span::default(), uses: 0, renamed });
        }
        self.scopes.push(scope);
        let used = of_terms(head.iter().map(|term| &**term));
        self.within(body, &used);
        // Comprehensions in the head see what the body declares.
        for term in head {
            self.term(term);
        }
        let scope = self.scopes.pop().unwrap_or_default();
        let seen = scope.into_iter().filter(|(_, name)| name.uses > 0).map(|(name, _)| name);
        seen.chain(used).collect()
    }

    /// A body in a scope of its own; `heads` are evaluated in it.
    fn nested(&mut self, scope: Scope, heads: Vec<&mut Term>, body: &mut Body) {
        self.scopes.push(scope);
        self.within(body, &of_terms(heads.iter().map(|term| &**term)));
        for head in heads {
            self.term(head);
        }
        self.scopes.pop();
    }

    fn within(&mut self, body: &mut Body, used: &BTreeSet<String>) {
        let before = self.report.found.len();
        for expr in body {
            self.expr(expr);
        }
        if self.report.found.len() > before {
            return;
        }
        let unused = self.scopes.last().into_iter().flatten().filter(|(name, found)| found.uses == 0 && !used.contains(*name));
        let mut mistakes = Vec::new();
        for (name, found) in unused {
            match found.occurrence {
                Occurrence::Declared => mistakes.push((found.span, format!("declared var {name} unused"))),
                Occurrence::Assigned if self.strict => mistakes.push((found.span, format!("assigned var {name} unused"))),
                _ => {}
            }
        }
        for (span, message) in mistakes {
            self.report.push(span, Code::Compile, message);
        }
    }

    /// Reads the body of `every` or `not`. Its scope is still there afterwards.
    fn every(&mut self, span: Span, variables: Vec<&mut Variable>, body: &mut Body) {
        let mut scope = Scope::new();
        for variable in variables {
            if scope.contains_key(&variable.name) {
                self.report.push(span, Code::Compile, format!("var {} declared above", variable.name));
            } else if variable.name != "_" {
                let renamed = self.own(&variable.name);
                let name = std::mem::replace(&mut variable.name, renamed.clone());
                scope.insert(name, Name { occurrence: Occurrence::Declared, span, uses: 0, renamed });
            }
        }
        self.scopes.push(scope);
        self.within(body, &BTreeSet::new());
    }

    fn modifiers(&mut self, expr: &mut Expr) {
        let assigns = matches!(expr.kind, ExprKind::Assign(..));
        for with in &mut expr.with {
            if !assigns {
                self.term(&mut with.target);
            }
            self.term(&mut with.value);
        }
    }

    /// What is called. A builtin is called by its name, which then counts as used.
    fn function(&mut self, function: &Term, span: Span) {
        let head = match &function.kind {
            TermKind::Ref(reference) => reference.head.as_var(),
            _ => function.as_var(),
        };
        let Some(head) = head.filter(|head| *head != "data" && *head != "input") else { return };
        if self.shadows(head) {
            let message = format!("called function {} shadowed", function.as_path().unwrap_or(vec![head]).join("."));
            self.report.push(span, Code::Compile, message);
        }
        self.see(&mut head.to_owned(), span);
    }

    /// The same where an operator calls it.
    fn operator(&mut self, name: &str, span: Span) {
        self.function(&Term::var(span, name), span);
    }

    fn some_in(&mut self, span: Span, patterns: Vec<&mut Term>, collection: &mut Term) {
        let domain = of_terms([&*collection]);
        let bound = of_terms(patterns.iter().map(|term| &**term));
        let both: Vec<&String> = bound.intersection(&domain).collect();
        for name in &both {
            self.report.push(span, Code::Compile, format!("var {name} assigned before"));
        }
        self.term(collection);
        if both.is_empty() {
            for pattern in patterns {
                self.pattern(pattern);
            }
        }
    }

    /// What `some .. in` declares. Such a name counts as used.
    fn pattern(&mut self, term: &mut Term) {
        match &mut term.kind {
            TermKind::Var(name) if name != "input" && name != "data" => {
                self.declare(name, term.span, Occurrence::Declared);
                self.see(name, term.span);
            }
            TermKind::Array(items) => items.iter_mut().for_each(|item| self.pattern(item)),
            TermKind::Object(members) => {
                for (key, value) in members {
                    self.term(key);
                    self.pattern(value);
                }
            }
            _ => self.term(term),
        }
    }

    fn assign(&mut self, left: &mut Term) {
        match &mut left.kind {
            TermKind::Var(name) => {
                if let Some(renamed) = self.declare(name, left.span, Occurrence::Assigned) {
                    *name = renamed;
                }
            }
            TermKind::Wildcard => {}
            TermKind::Array(items) => items.iter_mut().for_each(|item| self.assign(item)),
            TermKind::Object(members) => members.iter_mut().for_each(|(_, value)| self.assign(value)),
            _ => self.cannot_assign(left),
        }
    }

    fn cannot_assign(&mut self, left: &Term) {
        let what = match &left.kind {
            TermKind::Null => "null",
            TermKind::Boolean(_) => "boolean",
            TermKind::Number(_) => "number",
            TermKind::String(_) => "string",
            TermKind::Ref(_) => "ref",
            TermKind::Call(..) | TermKind::Binary(..) | TermKind::Member(..) => "call",
            TermKind::Set(_) => "set",
            TermKind::ArrayComprehension(..) => "arraycomprehension",
            TermKind::SetComprehension(..) => "setcomprehension",
            TermKind::ObjectComprehension(..) => "objectcomprehension",
            _ => "term",
        };
        self.report.push(left.span, Code::Compile, format!("cannot assign to {what}"));
    }

    fn variable(&mut self, variable: &Variable) {
        if variable.name != "_" {
            self.declare(&variable.name, variable.span, Occurrence::Declared);
        }
    }

    /// A name that no other variable has.
    fn own(&mut self, name: &str) -> String {
        self.declared += 1;
        format!("{name}#{}", self.declared)
    }

    /// Declares a name in the innermost scope, and gives the one that is its own.
    fn declare(&mut self, name: &str, span: Span, occurrence: Occurrence) -> Option<String> {
        let renamed = self.own(name);
        let scope = self.scopes.last_mut()?;
        let message = match scope.get(name).map(|found| found.occurrence) {
            None => {
                scope.insert(name.to_owned(), Name { occurrence, span, uses: 0, renamed: renamed.clone() });
                return Some(renamed);
            }
            Some(Occurrence::Seen) => format!("var {name} referenced above"),
            Some(Occurrence::Assigned) => format!("var {name} assigned above"),
            Some(Occurrence::Declared) => format!("var {name} declared above"),
            Some(Occurrence::Argument) => format!("arg {name} redeclared"),
        };
        self.report.push(span, Code::Compile, message);
        None
    }

    /// A use of a name, which becomes the one that is its own.
    fn see(&mut self, name: &mut String, span: Span) {
        for scope in self.scopes.iter_mut().rev() {
            if let Some(found) = scope.get_mut(name) {
                found.uses += 1;
                name.clone_from(&found.renamed);
                return;
            }
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.clone(), Name { occurrence: Occurrence::Seen, span, uses: 1, renamed: name.clone() });
        }
    }

    fn shadows(&self, name: &str) -> bool {
        let found = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        found.is_some_and(|found| found.occurrence != Occurrence::Seen || found.renamed != name)
    }
}

impl VisitMut for Declarer<'_, '_> {
    fn expr(&mut self, expr: &mut Expr) {
        let span = expr.span;
        match &mut expr.kind {
            ExprKind::Assign(left, right) => {
                self.term(right);
                self.assign(left);
            }
            ExprKind::Some(variables) => variables.iter().for_each(|variable| self.variable(variable)),
            ExprKind::SomeIn { key, value, collection } => {
                self.some_in(span, key.iter_mut().chain([value]).collect(), collection);
                self.operator("eq", span);
            }
            ExprKind::Every { key, value, domain, body } => {
                self.term(domain);
                self.every(span, key.iter_mut().chain([value]).collect(), body);
                walk_expr_mut(&mut Again(self), expr);
                self.scopes.pop();
                return;
            }
            ExprKind::Not(inner) if matches!(inner.kind, ExprKind::Assign(..)) => {
                self.report.push(span, Code::Compile, "cannot assign vars inside negated expression");
            }
            ExprKind::Not(inner) => self.expr(inner),
            ExprKind::NotBody(body) if is_braced(self.sources, body) => {
                self.every(span, Vec::new(), body);
                walk_expr_mut(&mut Again(self), expr);
                self.scopes.pop();
                return;
            }
            // Operands, and what stands behind `not` without braces.
            ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => {
                for operand in operands(expr) {
                    self.nested(Scope::new(), Vec::new(), operand);
                }
                return walk_expr_mut(&mut Again(self), expr);
            }
            ExprKind::Term(term) => self.term(term),
            ExprKind::Unify(left, right) => {
                self.operator("eq", span);
                self.term(left);
                self.term(right);
            }
        }
        self.modifiers(expr);
    }

    fn term(&mut self, term: &mut Term) {
        let span = term.span;
        match &mut term.kind {
            TermKind::Var(name) if name != "input" && name != "data" => self.see(name, span),
            TermKind::Call(function, arguments) => {
                self.function(function, span);
                for argument in arguments.iter_mut() {
                    self.term(argument);
                }
            }
            TermKind::Binary(operator, left, right) => {
                self.operator(operator.builtin(), span);
                self.term(left);
                self.term(right);
            }
            TermKind::Member(..) => {
                self.operator("internal", span);
                walk_term_mut(self, term);
            }
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.nested(Scope::new(), vec![head], body);
            }
            TermKind::ObjectComprehension(key, value, body) => self.nested(Scope::new(), vec![key, value], body),
            TermKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Expr(expr) = part {
                        self.expr(expr);
                    }
                }
            }
            _ => walk_term_mut(self, term),
        }
    }
}

/// The bodies in `not`, `and` and `or`.
fn operands(expr: &mut Expr) -> &mut [Body] {
    match &mut expr.kind {
        ExprKind::NotBody(body) => std::slice::from_mut(body),
        ExprKind::And(operands) | ExprKind::Or(operands) => operands,
        _ => &mut [],
    }
}
