//! The steps that a body is lowered to, and what is bound so far.

use std::collections::{BTreeMap, BTreeSet};

use crate::rego::ast::{Expr, ExprKind, Span, Term, TermKind, With};

/// The steps of the body at hand, in the order in which regorus evaluates them.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The steps so far.
    pub(super) out: Vec<Expr>,
    /// The modifiers of the expression that is being lowered.
    pub(super) with: Vec<With>,
    /// What stands for each variable that has a value: a generated variable or a scalar.
    bound: BTreeMap<String, Term>,
    /// The variables in the order in which they were bound.
    log: Vec<String>,
    /// The variables that belong to each body around, innermost last: an inner body waits for those of the outer ones.
    pub(super) awaited: Vec<BTreeSet<String>>,
    /// The generated variables that a step of the body at hand binds.
    pub(super) local: BTreeSet<String>,
    /// The same for the bodies around, innermost last.
    pub(super) around: Vec<BTreeSet<String>>,
    /// The generated variables that an `every` around binds: regorus takes them for unbound in its body.
    pub(super) quantified: BTreeSet<String>,
    /// The probe that was put in last, in probed bodies.
    pub(super) last_probe: Option<Term>,
    /// Whether bodies are probed, so that steps must be taken in their order.
    probed: bool,
    prefix: String,
    next: usize,
}

/// Whether a term is more than a variable, and not one of the functions that are evaluated for what they do.
fn is_test(term: &Term) -> bool {
    match &term.kind {
        TermKind::Var(_) => false,
        TermKind::Call(function, _) => !matches!(function.as_var(), Some("walk" | "print")),
        _ => true,
    }
}

/// A point to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    out: usize,
    log: usize,
}

impl Steps {
    /// No steps.
    pub(super) fn new(prefix: &str, probed: bool) -> Self {
        Self { prefix: prefix.to_owned(), probed, ..Self::default() }
    }

    /// A name that no source uses. Names sort in the order of binding: regorus schedules by name.
    pub(super) fn fresh(&mut self) -> String {
        self.next += 1;
        format!("{}{:05}", self.prefix, self.next)
    }

    /// Adds a step.
    pub(super) fn emit(&mut self, span: Span, kind: ExprKind) {
        let kind = match kind {
            ExprKind::Term(term) if self.probed && is_test(&term) => ExprKind::Term(self.assign(term)),
            kind => kind,
        };
        self.out.push(Expr::new(span, kind).with(self.with.clone()));
    }

    /// Adds `name := value` and gives back the name as a term.
    pub(super) fn assign(&mut self, value: Term) -> Term {
        let span = value.span;
        let name = self.fresh();
        self.local.insert(name.clone());
        let variable = Term::var(span, name);
        self.emit(span, ExprKind::Assign(variable.clone(), value));
        variable
    }

    /// What stands for a variable.
    pub(super) fn value_of(&self, variable: &str) -> Option<&Term> {
        self.bound.get(variable)
    }

    /// Lets `term` stand for a variable.
    pub(super) fn bind(&mut self, variable: &str, term: Term) {
        self.log.push(variable.to_owned());
        self.bound.insert(variable.to_owned(), term);
    }

    /// Whether steps must be taken in their order.
    pub(super) const fn is_probed(&self) -> bool {
        self.probed
    }

    /// The variables of the user that have values, each name once: the innermost.
    pub(super) fn named(&self) -> Vec<String> {
        let mut named: BTreeMap<&str, &String> = BTreeMap::new();
        for variable in self.log.iter().filter(|variable| !variable.starts_with(['_', '$'])) {
            named.insert(super::resolve::name_of(variable), variable);
        }
        named.into_values().cloned().collect()
    }

    /// Whether a body around the one at hand gives this variable its value.
    pub(super) fn is_awaited_outside(&self, variable: &str) -> bool {
        self.awaited.split_last().is_some_and(|(_, outer)| outer.iter().any(|names| names.contains(variable)))
    }

    /// Whether this or a body around gives this variable its value.
    pub(super) fn is_awaited(&self, variable: &str) -> bool {
        self.awaited.iter().any(|names| names.contains(variable))
    }

    /// Where the steps stand now.
    pub(super) fn mark(&self) -> Mark {
        Mark { out: self.out.len(), log: self.log.len() }
    }

    /// Takes back all steps since `mark`.
    pub(super) fn undo(&mut self, mark: Mark) {
        self.out.truncate(mark.out);
        self.unbind(mark);
    }

    /// Forgets the variables bound since `mark`.
    pub(super) fn unbind(&mut self, mark: Mark) {
        for variable in self.log.drain(mark.log.min(self.log.len())..) {
            self.bound.remove(&variable);
        }
    }
}
