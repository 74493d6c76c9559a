//! The lowering of one rule: what its parts share, and in which order the expressions of a body are taken.
//!
//! OPA's rule: an expression is evaluated as soon as all its variables have values or get one from it; among those that
//! can be, the order of the source holds.

use std::collections::BTreeSet;

use super::metadata::Active;
use super::steps::Steps;
use super::world::World;
use crate::rego::ast::{Body, Expr, ExprKind, Span, Term, TermKind, Visit, walk_expr, walk_term};

/// Why a rule cannot be lowered.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// Where.
    pub(super) span: Span,
    /// The variable that has no value (yet).
    pub(super) unsafe_variable: Option<String>,
    /// What is wrong, where it is anything else.
    pub(super) message: String,
}

/// The result of lowering.
pub(super) type Lowered<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn unsafe_variable(span: Span, variable: &str) -> Self {
        Self { span, unsafe_variable: Some(variable.to_owned()), message: String::new() }
    }

    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, unsafe_variable: None, message: message.into() }
    }
}

/// The lowering of one rule.
#[derive(Debug)]
pub(super) struct Lower<'a> {
    pub(super) world: &'a World<'a>,
    /// The rule, for `rego.metadata`.
    pub(super) active: Active<'a>,
    pub(super) steps: Steps,
    /// What names the cases of a test, until it is said that one is tried.
    pub(super) case: Option<Vec<Term>>,
}

/// The variables of an expression.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Those outside closures.
    pub(super) plain: BTreeSet<String>,
    /// Those in comprehensions, `every`, `not {..}`, `and`, `or` and templates.
    pub(super) closed: BTreeSet<String>,
    depth: usize,
}

impl<'a> Lower<'a> {
    pub(super) fn new(world: &'a World<'a>, active: Active<'a>) -> Self {
        Self { world, active, steps: Steps::new(&world.prefix, world.probes.is_some()), case: None }
    }

    /// Lowers a body. `heads` are the terms that are evaluated behind it: their variables are the body's.
    pub(super) fn body(&mut self, body: &Body, heads: &[&Term]) -> Lowered<()> {
        let variables: Vec<Variables> = body.iter().map(Variables::of_expr).collect();
        let mut own: BTreeSet<String> = variables.iter().flat_map(|variables| variables.plain.iter().cloned()).collect();
        for head in heads {
            own.extend(Variables::of_term(head).plain);
        }
        if let Some(awaited) = self.steps.awaited.last_mut() {
            awaited.extend(own);
        }
        let mut left: Vec<(&Expr, &Variables)> = body.iter().zip(&variables).collect();
        while !left.is_empty() {
            let before = left.len();
            let mut later = Vec::new();
            let mut refusal = None;
            for (expr, variables) in left {
                match self.attempt(expr, variables) {
                    Ok(()) if self.steps.awaited.len() == 1 => self.case()?,
                    Ok(()) => {}
                    Err(error) if error.unsafe_variable.is_some() => {
                        refusal.get_or_insert(error);
                        later.push((expr, variables));
                    }
                    Err(error) => return Err(error),
                }
            }
            left = later;
            if left.len() == before {
                return refusal.map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    /// Lowers an expression if its variables allow it, else leaves no trace.
    fn attempt(&mut self, expr: &Expr, variables: &Variables) -> Lowered<()> {
        let waits = |name: &&String| self.steps.value_of(name).is_none() && self.steps.is_awaited(name);
        // What the domain of `every` binds has its value before the body is looked at.
        let binds = |name: &&String| matches!(expr.kind, ExprKind::Every { .. }) && variables.plain.contains(*name);
        if let Some(name) = variables.closed.iter().filter(|name| !binds(name)).find(waits) {
            return Err(Refusal::unsafe_variable(expr.span, name));
        }
        let mark = self.steps.mark();
        let with = self.steps.with.clone();
        let result = self.probe(expr).and_then(|()| self.literal(expr));
        if result.is_err() {
            self.steps.undo(mark);
            self.steps.with = with;
        }
        result
    }

    /// Whether a variable occurs where it would be bound: as the term, or in a composite that is the term.
    pub(super) fn is_open(&self, term: &Term) -> bool {
        match &term.kind {
            TermKind::Var(name) => is_variable(name) && self.steps.value_of(name).is_none(),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().any(|item| self.is_open(item)),
            TermKind::Object(members) => members.iter().any(|(key, value)| self.is_open(key) || self.is_open(value)),
            _ => false,
        }
    }

    /// The variable that the term is, if it has no value yet and may get one here.
    pub(super) fn open_variable<'t>(&self, term: &'t Term) -> Lowered<Option<&'t str>> {
        match &term.kind {
            TermKind::Var(name) if self.is_open(term) => {
                if self.steps.is_awaited_outside(name) {
                    return Err(Refusal::unsafe_variable(term.span, name));
                }
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }
}

/// The body with those heads behind it that bind what it uses, and the heads, variables in their place: `[a[i] | f(i)]` is
/// `[x | f(i); x = a[i]]`. `None` where there is no such head.
pub(super) fn bound_by_heads(body: &Body, heads: &[&Term]) -> Option<(Body, Vec<Term>)> {
    let mut used = BTreeSet::new();
    for expr in body {
        let Variables { plain, closed, .. } = Variables::of_expr(expr);
        used.extend(plain.into_iter().chain(closed));
    }
    let binds = |head: &Term| {
        let mut brackets = Brackets { used: &used, found: false };
        brackets.term(head);
        brackets.found
    };
    if !heads.iter().any(|head| binds(head)) {
        return None;
    }
    let mut body = body.clone();
    let heads = heads.iter().map(|&head| {
        if !binds(head) {
            return head.clone();
        }
        let variable = Term::var(head.span, format!("$head#{}.{}", head.span.file, head.span.start));
        body.push(Expr::new(head.span, ExprKind::Unify(variable.clone(), head.clone())));
        variable
    });
    let heads = heads.collect();
    Some((body, heads))
}

/// Looks for variables in the brackets of references that a body uses too.
struct Brackets<'a> {
    used: &'a BTreeSet<String>,
    found: bool,
}

impl<'t> Visit<'t> for Brackets<'_> {
    fn body(&mut self, _: &'t Body) {}

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::Ref(reference) => {
                self.found |= reference.path.iter().filter_map(Term::as_var).any(|name| self.used.contains(name));
                walk_term(self, term);
            }
            TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_) => {}
            _ => walk_term(self, term),
        }
    }
}

