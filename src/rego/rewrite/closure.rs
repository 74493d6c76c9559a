//! Bodies inside bodies: comprehensions, and what is expressed by them.

use std::collections::BTreeSet;

use super::literal::empty;
use super::lower::{Lower, Lowered, bound_by_heads};
use crate::rego::ast::{Body, Expr, ExprKind, Operator, Ref, Span, Term, TermKind, Visit, walk_term};

impl Lower<'_> {
    /// Lowers a body of its own: what it binds is forgotten behind it. Its steps, and what `lower` gave.
    pub(super) fn closure<T>(&mut self, lower: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<(Body, T)> {
        let mark = self.steps.mark();
        let out = std::mem::take(&mut self.steps.out);
        let with = std::mem::take(&mut self.steps.with);
        let local = std::mem::take(&mut self.steps.local);
        self.steps.around.push(local);
        self.steps.awaited.push(BTreeSet::new());
        let result = lower(self);
        self.steps.awaited.pop();
        self.steps.local = self.steps.around.pop().unwrap_or_default();
        self.steps.with = with;
        let mut body = std::mem::replace(&mut self.steps.out, out);
        self.steps.unbind(mark);
        let value = result?;
        if body.is_empty() {
            body.push(Expr::term(Term::new(Span::default(), TermKind::Boolean(true))));
        }
        Ok((body, value))
    }

    /// A comprehension, or a template.
    pub(super) fn comprehension(&mut self, term: &Term) -> Lowered<Term> {
        let kind = match &term.kind {
            TermKind::ArrayComprehension(head, body) => {
                let (body, mut heads) = self.closed(body, &[head])?;
                heads.pop().map(|head| TermKind::ArrayComprehension(Box::new(head), body))
            }
            TermKind::SetComprehension(head, body) => {
                let (body, mut heads) = self.closed(body, &[head])?;
                heads.pop().map(|head| TermKind::SetComprehension(Box::new(head), body))
            }
            TermKind::ObjectComprehension(key, value, body) => {
                let (body, mut heads) = self.closed(body, &[key, value])?;
                let value = heads.pop();
                heads.pop().zip(value).map(|(key, value)| TermKind::ObjectComprehension(Box::new(key), Box::new(value), body))
            }
            _ => None,
        };
        Ok(kind.map_or_else(|| term.clone(), |kind| Term::new(term.span, kind)))
    }

    /// A body and the terms that are evaluated behind it.
    pub(super) fn closed(&mut self, body: &Body, heads: &[&Term]) -> Lowered<(Body, Vec<Term>)> {
        let bound = bound_by_heads(body, heads);
        let heads: Vec<&Term> = bound.as_ref().map_or_else(|| heads.to_vec(), |(_, heads)| heads.iter().collect());
        let body = bound.as_ref().map_or(body, |(body, _)| body);
        self.closure(|lower| {
            lower.body(body, &heads)?;
            heads
                .iter()
                .map(|head| {
                    let ground = lower.ground(head)?;
                    Ok(lower.settled(ground))
                })
                .collect()
        })
    }

    /// `[true | body]`: not empty iff the body holds.
    pub(super) fn solutions(&mut self, span: Span, body: &Body) -> Lowered<Term> {
        let (body, _) = self.closed(body, &[])?;
        Ok(solutions(span, body))
    }

    /// Adds the step that holds iff the array is empty.
    pub(super) fn emit_none(&mut self, span: Span, solutions: Term) {
        let test = TermKind::Binary(Operator::Equal, Box::new(solutions), Box::new(empty(span)));
        self.steps.emit(span, ExprKind::Term(Term::new(span, test)));
    }

    /// `term`, in a form that shows that `body` uses variables of the body at hand, or of those around: `[term, a, b][0]`.
    pub(super) fn depending_on(&self, term: Term, body: &Body) -> Term {
        let mut used = Used { local: &self.steps.local, around: &self.steps.around, found: BTreeSet::new() };
        used.body(body);
        if let Some(name) = self.steps.last_probe.as_ref().and_then(Term::as_var).filter(|name| self.steps.local.contains(*name)) {
            used.found.insert(name.to_owned());
        }
        if used.found.is_empty() {
            return term;
        }
        let span = term.span;
        let items = std::iter::once(term).chain(used.found.into_iter().map(|name| Term::var(span, name))).collect();
        let head = Box::new(Term::new(span, TermKind::Array(items)));
        Term::new(span, TermKind::Ref(Ref { head, path: vec![Term::number(span, "0")] }))
    }
}

/// `[true | body]`
pub(super) fn solutions(span: Span, body: Body) -> Term {
    Term::new(span, TermKind::ArrayComprehension(Box::new(Term::new(span, TermKind::Boolean(true))), body))
}

/// Finds variables of the body at hand and of those around it.
struct Used<'a> {
    local: &'a BTreeSet<String>,
    around: &'a [BTreeSet<String>],
    found: BTreeSet<String>,
}

impl<'a> Visit<'a> for Used<'_> {
    fn term(&mut self, term: &'a Term) {
        if let TermKind::Var(name) = &term.kind
            && (self.local.contains(name) || self.around.iter().any(|local| local.contains(name)))
        {
            self.found.insert(name.clone());
        }
        walk_term(self, term);
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA evaluates a comprehension for each binding of the variables around it.
    #[test]
    fn a_closure_shows_the_variables_that_it_depends_on() {
        let expected = r"
p contains __00005 if {
  __00002 := input.a[__00001]
  __00005 := [__00004 |
    __00004 := input.b[__00003]
    __00004 == __00002
  ]
}
";
        assert_eq!(lowered(&[r"p contains y if { some x in input.a; y := [z | some z in input.b; z == x] }"]), expected.trim());
    }
}
