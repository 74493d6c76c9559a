//! One expression of a body.

use super::lower::{Lower, Lowered};
use crate::rego::ast::{Body, Expr, ExprKind, Operator, Span, Term, TermKind, Variable};

impl Lower<'_> {
    /// Lowers one expression, with its modifiers.
    pub(super) fn literal(&mut self, expr: &Expr) -> Lowered<()> {
        if expr.with.is_empty() {
            return self.kind(expr.span, &expr.kind);
        }
        let outer = std::mem::take(&mut self.steps.with);
        let mut with = outer.clone();
        with.extend(self.modifiers(&expr.with)?);
        self.steps.with = with;
        self.kind(expr.span, &expr.kind)?;
        self.steps.with = outer;
        Ok(())
    }

    fn kind(&mut self, span: Span, kind: &ExprKind) -> Lowered<()> {
        match kind {
            ExprKind::Term(term) => self.test(span, term),
            ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => self.unify(span, left, right),
            ExprKind::Some(_) => Ok(()),
            ExprKind::SomeIn { key, value, collection } => self.some_in(key.as_ref(), value, collection),
            ExprKind::Every { key, value, domain, body } => {
                let domain = self.ground(domain)?;
                self.every([key.as_ref(), Some(value)], domain, body)
            }
            ExprKind::Not(inner) => self.negation(span, inner),
            ExprKind::NotBody(body) => {
                let closed = self.solutions(span, body)?;
                self.emit_none(span, closed);
                Ok(())
            }
            ExprKind::And(operands) => operands.iter().try_for_each(|body| {
                let closed = self.solutions(span, body)?;
                let test = Term::new(span, TermKind::Binary(Operator::NotEqual, Box::new(closed), Box::new(empty(span))));
                self.steps.emit(span, ExprKind::Term(test));
                Ok(())
            }),
            // `a or b` is `not {not {a}; not {b}}`: what stands behind the first that holds is not evaluated.
            ExprKind::Or(operands) => {
                let denials = operands.iter().map(|body| Expr::new(span, ExprKind::NotBody(body.clone()))).collect();
                let closed = self.solutions(span, &denials)?;
                self.emit_none(span, closed);
                Ok(())
            }
        }
    }

    /// A term that must be defined and not `false`.
    pub(super) fn test(&mut self, span: Span, term: &Term) -> Lowered<()> {
        if let TermKind::Call(function, arguments) = &term.kind {
            if function.as_var() == Some("walk") && arguments.len() == 2 {
                return self.walk_into(span, arguments);
            }
            if function.as_var() == Some("print") {
                return self.print(span, function, arguments);
            }
            if let Some((output, operands)) = self.output_of(function, arguments) {
                let call = Term::new(term.span, TermKind::Call(function.clone(), operands.to_vec()));
                return self.unify(span, output, &call);
            }
        }
        let ground = self.ground(term)?;
        self.steps.emit(span, ExprKind::Term(ground));
        Ok(())
    }

    /// `some key, value in collection`: no iteration over what is no collection (O3).
    fn some_in(&mut self, key: Option<&Term>, value: &Term, collection: &Term) -> Lowered<()> {
        let collection = self.ground(collection)?;
        let (index, element) = self.iterate(collection);
        if let Some(key) = key {
            self.pattern(key, &index)?;
        }
        self.pattern(value, &element)
    }

    /// `every key, value in domain { body }`. regorus does not see that the body uses variables of the body around, and
    /// may evaluate the whole before they have values: the domain names them.
    fn every(&mut self, variables: [Option<&Variable>; 2], domain: Term, body: &Body) -> Lowered<()> {
        let span = domain.span;
        let domain = self.settled(domain);
        let mut names = Vec::new();
        let (inner, ()) = self.closure(|lower| {
            for variable in variables.into_iter().flatten() {
                let name = lower.steps.fresh();
                lower.steps.quantified.insert(name.clone());
                lower.steps.bind(&variable.name, Term::var(variable.span, name.clone()));
                names.push(Variable { span: variable.span, name });
            }
            lower.body(body, &[])
        })?;
        let Some(value) = names.pop() else {
            return Ok(());
        };
        let domain = self.depending_on(domain, &inner);
        self.steps.emit(span, ExprKind::Every { key: names.pop(), value, domain, body: inner });
        Ok(())
    }

    /// `collection[index]` for each index: the index and the element.
    pub(super) fn iterate(&mut self, collection: Term) -> (Term, Term) {
        let span = collection.span;
        let index = self.steps.fresh();
        self.steps.local.insert(index.clone());
        let index = Term::var(span, index);
        let element = self.steps.assign(super::reference::select(collection, index.clone()));
        (index, element)
    }
}

/// `[]`
pub(super) fn empty(span: Span) -> Term {
    Term::new(span, TermKind::Array(Vec::new()))
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `every` is true of nothing, and undefined where its domain is.
    #[test]
    fn every_keeps_what_it_needs_of_the_body_around() {
        let expected = r"
p if {
  __00001 := input.x
  __00002 := input.a
  every __00003 in [__00002, __00001][0] {
    gt(__00003, __00001)
  }
}
";
        assert_eq!(lowered(&[r"p if { x := input.x; every y in input.a { y > x } }"]), expected.trim());
    }

    /// So it does where it stands in a closure: regorus else evaluates that before `x` has its value.
    #[test]
    fn every_keeps_what_it_needs_of_bodies_further_out() {
        let text = lowered(&[r"p if { some x in input.x; count([1 | every y in input.a { y > x }]) > 0 }"]);
        assert!(text.contains("][0] {"), "{text}");
    }
}
