//! Names: imports and rules become full paths below `data`, every local variable gets a name of its own.
//!
//! OPA's rule: a declared name hides a rule, a rule hides an import, and what is none of them is a variable of the rule.
//! Afterwards nothing is shadowed (B1), no import remains (B2, B7), and calls name the function by its path (B6).

use std::collections::BTreeMap;

use super::local::Locals;
use super::world::World;
use crate::rego::ast::{Body, Else, Expr, ExprKind, Head, Module, Operated, Ref, Rule, Span, TemplatePart, Term, TermKind, Variable, With};

/// The rule with every name resolved. Variables are then named `name#number`; `input`, `data` and builtins keep theirs.
pub(super) fn rule(world: &World<'_>, module: &Module, rule: &Rule) -> Rule {
    let mut names = Names::new(world, module);
    let mut resolved = rule.clone();
    names.locals.enter(&Body::new());
    if let Some(parameters) = &mut resolved.head.parameters {
        for parameter in &*parameters {
            names.locals.declare_pattern(parameter);
        }
        for parameter in &mut *parameters {
            names.term(parameter);
        }
    }
    names.branch(Some(&mut resolved.head), None, &mut resolved.body);
    for Else { value, body, .. } in &mut resolved.otherwise {
        names.branch(None, value.as_mut(), body);
    }
    resolved
}

/// The name that the user gave to a variable.
pub(super) fn name_of(variable: &str) -> &str {
    variable.split('#').next().unwrap_or(variable)
}

struct Names<'a> {
    world: &'a World<'a>,
    package: &'a [String],
    imports: BTreeMap<&'a str, &'a [String]>,
    locals: Locals,
}

impl<'a> Names<'a> {
    fn new(world: &'a World<'a>, module: &'a Module) -> Self {
        let imports = module.imports.iter().filter_map(|import| import.name().map(|name| (name, import.path.as_slice()))).collect();
        Self { world, package: &module.package.path, imports, locals: Locals::default() }
    }

    /// The full path that a name stands for, unless it is a variable.
    fn path_of(&self, name: &str) -> Option<Vec<String>> {
        if self.world.has_rule(self.package, name) {
            let data = std::iter::once("data".to_owned());
            return Some(data.chain(self.package.iter().cloned()).chain(std::iter::once(name.to_owned())).collect());
        }
        self.imports.get(name).map(|path| path.to_vec())
    }

    /// The same of a name that a declaration may hide.
    fn global(&self, name: &str) -> Option<Vec<String>> {
        self.path_of(name).filter(|_| self.locals.may_be_global(name))
    }

    /// What is called where a rule or an import has the name of an operator's builtin.
    fn instead(&self, span: Span, operated: Option<Operated>) -> Option<Term> {
        let (name, more) = operated?;
        let path = self.global(name).filter(|_| self.locals.declared(name).is_none())?;
        Some(full_path(span, &path, more.map(|name| Term::string(span, name)).into_iter().collect()))
    }

    /// The head and the body of a rule, or an `else`: what the body declares is seen in the head.
    fn branch(&mut self, head: Option<&mut Head>, value: Option<&mut Term>, body: &mut Body) {
        self.locals.enter(body);
        self.body(body);
        if let Some(head) = head {
            for term in &mut *head.name.path {
                self.term(term);
            }
            for term in head.key.iter_mut().chain(&mut head.value) {
                self.term(term);
            }
        }
        if let Some(term) = value {
            self.term(term);
        }
        self.locals.leave();
    }

    fn body(&mut self, body: &mut Body) {
        for expr in &mut *body {
            self.expr(expr);
        }
    }

    fn scoped(&mut self, body: &mut Body) {
        self.locals.enter(body);
        self.body(body);
        self.locals.leave();
    }

    /// A body that OPA reads twice.
    fn scoped_twice(&mut self, body: &mut Body) {
        self.locals.enter_twice(body);
        self.body(body);
        self.locals.leave();
    }