/// Whether a name is that of a variable: resolving numbered all of them.
pub(super) fn is_variable(name: &str) -> bool {
    name.contains('#')
}

impl Variables {
    /// The variables of an expression.
    pub(super) fn of_expr(expr: &Expr) -> Self {
        let mut found = Self::default();
        found.expr(expr);
        found
    }

    /// The variables of a term.
    pub(super) fn of_term(term: &Term) -> Self {
        let mut found = Self::default();
        found.term(term);
        found
    }

    fn closure(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl<'a> Visit<'a> for Variables {
    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Every { domain, body, .. } => {
                self.term(domain);
                self.closure(|found| found.body(body));
                for with in &expr.with {
                    self.term(&with.value);
                }
            }
            ExprKind::NotBody(_) | ExprKind::And(_) | ExprKind::Or(_) => self.closure(|found| walk_expr(found, expr)),
            _ => walk_expr(self, expr),
        }
    }

    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Var(name) if is_variable(name) => {
                let set = if self.depth == 0 { &mut self.plain } else { &mut self.closed };
                set.insert(name.clone());
            }
            TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_) => {
                self.closure(|found| walk_term(found, term));
            }
            _ => walk_term(self, term),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA evaluates what heads need behind the body, and takes it earlier where the body waits for it.
    #[test]
    fn a_head_binds_what_its_body_uses() {
        for rule in ["p := input.a[i] if startswith(i, \"x\")", "p := [input.a[i] | y = i; startswith(y, \"x\")]"] {
            assert!(lowered(&[rule]).contains("startswith(__0000"), "{rule}");
        }
    }

    /// OPA has the domain in a statement of its own before `every`.
    #[test]
    fn the_domain_of_every_binds_what_its_body_uses() {
        let rule = lowered(&["p if every x in input.a[i] { x == i }"]);
        assert!(rule.contains("__00002 := input.a[__00001]\n  every __00003 in "), "{rule}");
    }

    /// OPA orders a body by safety, not as it is written.
    #[test]
    fn expressions_are_taken_when_their_variables_have_values() {
        let expected = r"
p if {
  __00001 := input.x
  __00001 == 1
}
";
        assert_eq!(lowered(&[r"p if { y == 1; x := input.x; y = x }"]), expected.trim());
    }
}
