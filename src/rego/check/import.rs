//! Imports, and names that nothing may shadow.

use std::collections::BTreeMap;

use super::Report;
use super::resolve::Resolved;
use crate::rego::ast::{Expr, ExprKind, Import, Module, Term, TermKind, Version, Visit, walk_expr};
use crate::rego::compile::Unit;
use crate::rego::diagnostic::Code;

pub(super) fn check(unit: &Unit, resolved: &[Resolved], strict: bool, report: &mut Report<'_>) {
    for (module, resolved) in unit.modules.iter().zip(resolved) {
        if strict || module.version >= Version::V1 {
            duplicates(module, report);
            shadowed_roots(module, report);
        }
        if strict {
            unused(module, resolved, report);
        }
    }
}

fn duplicates(module: &Module, report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, &Import> = BTreeMap::new();
    for import in &module.imports {
        // `import rego.v1` and the like bring no name of their own, but may stand there once only.
        let Some(name) = import.name().or_else(|| import.path.last().map(String::as_str)) else { continue };
        match seen.get(name) {
            Some(first) => {
                let first = format!("import {}", spelled(first));
                report.push(import.span, Code::Compile, format!("import must not shadow {first}"));
            }
            None => {
                seen.insert(name, import);
            }
        }
    }
}

fn unused(module: &Module, resolved: &Resolved, report: &mut Report<'_>) {
    for import in &module.imports {
        if import.name().is_some_and(|name| !resolved.used.contains(name)) {
            report.push(import.span, Code::Compile, format!("import {} unused", spelled(import)));
        }
    }
}

fn spelled(import: &Import) -> String {
    let alias = import.alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default();
    format!("{}{alias}", import.path.join("."))
}

/// `input` and `data` are what they are.
fn shadowed_roots(module: &Module, report: &mut Report<'_>) {
    for rule in &module.rules {
        if let Some(name @ ("input" | "data")) = rule.head.name.head.as_var() {
            report.push(rule.span, Code::Compile, format!("rules must not shadow {name} (use a different rule name)"));
        }
        for parameter in rule.head.parameters.iter().flatten() {
            if let Some(name @ ("input" | "data")) = parameter.as_var() {
                report.push(parameter.span, Code::Compile, format!("args must not shadow {name} (use a different variable name)"));
            }
        }
        Roots(report).rule(rule);
    }
}

struct Roots<'a, 'b>(&'a mut Report<'b>);

impl<'a> Visit<'a> for Roots<'_, '_> {
    fn expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Assign(Term { kind: TermKind::Var(name), .. }, _) = &expr.kind
            && matches!(name.as_str(), "input" | "data")
        {
            let message = format!("variables must not shadow {name} (use a different variable name)");
            self.0.push(expr.span, Code::Compile, message);
        }
        walk_expr(self, expr);
    }
}
