//! The form in which OPA looks for unsafe variables: calls are statements with their value as last operand, closures carry what
//! their heads evaluate. `==` is still a call, `:=` is told from `=`, and references stand anywhere.

use crate::rego::ast::{Body, Expr, ExprKind, Ref, Span, TemplatePart, Term, TermKind, With};

/// Brings bodies into that form. Its new variables have names that no source has.
#[derive(Default)]
pub(in super::super) struct Expand {
    next: usize,
}

/// A statement and where those go that it needs.
struct Place<'a> {
    out: &'a mut Body,
    with: &'a [With],
}

impl Expand {
    /// A body and the terms that are evaluated in it.
    pub(in super::super) fn body(&mut self, body: &Body, heads: Vec<&mut Term>) -> Body {
        let mut out = Body::new();
        for head in heads {
            self.head(head, &mut out);
        }
        // OPA puts what heads need behind the body.
        let behind = std::mem::take(&mut out);
        for expr in body {
            self.expr(expr, &mut out);
        }
        out.extend(behind);
        out
    }

    fn head(&mut self, head: &mut Term, out: &mut Body) {
        let mut term = self.term(head, &mut Place { out, with: &[] });
        if evaluates(&term) {
            term = self.local(term, out, &[]);
        }
        *head = term;
    }

    pub(super) fn fresh(&mut self, span: Span) -> Term {
        self.next += 1;
        Term::var(span, format!("_ local {}", self.next))
    }

    /// `local = term`
    pub(super) fn local(&mut self, term: Term, out: &mut Body, with: &[With]) -> Term {
        let span = term.span;
        let local = self.fresh(span);
        out.push(Expr::new(span, ExprKind::Unify(local.clone(), term)).with(with.to_vec()));
        local
    }

    fn expr(&mut self, expr: &Expr, out: &mut Body) {
        let mut with = Vec::with_capacity(expr.with.len());
        for modifier in &expr.with {
            let mut value = self.term(&modifier.value, &mut Place { out, with: &[] });
            // What is called in the place of a function has no value of its own.
            let replaced = modifier.target.is_rooted_at("input") || value.as_path().is_none();
            if evaluates(&value) && replaced {
                value = self.local(value, out, &[]);
            }
            with.push(With { span: modifier.span, target: modifier.target.clone(), value });
        }
        let kind = self.kind(expr, &mut Place { out, with: &with });
        if let Some(kind) = kind {
            out.push(Expr { span: expr.span, kind, with });
        }
    }

    fn kind(&mut self, expr: &Expr, place: &mut Place<'_>) -> Option<ExprKind> {
        Some(match &expr.kind {
            ExprKind::Some(_) => return None,
            ExprKind::Term(term) => self.statement(term, place),
            ExprKind::Assign(left, right) => {
                let left = self.term(left, place);
                ExprKind::Assign(left, self.term(right, place))
            }
            ExprKind::Unify(left, right) => {
                let left = self.term(left, place);
                ExprKind::Unify(left, self.term(right, place))
            }
            ExprKind::SomeIn { key, value, collection } => {
                let key = key.clone().unwrap_or_else(|| self.fresh(expr.span));
                let value = self.term(value, place);
                ExprKind::Unify(value, self.term(&collection.clone().member(key), place))
            }
            ExprKind::Every { key, value, domain, body } => {
                let domain = self.term(domain, place);
                let domain = self.local(domain, place.out, place.with);
                ExprKind::Every { key: key.clone(), value: value.clone(), domain, body: self.body(body, Vec::new()) }
            }
            ExprKind::Not(inner) => {
                let kind = self.kind(inner, place)?;
                ExprKind::Not(Box::new(Expr::new(inner.span, kind)))
            }
            ExprKind::NotBody(body) => ExprKind::NotBody(self.body(body, Vec::new())),
            ExprKind::And(operands) => ExprKind::And(operands.iter().map(|body| self.body(body, Vec::new())).collect()),
            ExprKind::Or(operands) => ExprKind::Or(operands.iter().map(|body| self.body(body, Vec::new())).collect()),
        })
    }

    fn statement(&mut self, term: &Term, place: &mut Place<'_>) -> ExprKind {
        match &term.kind {
            TermKind::Call(function, arguments) if is_print(function) => {
                let arguments = arguments.iter().map(|argument| self.shown(argument, &[])).collect();
                let shown = Term::new(term.span, TermKind::Array(arguments));
                ExprKind::Term(Term::call(term.span, "internal.print", vec![shown]))
            }
            _ => match self.call(term, place) {
                Some(call) => ExprKind::Term(call),
                None => ExprKind::Term(self.term(term, place)),
            },
        }
    }

