//! The types of operands, as far as they can be read off: constants, collections of them, and what builtins give.

use std::collections::BTreeMap;

use super::{Report, World};
use crate::rego::ast::{Expr, ExprKind, Operator, Span, Term, TermKind, Visit, walk_expr, walk_rule, walk_term};
use crate::rego::diagnostic::Code;
use crate::rego::signature::{Signature, Type};

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    for rule in world.modules.iter().flat_map(|module| &module.rules) {
        walk_rule(&mut Arguments { world, report, variables: BTreeMap::new(), in_every: false }, rule);
    }
}

/// `name: type` of an operand.
pub(super) fn named((name, of): &(String, Type)) -> String {
    if name.is_empty() { of.to_string() } else { format!("{name}: {of}") }
}

/// Whether OPA knows the type of a variable with this value: not of what comprehensions, templates and operators give.
fn keeps_type(value: &Term) -> bool {
    !matches!(
        value.kind,
        TermKind::Binary(..)
            | TermKind::Template(_)
            | TermKind::Member(..)
            | TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
    )
}

struct Arguments<'a, 'b, 'c> {
    world: &'a World<'a>,
    report: &'b mut Report<'c>,
    /// The types of the variables that `:=` declares; each has a name of its own.
    variables: BTreeMap<String, Type>,
    /// Whether the place is in the body of `every`, or in a template: OPA checks no types there.
    in_every: bool,
}

impl<'t> Visit<'t> for Arguments<'_, '_, '_> {
    fn expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Every { domain, body, .. } = &expr.kind {
            self.term(domain);
            let outer = std::mem::replace(&mut self.in_every, true);
            self.body(body);
            self.in_every = outer;
            return;
        }
        walk_expr(self, expr);
        match &expr.kind {
            ExprKind::Assign(Term { kind: TermKind::Var(name), .. }, value) if keeps_type(value) => {
                let of = self.of(value);
                self.variables.insert(name.clone(), of);
            }
            ExprKind::Unify(left, right) => self.equal(left, right),
            ExprKind::Term(Term { kind: TermKind::Binary(Operator::Equal, left, right), .. }) => self.equal(left, right),
            ExprKind::SomeIn { collection, .. } if is_scalar(&self.of(collection)) => {
                self.report.push(expr.span, Code::Type, "match error: there is nothing in a scalar");
            }
            _ => {}
        }
    }

    fn term(&mut self, term: &'t Term) {
        let outer = self.in_every;
        match &term.kind {
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => self.in_every = false,
            TermKind::Template(_) => self.in_every = true,
            _ => {}
        }
        walk_term(self, term);
        self.in_every = outer;
        match &term.kind {
            TermKind::Call(function, arguments) => {
                let Some(path) = function.as_path() else { return };
                let name = path.join(".");
                if let Some(signature) = self.world.builtins.signature(&name) {
                    self.call(term.span, (&name, signature), &arguments.iter().collect::<Vec<_>>());
                }
            }
            // As a value OPA lets a comparison be false.
            TermKind::Binary(Operator::Equal, ..) => {}
            TermKind::Binary(operator, left, right) => {
                if let Some(signature) = self.world.builtins.signature(operator.builtin()) {
                    self.call(term.span, (operator.builtin(), signature), &[left, right]);
                }
            }
            _ => {}
        }
    }
}

