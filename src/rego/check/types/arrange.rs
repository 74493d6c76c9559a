//! What OPA does to expanded bodies between its checks of safety and of types: they get the order in which they are evaluated,
//! `==` and `:=` become equations, and references and closures that are operands become variables.

use super::expand::Expand;
use crate::rego::ast::{Body, Expr, ExprKind, Ref, Term, TermKind, VisitMut, With, walk_expr_mut};
use crate::rego::check::World;
use crate::rego::check::safety::{of_expression, ordered};
use crate::rego::check::variable::Names;

/// Brings bodies, and those in them, into the form in which types are checked.
pub(super) struct Arrange<'w, 'c> {
    world: &'w World<'c>,
    expand: Expand,
    /// What has a value where a body stands.
    known: Names,
}

impl<'w, 'c> Arrange<'w, 'c> {
    /// For bodies that `expand` made, where `known` have values.
    pub(super) const fn new(world: &'w World<'c>, expand: Expand, known: Names) -> Self {
        Self { world, expand, known }
    }

    fn flatten(&mut self, expr: Expr, out: &mut Body) {
        let Expr { span, kind, with } = expr;
        let kind = self.kind(kind, &mut Place { out, with: &with });
        out.push(Expr { span, kind, with });
    }

    fn kind(&mut self, kind: ExprKind, place: &mut Place<'_>) -> ExprKind {
        match kind {
            ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => {
                let left = self.outer(left, place);
                ExprKind::Unify(left, self.outer(right, place))
            }
            ExprKind::Term(Term { span, kind: TermKind::Call(function, operands) }) => match equation(&function, operands) {
                Ok([left, right]) => self.kind(ExprKind::Unify(left, right), place),
                Err(operands) => {
                    let operands = operands.into_iter().map(|operand| self.inner(operand, place)).collect();
                    ExprKind::Term(Term::new(span, TermKind::Call(function, operands)))
                }
            },
            ExprKind::Term(term) => ExprKind::Term(self.outer(term, place)),
            ExprKind::Not(inner) => {
                let Expr { span, kind, with } = *inner;
                ExprKind::Not(Box::new(Expr { span, kind: self.kind(kind, place), with }))
            }
            other => other,
        }
    }

    /// A side of an equation: may be a reference or a closure itself.
    fn outer(&mut self, term: Term, place: &mut Place<'_>) -> Term {
        match term.kind {
            TermKind::Ref(Ref { head, path }) => {
                let path = path.into_iter().map(|element| self.inner(element, place)).collect();
                Term::new(term.span, TermKind::Ref(Ref { head, path }))
            }
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => term,
            _ => self.inner(term, place),
        }
    }

    fn inner(&mut self, term: Term, place: &mut Place<'_>) -> Term {
        let span = term.span;
        let kind = match term.kind {
            TermKind::Ref(_) => {
                let term = self.outer(term, place);
                return self.expand.local(term, place.out, place.with);
            }
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => {
                return self.expand.local(term, place.out, place.with);
            }
            TermKind::Array(items) => TermKind::Array(items.into_iter().map(|item| self.inner(item, place)).collect()),
            TermKind::Set(items) => TermKind::Set(items.into_iter().map(|item| self.inner(item, place)).collect()),
            TermKind::Object(members) => TermKind::Object(
                members
                    .into_iter()
                    .map(|(key, value)| {
                        let key = self.inner(key, place);
                        (key, self.inner(value, place))
                    })
                    .collect(),
            ),
            other => other,
        };
        Term::new(span, kind)
    }
}

impl VisitMut for Arrange<'_, '_> {
    fn body(&mut self, body: &mut Body) {
        let outer = self.known.clone();
        let order: Vec<Expr> = ordered(self.world, &outer, body).into_iter().cloned().collect();
        body.clear();
        for mut expr in order {
            let mut mentioned = Names::new();
            of_expression(self.world, &expr, &mut mentioned);
            if let ExprKind::Every { key, value, .. } = &expr.kind {
                self.known.extend(key.iter().chain([value]).map(|variable| variable.name.clone()));
            }
            walk_expr_mut(self, &mut expr);
            self.known.extend(mentioned);
            self.flatten(expr, body);
        }
        self.known = outer;
    }
}

/// A statement and where those go that it needs.
struct Place<'a> {
    out: &'a mut Body,
    with: &'a [With],
}

/// The sides of a `==` whose value is not asked for.
fn equation(function: &Term, operands: Vec<Term>) -> Result<[Term; 2], Vec<Term>> {
    if function.as_var() == Some("equal") { operands.try_into() } else { Err(operands) }
}
