//! The visitor that reads a tree. The tree's depth is bounded by the parser, so recursion is safe.

use super::{Body, Expr, ExprKind, Rule, TemplatePart, Term, TermKind};

/// Visits a tree: override what is of interest, and call the `walk` function of that node to go on below it.
pub(crate) trait Visit<'a> {
    /// A rule.
    fn rule(&mut self, rule: &'a Rule) {
        walk_rule(self, rule);
    }

    /// A body: of a rule, an `else`, a comprehension, `every`, `not`, `and`, `or`.
    fn body(&mut self, body: &'a Body) {
        walk_body(self, body);
    }

    /// An expression.
    fn expr(&mut self, expr: &'a Expr) {
        walk_expr(self, expr);
    }

    /// A term.
    fn term(&mut self, term: &'a Term) {
        walk_term(self, term);
    }
}

/// Visits what a rule is made of: its name from the second element on, parameters, key, value, body, `else` branches.
pub(crate) fn walk_rule<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, rule: &'a Rule) {
    let head = &rule.head;
    for term in &head.name.path {
        visitor.term(term);
    }
    for term in head.parameters.iter().flatten() {
        visitor.term(term);
    }
    if let Some(term) = &head.key {
        visitor.term(term);
    }
    if let Some(term) = &head.value {
        visitor.term(term);
    }
    visitor.body(&rule.body);
    for branch in &rule.otherwise {
        if let Some(term) = &branch.value {
            visitor.term(term);
        }
        visitor.body(&branch.body);
    }
}

/// Visits the expressions of a body.
pub(crate) fn walk_body<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, body: &'a Body) {
    for expr in body {
        visitor.expr(expr);
    }
}

/// Visits what an expression is made of, then its modifiers.
pub(crate) fn walk_expr<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, expr: &'a Expr) {
    walk_kind(visitor, expr);
    for with in &expr.with {
        visitor.term(&with.target);
        visitor.term(&with.value);
    }
}

/// Visits what an expression is made of, its modifiers left out.
pub(crate) fn walk_kind<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, expr: &'a Expr) {
    match &expr.kind {
        ExprKind::Term(term) => visitor.term(term),
        ExprKind::Unify(left, right) | ExprKind::Assign(left, right) => {
            visitor.term(left);
            visitor.term(right);
        }
        ExprKind::Some(_) => {}
        ExprKind::SomeIn { key, value, collection } => {
            if let Some(key) = key {
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
            for body in operands {
                visitor.body(body);
            }
        }
    }
}

/// Visits what a term is made of.
pub(crate) fn walk_term<'a, V: Visit<'a> + ?Sized>(visitor: &mut V, term: &'a Term) {
    match &term.kind {
        TermKind::Null | TermKind::Boolean(_) | TermKind::Number(_) | TermKind::String(_) | TermKind::Var(_) | TermKind::Wildcard => {}
        TermKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Expr(expr) = part {
                    visitor.expr(expr);
                }
            }
        }
        TermKind::Ref(reference) => {
            visitor.term(&reference.head);
            for element in &reference.path {
                visitor.term(element);
            }
        }
        TermKind::Call(function, arguments) => {
            visitor.term(function);
            for argument in arguments {
                visitor.term(argument);
            }
        }
        TermKind::Binary(_, left, right) => {
            visitor.term(left);
            visitor.term(right);
        }
        TermKind::Member(key, value, collection) => {
            if let Some(key) = key {
                visitor.term(key);
            }
            visitor.term(value);
            visitor.term(collection);
        }
        TermKind::Array(items) | TermKind::Set(items) => {
            for item in items {
                visitor.term(item);
            }
        }
        TermKind::Object(members) => {
            for (key, value) in members {
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
