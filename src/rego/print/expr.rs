//! Expressions, each on a line of its own.

use super::Printer;
use crate::rego::ast::{Body, Expr, ExprKind, Variable};

impl Printer {
    /// A body in braces.
    pub(super) fn block(&mut self, body: &Body) {
        self.push("{");
        self.indent += 2;
        self.lines_of(body);
        self.indent -= 2;
        self.line();
        self.push("}");
    }

    /// The expressions of a body, each on a line.
    pub(super) fn lines_of(&mut self, body: &Body) {
        for (index, expr) in body.iter().enumerate() {
            let end = self.text.len();
            self.line();
            let start = self.text.len();
            self.expr(expr);
            // The engine would read on over the end of the line: `x` and `-1 == y` as `x - 1 == y`.
            let goes_on = self.text.as_bytes().get(start).is_some_and(|byte| matches!(byte, b'-' | b'(' | b'[' | b'{'));
            if index > 0 && goes_on {
                self.text.insert(end, ';');
                self.line_start += 1;
            }
        }
    }

    /// One expression with its modifiers.
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.mark(expr.span);
        match &expr.kind {
            ExprKind::Term(term) => self.item(term),
            ExprKind::Unify(left, right) => {
                self.item(left);
                self.push(" = ");
                self.operand(right, 0);
            }
            ExprKind::Assign(left, right) => {
                self.item(left);
                self.push(" := ");
                self.operand(right, 0);
            }
            ExprKind::Some(variables) => {
                self.push("some ");
                self.separated(variables, super::Printer::variable);
            }
            ExprKind::SomeIn { key, value, collection } => {
                self.push("some ");
                if let Some(key) = key {
                    self.tight(key);
                    self.push(", ");
                }
                self.tight(value);
                self.push(" in ");
                self.operand(collection, 1);
            }
            ExprKind::Every { key, value, domain, body } => {
                self.push("every ");
                if let Some(key) = key {
                    self.variable(key);
                    self.push(", ");
                }
                self.variable(value);
                self.push(" in ");
                self.operand(domain, 1);
                self.push(" ");
                self.block(body);
            }
            ExprKind::Not(inner) => {
                self.push("not ");
                self.expr(inner);
            }
            ExprKind::NotBody(body) => {
                self.push("not ");
                self.block(body);
            }
            ExprKind::And(operands) => self.logical(operands, " and "),
            ExprKind::Or(operands) => self.logical(operands, " or "),
        }
        for with in &expr.with {
            self.push(" ");
            self.mark(with.span);
            self.push("with ");
            self.operand(&with.target, 0);
            self.push(" as ");
            self.operand(&with.value, 0);
        }
    }

    fn variable(&mut self, variable: &Variable) {
        self.mark(variable.span);
        self.push(&variable.name);
    }

    fn logical(&mut self, operands: &[Body], operator: &str) {
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                self.push(operator);
            }
            self.block(operand);
        }
    }

    /// Each item, with commas between.
    pub(super) fn separated<T>(&mut self, items: &[T], print: impl Fn(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            print(self, item);
        }
    }
}
