//! The variables of terms and expressions. Each `_` is one of its own.

use std::collections::BTreeSet;

use crate::rego::ast::{Body, Expr, Term, TermKind, Visit, walk_term};

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
    let mut names = all_of_terms(terms);
    names.retain(|name| !name.starts_with("_ "));
    names
}

/// The variables of terms, `_` included.
pub(super) fn all_of_terms<'a>(terms: impl IntoIterator<Item = &'a Term>) -> Names {
    let mut finder = Finder(Names::new());
    for term in terms {
        finder.term(term);
    }
    finder.0
}

struct Finder(Names);

impl<'a> Visit<'a> for Finder {
    fn body(&mut self, _: &'a Body) {}

    fn expr(&mut self, _: &'a Expr) {}

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
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {}
            _ => match name(term) {
                Some(name) => {
                    self.0.insert(name);
                }
                _ => walk_term(self, term),
            },
        }
    }
}
