//! The visitor that changes a tree. The tree's depth is bounded by the parser, so recursion is safe.

use super::{Body, Expr, ExprKind, Module, Rule, TemplatePart, Term, TermKind};

/// Visits a tree and changes it: override what is of interest, and call the `walk` function of that node to go on below it.
pub(crate) trait VisitMut {
    /// A rule.
    fn rule(&mut self, rule: &mut Rule) {
        walk_rule_mut(self, rule);
    }

    /// A body: of a rule, an `else`, a comprehension, `every`, `not`, `and`, `or`.
    fn body(&mut self, body: &mut Body) {
        walk_body_mut(self, body);
    }

    /// An expression.
    fn expr(&mut self, expr: &mut Expr) {
        walk_expr_mut(self, expr);
    }

    /// A term.
    fn term(&mut self, term: &mut Term) {
        walk_term_mut(self, term);
    }
}

/// Visits the rules of a module.
pub(crate) fn walk_module_mut<V: VisitMut + ?Sized>(visitor: &mut V, module: &mut Module) {
    for rule in &mut module.rules {
        visitor.rule(rule);
    }
}

/// Visits what a rule is made of: its name from the second element on, parameters, key, value, body, `else` branches.
pub(crate) fn walk_rule_mut<V: VisitMut + ?Sized>(visitor: &mut V, rule: &mut Rule) {
    let head = &mut rule.head;
    for term in &mut head.name.path {
        visitor.term(term);
    }
    for term in head.parameters.iter_mut().flatten() {
        visitor.term(term);
    }
    if let Some(term) = &mut head.key {
        visitor.term(term);
    }
    if let Some(term) = &mut head.value {
        visitor.term(term);
    }
    visitor.body(&mut rule.body);
    for branch in &mut rule.otherwise {
        if let Some(term) = &mut branch.value {
            visitor.term(term);
        }
        visitor.body(&mut branch.body);
    }
}

/// Visits the expressions of a body.
pub(crate) fn walk_body_mut<V: VisitMut + ?Sized>(visitor: &mut V, body: &mut Body) {
    for expr in body.iter_mut() {
        visitor.expr(expr);
    }
}

/// Visits what an expression is made of, then its modifiers.
pub(crate) fn walk_expr_mut<V: VisitMut + ?Sized>(visitor: &mut V, expr: &mut Expr) {
    match &mut expr.kind {
        ExprKind::Term(term) => visitor.term(term),
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => {
            visitor.term(left);
            visitor.term(right);
        }
        ExprKind::Some(_) => {}
        ExprKind::SomeIn { key, value, collection } => {
            for key in key.iter_mut() {
                visitor.term(key);
            }
            visitor.term(value);
            visitor.term(collection);
        }
        ExprKind::Every { domain, body, .. } => {
            visitor.term(domain);
            visitor.body(body);
        }
        ExprKind::Not(inner) => visitor.expr(inner),
        ExprKind::NotBody(body) => visitor.body(body),
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            for body in operands.iter_mut() {
                visitor.body(body);
            }
        }
    }
    for with in &mut expr.with {
        visitor.term(&mut with.target);
        visitor.term(&mut with.value);
    }
}

/// Visits what a term is made of.
pub(crate) fn walk_term_mut<V: VisitMut + ?Sized>(visitor: &mut V, term: &mut Term) {
    match &mut term.kind {
        TermKind::Null | TermKind::Boolean(_) | TermKind::Number(_) | TermKind::String(_) | TermKind::Var(_) | TermKind::Wildcard => {}
        TermKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Expr(expr) = part {
                    visitor.expr(expr);
                }
            }
        }
        TermKind::Ref(reference) => {
            visitor.term(&mut reference.head);
            for element in &mut reference.path {
                visitor.term(element);
            }
        }
        TermKind::Call(function, arguments) => {
            visitor.term(function);
            for argument in arguments.iter_mut() {
                visitor.term(argument);
            }
        }
        TermKind::Binary(_, left, right) => {
            visitor.term(left);
            visitor.term(right);
        }
        TermKind::Member(key, value, collection) => {
            for key in key.iter_mut() {
                visitor.term(key);
            }
            visitor.term(value);
            visitor.term(collection);
        }
        TermKind::Array(items) | TermKind::Set(items) => {
            for item in items.iter_mut() {
                visitor.term(item);
            }
        }
        TermKind::Object(members) => {
            for (key, value) in members.iter_mut() {
                visitor.term(key);
                visitor.term(value);
            }
        }
        TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
            visitor.term(head);
            visitor.body(body);
        }
        TermKind::ObjectComprehension(key, value, body) => {
            visitor.term(key);
            visitor.term(value);
            visitor.body(body);
        }
    }
}