    fn expr(&mut self, expr: &mut Expr) {
        for with in &mut *expr.with {
            self.with(with);
        }
        if let Some(function) = self.instead(expr.span, expr.operated()) {
            expr.operate(function);
        }
        match &mut expr.kind {
            ExprKind::Term(term) => self.term(term),
            ExprKind::Unify(left, right) => {
                self.term(left);
                self.term(right);
            }
            ExprKind::Assign(left, right) => {
                self.term(right);
                self.locals.declare_pattern(left);
                self.term(left);
            }
            ExprKind::Some(variables) => {
                for variable in variables.iter() {
                    self.locals.declare(&variable.name);
                }
            }
            ExprKind::SomeIn { key, value, collection } => {
                self.term(collection);
                if let Some(key) = key {
                    self.locals.declare_pattern(key);
                }
                self.locals.declare_pattern(value);
                if let Some(key) = key {
                    self.term(key);
                }
                self.term(value);
            }
            ExprKind::Every { key, value, domain, body } => {
                self.term(domain);
                self.locals.enter(&Body::new());
                for variable in key.iter_mut().chain([value]) {
                    self.variable(variable);
                }
                self.scoped_twice(body);
                self.locals.leave();
            }
            ExprKind::Not(inner) => self.expr(inner),
            ExprKind::NotBody(body) => self.scoped_twice(body),
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                for body in operands.iter_mut() {
                    self.scoped(body);
                }
            }
        }
    }

    fn variable(&mut self, variable: &mut Variable) {
        self.locals.declare(&variable.name);
        let declared = self.locals.declared(&variable.name).cloned();
        variable.name = declared.unwrap_or_else(|| self.locals.fresh(&variable.name));
    }

    fn with(&mut self, with: &mut With) {
        self.function(&mut with.target);
        let builtin = with.value.as_path().is_some_and(|path| {
            let head = path.first().copied().unwrap_or_default();
            self.locals.declared(head).is_none() && self.path_of(head).is_none() && self.world.builtins.signature(&path.join(".")).is_some()
        });
        if !builtin {
            self.term(&mut with.value);
        }
    }

    /// The name of a function: locals do not hide it.
    fn function(&mut self, term: &mut Term) {
        let span = term.span;
        match &mut term.kind {
            TermKind::Var(name) => {
                if let Some(path) = self.path_of(name) {
                    *term = full_path(span, &path, Vec::new());
                }
            }
            TermKind::Ref(reference) => {
                for element in &mut *reference.path {
                    self.term(element);
                }
                if let Some(path) = reference.head.as_var().and_then(|name| self.path_of(name)) {
                    let rest = std::mem::take(&mut reference.path);
                    *term = full_path(span, &path, rest);
                }
            }
            _ => self.term(term),
        }
    }

    fn term(&mut self, term: &mut Term) {
        let span = term.span;
        if let Some(function) = self.instead(span, term.operated()) {
            term.operate(function);
        }
        match &mut term.kind {
            TermKind::Null | TermKind::Boolean(_) | TermKind::Number(_) | TermKind::String(_) => {}
            TermKind::Wildcard => term.kind = TermKind::Var(self.locals.fresh("_")),
            TermKind::Var(name) => {
                let name = std::mem::take(name);
                *term = self.head(span, &name, Vec::new());
            }
            TermKind::Ref(Ref { head, path }) => {
                for element in &mut *path {
                    self.term(element);
                }
                let Some(name) = head.as_var().map(str::to_owned) else {
                    return self.term(head);
                };
                let head_span = head.span;
                term.kind = self.head(head_span, &name, std::mem::take(path)).kind;
            }
            TermKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Expr(expr) = part {
                        self.expr(expr);
                    }
                }
            }
            TermKind::Call(function, arguments) => {
                if let Some(kind) = self.call(function, arguments) {
                    term.kind = kind;
                }
            }
            TermKind::Binary(_, left, right) => {
                self.term(left);
                self.term(right);
            }
            TermKind::Member(key, value, collection) => {
                if let Some(key) = key {
                    self.term(key);
                }
                self.term(value);
                self.term(collection);
            }
            TermKind::Array(items) | TermKind::Set(items) => {
                for item in items.iter_mut() {
                    self.term(item);
                }
            }
            TermKind::Object(members) => {
                for (key, value) in members {
                    self.term(key);
                    self.term(value);
                }
            }
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.comprehension(&mut [head], body);
            }
            TermKind::ObjectComprehension(key, value, body) => self.comprehension(&mut [key, value], body),
        }
    }

    /// A call. `f() := 1` defines no function, and calling it asks for its value, which then stands for the call.
    fn call(&mut self, function: &mut Term, arguments: &mut [Term]) -> Option<TermKind> {
        self.function(function);
        for argument in &mut *arguments {
            self.term(argument);
        }
        let is_rule = function.is_rooted_at("data") && !self.world.is_function(&function.as_path()?);
        (arguments.is_empty() && is_rule).then(|| std::mem::replace(&mut function.kind, TermKind::Null))
    }

    fn comprehension(&mut self, heads: &mut [&mut Box<Term>], body: &mut Body) {
        self.locals.enter(body);
        self.body(body);
        for head in &mut *heads {
            self.term(head);
        }
        self.locals.leave();
    }

    /// What `name.path` means. `path` is resolved.
    fn head(&mut self, span: Span, name: &str, path: Vec<Term>) -> Term {
        let variable = if let Some(local) = self.locals.declared(name) {
            local.clone()
        } else if name == "input" || name == "data" {
            name.to_owned()
        } else if let Some(full) = self.global(name) {
            return full_path(span, &full, path);
        } else {
            self.locals.loose(name)
        };
        let head = Box::new(Term::var(span, variable));
        Ref { head, path }.into_term(span)
    }
}

/// `path[0].path[1]..rest`.
fn full_path(span: Span, path: &[String], rest: Vec<Term>) -> Term {
    let (head, names) = path.split_first().map_or(("data", path), |(head, names)| (head.as_str(), names));
    let path = names.iter().map(|name| Term::string(span, name)).chain(rest).collect();
    Ref { head: Box::new(Term::var(span, head)), path }.into_term(span)
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: a declared name hides a rule, a rule hides an import (B1).
    #[test]
    fn a_local_name_hides_a_rule() {
        let expected = r"
msg := 1

p contains __00002 if {
  __00002 := input.a[__00001]
}

q := __00001 if {
  __00001 := data.t.msg
}
";
        assert_eq!(
            lowered(&[r"msg := 1
p contains msg if some msg in input.a
q := msg"]),
            expected.trim()
        );
    }
}
