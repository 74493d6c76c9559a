//! Terms.

use std::fmt::Write;

use super::Printer;
use crate::rego::ast::{Body, Operator, TemplatePart, Term, TermKind};

impl Printer {
    /// A term as an operand of something that binds this tight: in parentheses if it binds less. `key, value in xs` always
    /// stands in parentheses.
    pub(super) fn operand(&mut self, term: &Term, least: u8) {
        let binds = match &term.kind {
            TermKind::Binary(operator, ..) => Some(operator.precedence()),
            TermKind::Member(None, ..) => Some(0),
            TermKind::Member(Some(_), ..) => None,
            _ => Some(u8::MAX),
        };
        if binds.is_some_and(|binds| binds >= least) {
            self.term(term);
        } else {
            self.push("(");
            self.term(term);
            self.push(")");
        }
    }

    /// A term where only one without operators can stand.
    pub(super) fn tight(&mut self, term: &Term) {
        self.operand(term, u8::MAX);
    }

    /// An item of a collection or body: a union in it must not look like a comprehension.
    pub(super) fn item(&mut self, term: &Term) {
        let least = if begins_with_union(term) { u8::MAX } else { 0 };
        self.operand(term, least);
    }

    pub(super) fn list(&mut self, terms: &[Term]) {
        self.separated(terms, Self::item);
    }

    fn term(&mut self, term: &Term) {
        self.mark(term.span);
        match &term.kind {
            TermKind::Null => self.push("null"),
            TermKind::Boolean(value) => self.push(if *value { "true" } else { "false" }),
            TermKind::Number(text) => self.push(text),
            TermKind::String(value) => self.quoted(value),
            TermKind::Template(parts) => self.template(parts),
            TermKind::Var(name) => self.push(name),
            TermKind::Wildcard => self.push("_"),
            TermKind::Ref(reference) => {
                self.tight(&reference.head);
                self.elements(&reference.path);
            }
            TermKind::Call(function, arguments) => {
                self.tight(function);
                self.push("(");
                self.list(arguments);
                self.push(")");
            }
            TermKind::Binary(operator, left, right) => self.binary(*operator, left, right),
            TermKind::Member(key, value, collection) => {
                if let Some(key) = key {
                    self.operand(key, 1);
                    self.push(", ");
                    self.operand(value, 1);
                } else {
                    self.operand(value, 0);
                }
                self.push(" in ");
                self.operand(collection, 1);
            }
            TermKind::Array(items) => {
                self.push("[");
                self.list(items);
                self.push("]");
            }
            TermKind::Object(members) => self.object(members),
            TermKind::Set(items) if items.is_empty() => self.push("set()"),
            TermKind::Set(items) => {
                self.push("{");
                self.list(items);
                self.push("}");
            }
            TermKind::ArrayComprehension(head, body) => self.comprehension("[", &[head], body),
            TermKind::SetComprehension(head, body) => self.comprehension("{", &[head], body),
            TermKind::ObjectComprehension(key, value, body) => self.comprehension("{", &[key, value], body),
        }
    }

    fn binary(&mut self, operator: Operator, left: &Term, right: &Term) {
        let binds = operator.precedence();
        self.operand(left, binds);
        self.push(" ");
        self.push(operator.symbol());
        self.push(" ");
        self.operand(right, binds + 1);
    }

    fn object(&mut self, members: &[(Term, Term)]) {
        self.push("{");
        self.separated(members, |printer, (key, value)| {
            printer.item(key);
            printer.push(": ");
            printer.item(value);
        });
        self.push("}");
    }

    fn comprehension(&mut self, open: &str, heads: &[&Term], body: &Body) {
        self.push(open);
        self.separated_by(heads);
        self.push(" |");
        self.indent += 2;
        self.lines_of(body);
        self.indent -= 2;
        self.line();
        self.push(if open == "[" { "]" } else { "}" });
    }

    fn separated_by(&mut self, heads: &[&Term]) {
        for (index, head) in heads.iter().enumerate() {
            if index > 0 {
                self.push(": ");
            }
            self.tight(head);
        }
    }

    fn template(&mut self, parts: &[TemplatePart]) {
        self.push("$\"");
        for part in parts {
            match part {
                TemplatePart::Text(_, text) => self.escaped(text, true),
                TemplatePart::Expr(expr) => {
                    self.push("{");
                    self.expr(expr);
                    self.push("}");
                }
            }
        }
        self.push("\"");
    }

    /// A string with JSON's escapes.
    pub(super) fn quoted(&mut self, text: &str) {
        self.push("\"");
        self.escaped(text, false);
        self.push("\"");
    }

    fn escaped(&mut self, text: &str, template: bool) {
        for next in text.chars() {
            match next {
                '"' => self.push("\\\""),
                '\\' => self.push("\\\\"),
                '\n' => self.push("\\n"),
                '\r' => self.push("\\r"),
                '\t' => self.push("\\t"),
                '{' if template => self.push("\\{"),
                control if control.is_control() || control == '\u{feff}' => {
                    // INVARIANT: writing to a string cannot fail; every control character is one UTF-16 unit.
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
                other => self.text.push(other),
            }
        }
    }
}

/// Whether the first operator that a reader meets is `|`.
fn begins_with_union(term: &Term) -> bool {
    match &term.kind {
        TermKind::Binary(Operator::Or, ..) => true,
        TermKind::Binary(operator, left, _) => operator.precedence() < Operator::Or.precedence() && begins_with_union(left),
        TermKind::Member(None, value, _) => begins_with_union(value),
        _ => false,
    }
}