    /// The call that a term is, its operands expanded.
    fn call(&mut self, term: &Term, place: &mut Place<'_>) -> Option<Term> {
        let span = term.span;
        let mut operands = |expand: &mut Self, terms: &[&Term]| terms.iter().map(|term| expand.term(term, place)).collect::<Vec<_>>();
        Some(match &term.kind {
            TermKind::Call(function, arguments) => {
                let arguments = operands(self, &arguments.iter().collect::<Vec<_>>());
                Term::new(span, TermKind::Call(function.clone(), arguments))
            }
            TermKind::Binary(operator, left, right) => Term::call(span, operator.builtin(), operands(self, &[left, right])),
            TermKind::Member(None, value, collection) => Term::call(span, "internal.member_2", operands(self, &[value, collection])),
            TermKind::Member(Some(key), value, collection) => {
                Term::call(span, "internal.member_3", operands(self, &[key, value, collection]))
            }
            TermKind::Template(parts) => {
                let parts = parts.iter().map(|part| match part {
                    TemplatePart::Text(span, text) => Term::string(*span, text),
                    TemplatePart::Expr(Expr { kind: ExprKind::Term(term), with, .. }) => self.shown(term, with),
                    TemplatePart::Expr(expr) => Term::new(expr.span, TermKind::Set(Vec::new())),
                });
                Term::call(span, "internal.template_string", vec![Term::new(span, TermKind::Array(parts.collect()))])
            }
            _ => return None,
        })
    }

    /// `{x | x = term}`: what is printed, also where it is undefined.
    fn shown(&mut self, term: &Term, with: &[With]) -> Term {
        if matches!(term.kind, TermKind::Var(_)) || term.is_constant() {
            return Term::new(term.span, TermKind::Set(vec![term.clone()]));
        }
        let variable = self.fresh(term.span);
        let body = vec![Expr::new(term.span, ExprKind::Unify(variable.clone(), term.clone())).with(with.to_vec())];
        let body = self.body(&body, Vec::new());
        Term::new(term.span, TermKind::SetComprehension(Box::new(variable), body))
    }

    /// A term without calls in it.
    fn term(&mut self, term: &Term, place: &mut Place<'_>) -> Term {
        let span = term.span;
        let mut all = |expand: &mut Self, terms: &[Term]| terms.iter().map(|term| expand.term(term, place)).collect::<Vec<_>>();
        let kind = match &term.kind {
            TermKind::Array(items) => TermKind::Array(all(self, items)),
            TermKind::Set(items) => TermKind::Set(all(self, items)),
            TermKind::Object(members) => {
                TermKind::Object(members.iter().map(|(key, value)| (self.term(key, place), self.term(value, place))).collect())
            }
            TermKind::Ref(Ref { head, path }) => {
                let mut head = self.term(head, place);
                let path = path.iter().map(|element| self.term(element, place)).collect();
                if head.as_var().is_none() {
                    head = self.local(head, place.out, place.with);
                }
                TermKind::Ref(Ref { head: Box::new(head), path })
            }
            TermKind::ArrayComprehension(head, body) => {
                let mut head = head.clone();
                let body = self.body(body, vec![&mut head]);
                TermKind::ArrayComprehension(head, body)
            }
            TermKind::SetComprehension(head, body) => {
                let mut head = head.clone();
                let body = self.body(body, vec![&mut head]);
                TermKind::SetComprehension(head, body)
            }
            TermKind::ObjectComprehension(key, value, body) => {
                let (mut key, mut value) = (key.clone(), value.clone());
                let body = self.body(body, vec![&mut key, &mut value]);
                TermKind::ObjectComprehension(key, value, body)
            }
            TermKind::Wildcard => return super::super::variable::name(term).map_or_else(|| term.clone(), |name| Term::var(span, name)),
            _ => {
                let Some(Term { kind: TermKind::Call(function, mut operands), .. }) = self.call(term, place) else { return term.clone() };
                let value = self.fresh(span);
                operands.push(value.clone());
                let call = Term::new(span, TermKind::Call(function, operands));
                place.out.push(Expr::term(call).with(place.with.to_vec()));
                return value;
            }
        };
        Term::new(span, kind)
    }
}

fn is_print(function: &Term) -> bool {
    function.as_var() == Some("print")
}

/// Whether a term has a reference or a closure in it.
fn evaluates(term: &Term) -> bool {
    match &term.kind {
        TermKind::Ref(_) | TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => true,
        TermKind::Array(items) | TermKind::Set(items) => items.iter().any(evaluates),
        TermKind::Object(members) => members.iter().any(|(key, value)| evaluates(key) || evaluates(value)),
        _ => false,
    }
}
