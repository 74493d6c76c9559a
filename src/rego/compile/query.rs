//! Queries: a module with one rule whose value is an array with one element for each result.

use std::collections::BTreeSet;

use super::Options;
use crate::rego::ast::{
    Body, Expr, ExprKind, Fresh, Head, Keywords, Module, Package, Ref, Rule, Scopes, Term, TermKind, Version, Visit, walk_expr, walk_term,
};
use crate::rego::diagnostic::Diagnostic;
use crate::rego::parse::parse_query;

/// How a query is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// The rule to evaluate. Its value is an array with `[[value of each expression], {name: value of each variable}]` for each
    /// result.
    pub(crate) rule: String,
    /// The text of each expression.
    pub(crate) expressions: Vec<String>,
}

/// A query that was read.
pub(super) struct Reading<'a> {
    text: &'a str,
    file: u32,
    body: Body,
    keywords: Keywords,
}

/// Reads a query.
pub(super) fn read<'a>(text: &'a str, file: u32, options: &Options<'_>) -> Result<Reading<'a>, Vec<Diagnostic>> {
    let version = if options.v0_compatible { Version::V0 } else { Version::V1 };
    let keywords = Keywords { member: true, every: true, contains: true, when: true, ..version.keywords() };
    let body = parse_query(text, file, version, keywords)?;
    Ok(Reading { text, file, body, keywords })
}

/// The module that answers a query.
pub(super) fn module(query: Reading<'_>, fresh: &mut Fresh, options: &Options<'_>) -> (Query, Module) {
    let Reading { text, file, body, keywords } = query;
    let shown = body.iter().filter(|expr| !matches!(expr.kind, ExprKind::Some(_)));
    let expressions = shown.map(|expr| expr.span.text(text).to_owned()).collect();
    let package = fresh.name("query");
    let rule = results(body, fresh, options);
    let query = Query { rule: format!("data.{package}.results"), expressions };
    let package = Package { span: rule.span, path: vec![package] };
    let rules = vec![rule];
    (query, Module { file, version: Version::V1, keywords, package, imports: Vec::new(), rules, annotations: Vec::new() })
}

/// `results := [[[values], {bindings}] | body]`
fn results(body: Body, fresh: &mut Fresh, options: &Options<'_>) -> Rule {
    let span = body.first().map(|expr| expr.span).unwrap_or_default();
    let bindings = variables(&body);
    let checked = body.len() > 1 || !bindings.is_empty() || Iteration::in_body(&body);
    let (mut expressions, mut captured, mut values) = (Vec::with_capacity(body.len()), Vec::new(), Vec::new());
    for expr in body {
        let span = expr.span;
        if matches!(expr.kind, ExprKind::Some(_)) {
            expressions.push(expr);
            continue;
        }
        match expr.kind {
            ExprKind::Term(term) if has_value(&term, options) => {
                let name = fresh.name("value");
                expressions.push(Expr { span, kind: ExprKind::Unify(Term::var(span, &name), term), with: expr.with });
                captured.push(Expr::term(Term::var(span, &name)));
                values.push(Term::var(span, name));
            }
            kind => {
                expressions.push(Expr { kind, ..expr });
                values.push(Term::new(span, TermKind::Boolean(true)));
            }
        }
    }
    // A single expression may be false; where there are more, or variables, all must hold.
    if checked {
        expressions.extend(captured);
    }
    let members = bindings.into_iter().map(|name| (Term::string(span, &name), Term::var(span, name))).collect();
    let result = TermKind::Array(vec![Term::new(span, TermKind::Array(values)), Term::new(span, TermKind::Object(members))]);
    let value = Term::new(span, TermKind::ArrayComprehension(Box::new(Term::new(span, result)), expressions));
    let name = Ref::name(span, "results");
    let head = Head { span, name, parameters: None, key: None, value: Some(value), assigned: true };
    Rule { span, default: false, head, body: Vec::new(), otherwise: Vec::new(), annotations: Vec::new() }
}

/// Whether an expression of this term has a value to show: calls of functions without one, or with their result as one more
/// operand, are just true.
fn has_value(term: &Term, options: &Options<'_>) -> bool {
    let TermKind::Call(function, arguments) = &term.kind else { return true };
    let Some(path) = function.as_path() else { return true };
    options
        .builtins
        .signature(&path.join("."))
        .is_none_or(|signature| signature.result.is_some() && (signature.variadic.is_some() || arguments.len() <= signature.operands.len()))
}

/// The variables that a query shows: those of its own expressions, not of comprehensions and the like in them.
fn variables(body: &Body) -> BTreeSet<String> {
    let mut finder = Variables { names: Scopes::of_body(body) };
    for expr in body {
        finder.expr(expr);
    }
    finder.names
}

struct Variables {
    names: BTreeSet<String>,
}

impl<'a> Visit<'a> for Variables {
    fn body(&mut self, _: &'a Body) {}

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Every { domain, .. } => self.term(domain),
            ExprKind::Not(_) => {}
            _ => walk_expr(self, expr),
        }
    }

    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Var(name) if name != "input" && name != "data" => {
                self.names.insert(name.clone());
            }
            TermKind::Call(_, arguments) => arguments.iter().for_each(|argument| self.term(argument)),
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {}
            _ => walk_term(self, term),
        }
    }
}

/// Finds `_` and `some`: with them there may be more than one result.
struct Iteration(bool);

impl Iteration {
    fn in_body(body: &Body) -> bool {
        let mut finder = Self(false);
        for expr in body {
            finder.expr(expr);
        }
        finder.0
    }
}

impl<'a> Visit<'a> for Iteration {
    fn body(&mut self, _: &'a Body) {}

    fn expr(&mut self, expr: &'a Expr) {
        self.0 |= matches!(expr.kind, ExprKind::SomeIn { .. });
        walk_expr(self, expr);
    }

    fn term(&mut self, term: &'a Term) {
        match term.kind {
            TermKind::Wildcard => self.0 = true,
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {}
            _ => walk_term(self, term),
        }
    }
}