impl Arguments<'_, '_, '_> {
    fn call(&mut self, span: Span, (name, signature): (&str, &Signature), arguments: &[&Term]) {
        let have: Vec<Type> = arguments.iter().map(|argument| self.of(argument)).collect();
        let fits = have.iter().zip(&signature.operands).all(|(have, want)| may_be(have, &want.1));
        if !fits && !self.in_every {
            let have: Vec<String> = have.iter().map(ToString::to_string).collect();
            let want: Vec<String> = signature.operands.iter().map(named).collect();
            let message = format!("{name}: invalid argument(s) have: ({}) want: ({})", have.join(", "), want.join(", "));
            self.report.push(span, Code::Type, message);
        }
    }

    /// Values that can never be equal.
    fn equal(&mut self, left: &Term, right: &Term) {
        let (one, other) = (self.of(left), self.of(right));
        if !self.in_every && (is_scalar(&one) || is_scalar(&other)) && !may_be(&one, &other) {
            self.report.push(left.span, Code::Type, format!("match error: left is {one}, right is {other}"));
        }
    }

    /// The type of a term, `any` where it cannot be read off.
    fn of(&self, term: &Term) -> Type {
        match &term.kind {
            TermKind::Var(name) => self.variables.get(name).cloned().unwrap_or_else(any),
            TermKind::Null => Type::Null,
            TermKind::Number(_) => Type::Number,
            TermKind::String(_) | TermKind::Template(_) => Type::String,
            TermKind::Array(items) => Type::Array { fixed: items.iter().map(|item| self.of(item)).collect(), rest: None },
            TermKind::Set(items) => Type::Set(Box::new(self.one_of(items))),
            TermKind::ArrayComprehension(head, _) => Type::Array { fixed: Vec::new(), rest: Some(Box::new(self.of(head))) },
            TermKind::SetComprehension(head, _) => Type::Set(Box::new(self.of(head))),
            TermKind::Object(_) | TermKind::ObjectComprehension(..) => {
                Type::Object { fixed: Vec::new(), rest: Some(Box::new((any(), any()))) }
            }
            TermKind::Call(function, _) => {
                let signature = function.as_path().and_then(|path| self.world.builtins.signature(&path.join(".")));
                signature.and_then(|signature| signature.result.as_ref()).map_or_else(any, |result| result.1.clone())
            }
            TermKind::Binary(Operator::Minus, ..) => Type::Any(vec![Type::Number, Type::Set(Box::new(any()))]),
            TermKind::Binary(Operator::And | Operator::Or, ..) => Type::Set(Box::new(any())),
            TermKind::Binary(operator, ..) if operator.precedence() > Operator::And.precedence() => Type::Number,
            TermKind::Boolean(_) | TermKind::Binary(..) | TermKind::Member(..) => Type::Boolean,
            _ => any(),
        }
    }

    fn one_of(&self, items: &[Term]) -> Type {
        let mut types: Vec<Type> = Vec::new();
        for item in items {
            let of = self.of(item);
            if !types.contains(&of) {
                types.push(of);
            }
        }
        match (types.pop(), types.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => {
                types.push(last);
                if types.contains(&any()) { any() } else { Type::Any(types) }
            }
            (None, _) => any(),
        }
    }
}

fn is_scalar(of: &Type) -> bool {
    matches!(of, Type::Null | Type::Boolean | Type::Number | Type::String)
}

fn any() -> Type {
    Type::Any(Vec::new())
}

/// Whether a value of one type can be of another.
fn may_be(have: &Type, want: &Type) -> bool {
    match (have, want) {
        (Type::Any(of), want) => of.is_empty() || of.iter().any(|have| may_be(have, want)),
        (have, Type::Any(of)) => of.is_empty() || of.iter().any(|want| may_be(have, want)),
        (Type::Array { fixed: have, rest: more }, Type::Array { fixed: want, rest }) => {
            let wanted = |at: usize| want.get(at).or(rest.as_deref());
            let fixed = have.iter().enumerate().all(|(at, have)| wanted(at).is_some_and(|want| may_be(have, want)));
            let enough = have.len() >= want.len() || more.is_some();
            fixed && enough && more.as_ref().is_none_or(|more| rest.as_ref().is_none_or(|rest| may_be(more, rest)))
        }
        (Type::Set(_), Type::Set(want)) if **want == any() => true,
        (Type::Set(have), Type::Set(want)) => may_be(have, want),
        (Type::Object { .. }, Type::Object { .. }) => true,
        (have, want) => std::mem::discriminant(have) == std::mem::discriminant(want),
    }
}
