//! From the tree to text: each expression on a line of its own, with a map back to what it was made from.
//!
//! What is written is read alike by our parser and by the engine's: parentheses stand wherever `|` and `,` could be taken
//! for parts of a comprehension or of `key, value in collection`.

mod expr;
mod map;
mod term;

pub(crate) use map::{Mark, SourceMap};

use super::ast::{Body, Else, Expr, Head, Import, Module, Package, Ref, Rule, Span, Term, TermKind};

/// A printed module.
#[derive(Debug, Clone)]
pub(crate) struct Printed {
    /// Its text.
    pub(crate) text: String,
    /// Where each part of it comes from.
    pub(crate) map: SourceMap,
}

/// Prints a module as v1 Rego.
pub(crate) fn print(module: &Module) -> Printed {
    let mut printer = Printer::default();
    printer.module(module);
    Printed { text: printer.text, map: SourceMap::new(printer.marks) }
}

/// An expression as text: the same for those that differ in place alone.
pub(crate) fn text_of(expr: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expr);
    printer.text
}

/// Text that is being written.
#[derive(Debug, Default)]
struct Printer {
    text: String,
    marks: Vec<Mark>,
    /// Lines written before this one.
    lines: u32,
    /// Where this line begins.
    line_start: usize,
    indent: usize,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.lines += 1;
        self.line_start = self.text.len();
        for _ in 0..self.indent {
            self.text.push(' ');
        }
    }

    /// Notes that what is written next was made from what stands there.
    fn mark(&mut self, span: Span) {
        let column = u32::try_from(self.text.len() - self.line_start).unwrap_or(u32::MAX).saturating_add(1);
        self.marks.push(Mark { row: self.lines + 1, column, span });
    }

    fn module(&mut self, module: &Module) {
        self.package(&module.package);
        self.line();
        for import in &module.imports {
            self.import(import);
        }
        for rule in &module.rules {
            self.line();
            self.rule(rule);
        }
    }

    fn package(&mut self, package: &Package) {
        self.mark(package.span);
        self.push("package ");
        self.path(&package.path);
    }

    fn import(&mut self, import: &Import) {
        self.line();
        self.mark(import.span);
        self.push("import ");
        self.path(&import.path);
        if let Some(alias) = &import.alias {
            self.push(" as ");
            self.push(alias);
        }
    }

    fn path(&mut self, path: &[String]) {
        let mut names = path.iter();
        if let Some(first) = names.next() {
            self.push(first);
        }
        for name in names {
            self.name(name);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.line();
        self.mark(rule.span);
        if rule.default {
            self.push("default ");
        }
        self.head(&rule.head, rule.body.is_empty());
        self.body(&rule.body);
        for branch in &rule.otherwise {
            self.branch(branch);
        }
    }

    fn head(&mut self, head: &Head, bare: bool) {
        self.defined(&head.name);
        if let Some(parameters) = &head.parameters {
            self.push("(");
            self.list(parameters);
            self.push(")");
        }
        if let Some(key) = &head.key {
            self.push(" contains ");
            self.operand(key, 0);
            return;
        }
        let assign = if head.assigned { " := " } else { " = " };
        match &head.value {
            Some(value) => {
                self.push(assign);
                self.operand(value, 0);
            }
            None if bare => {
                self.push(assign);
                self.push("true");
            }
            None => {}
        }
    }

    fn defined(&mut self, name: &Ref) {
        self.mark(name.head.span);
        if let TermKind::Var(first) = &name.head.kind {
            self.push(first);
        }
        self.elements(&name.path);
    }

    fn branch(&mut self, branch: &Else) {
        self.push(" else");
        if let Some(value) = &branch.value {
            self.push(" := ");
            self.operand(value, 0);
        }
        self.body(&branch.body);
    }

    /// ` if {..}`, nothing for a body that always holds.
    fn body(&mut self, body: &Body) {
        if !body.is_empty() {
            self.push(" if ");
            self.block(body);
        }
    }

    /// The elements of a reference.
    fn elements(&mut self, path: &[Term]) {
        for element in path {
            if let TermKind::String(name) = &element.kind {
                self.mark(element.span);
                self.name(name);
            } else {
                self.push("[");
                self.operand(element, 0);
                self.push("]");
            }
        }
    }

    /// `.name`, `["any name"]`
    fn name(&mut self, name: &str) {
        let plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            self.push(".");
            self.push(name);
        } else {
            self.push("[");
            self.quoted(name);
            self.push("]");
        }
    }
}

#[cfg(test)]
mod tests;
