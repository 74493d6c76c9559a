//! The variables of terms and expressions. Each `_` is one of its own.

use std::collections::BTreeSet;

use crate::rego::ast::{Body, Expr, ExprKind, Term, TermKind, Visit, walk_kind, walk_term};

/// Names of variables.
pub(super) type Names = BTreeSet<String>;

/// The variable that a term is: its name, or one made up for a `_`.
pub(super) fn name(term: &Term) -> Option<String> {
    match &term.kind {
        TermKind::Var(name) if name != "input" && name != "data" => Some(name.clone()),
        TermKind::Wildcard => Some(format!("_ {} {}", term.span.file, term.span.start)),
        _ => None,
    }
}

/// How messages show a variable.
pub(super) fn shown(name: &str) -> &str {
    if name.starts_with("_ ") { "_" } else { name.split('#').next().unwrap_or(name) }
}

/// The variables of terms, those in comprehensions and function names left out.
pub(super) fn of_terms<'a>(terms: impl IntoIterator<Item = &'a Term>) -> Names {
    let mut finder = Finder { names: Names::new(), closures: false };
    for term in terms {
        finder.term(term);
    }
    finder.names.retain(|name| !name.starts_with("_ "));
    finder.names
}

/// The variables of terms, `_` included.
pub(super) fn all_of_terms<'a>(terms: impl IntoIterator<Item = &'a Term>) -> Names {
    let mut finder = Finder { names: Names::new(), closures: false };
    for term in terms {
        finder.term(term);
    }
    finder.names
}

/// The variables of an expression, those in closures left out.
pub(super) fn of_expr(expr: &Expr) -> Names {
    let mut finder = Finder { names: Names::new(), closures: false };
    finder.expr(expr);
    finder.names
}

/// The variables in the closures of an expression, at any depth.
pub(super) fn in_closures(expr: &Expr) -> Names {
    let mut finder = Finder { names: Names::new(), closures: true };
    finder.expr(expr);
    finder.names
}

/// The variables anywhere in a body.
pub(super) fn of_body(body: &Body) -> Names {
    body.iter().flat_map(of_expr).collect()
}

struct Finder {
    names: Names,
    /// Looks for what stands in closures, and only for that.
    closures: bool,
}

impl Finder {
    fn closure<'a>(&mut self, heads: &[&'a Term], body: &'a Body) {
        if !self.closures {
            return;
        }
        let mut inner = Finder { names: Names::new(), closures: false };
        for head in heads {
            inner.term(head);
        }
        let mut deeper = Finder { names: Names::new(), closures: true };
        for head in heads {
            deeper.term(head);
        }
        for expr in body {
            inner.expr(expr);
            deeper.expr(expr);
        }
        self.names.extend(inner.names);
        self.names.extend(deeper.names);
    }
}

impl<'a> Visit<'a> for Finder {
    fn body(&mut self, body: &'a Body) {
        self.closure(&[], body);
    }

    fn expr(&mut self, expr: &'a Expr) {
        if matches!(expr.kind, ExprKind::Some(_)) {
            return;
        }
        walk_kind(self, expr);
        for with in &expr.with {
            // The first name of a target is no variable.
            if let TermKind::Ref(reference) = &with.target.kind {
                for element in &reference.path {
                    self.term(element);
                }
            }
            self.term(&with.value);
        }
    }

    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Call(function, arguments) => {
                // The name of a function is no variable, but its elements could hold some.
                if let TermKind::Ref(reference) = &function.kind {
                    for element in &reference.path {
                        self.term(element);
                    }
                }
                for argument in arguments {
                    self.term(argument);
                }
            }
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => self.closure(&[head], body),
            TermKind::ObjectComprehension(key, value, body) => self.closure(&[key, value], body),
            _ => match name(term) {
                Some(name) if !self.closures => {
                    self.names.insert(name);
                }
                _ => walk_term(self, term),
            },
        }
    }
}
