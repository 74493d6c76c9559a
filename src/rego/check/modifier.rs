//! `with`: what can be replaced.

use super::{Report, World};
use crate::rego::ast::{Term, TermKind, Visit, With, walk_expr, walk_rule};
use crate::rego::diagnostic::Code;

pub(super) fn check(world: &World<'_>, report: &mut Report<'_>) {
    for rule in world.modules.iter().flat_map(|module| &module.rules) {
        walk_rule(&mut Modifiers { world, report }, rule);
    }
}

struct Modifiers<'a, 'b, 'c> {
    world: &'a World<'a>,
    report: &'b mut Report<'c>,
}

impl<'t> Visit<'t> for Modifiers<'_, '_, '_> {
    fn expr(&mut self, expr: &'t crate::rego::ast::Expr) {
        for with in &expr.with {
            self.modifier(with);
        }
        walk_expr(self, expr);
    }
}

impl Modifiers<'_, '_, '_> {
    fn modifier(&mut self, with: &With) {
        let target = &with.target;
        if target.is_rooted_at("input") {
            return;
        }
        if target.is_rooted_at("data") {
            if self.is_part_of_rule(target) {
                let message = "with keyword cannot partially replace virtual document(s)";
                self.report.push(target.span, Code::Compile, message);
            }
            return;
        }
        let name = target.as_path().map(|path| path.join(".")).unwrap_or_default();
        let what = "with keyword replacing built-in function:";
        let (code, message) = match self.world.builtins.signature(&name) {
            None => (Code::Type, "with keyword target must reference existing input, data, or a function".to_owned()),
            Some(_) if matches!(name.as_str(), "eq" | "rego.metadata.chain" | "rego.metadata.rule") => {
                (Code::Compile, format!("{what} replacement of \"{name}\" invalid"))
            }
            Some(_) if name.starts_with("internal.") => {
                (Code::Compile, format!("{what} replacement of internal function \"{name}\" invalid"))
            }
            Some(signature) if signature.relation => (Code::Compile, format!("{what} target must not be a relation")),
            Some(signature) if signature.result.is_none() => (Code::Compile, format!("{what} target must not be a void function")),
            Some(_) => return,
        };
        self.report.push(target.span, code, message);
    }

    /// Whether a rule stands on the way to the target.
    fn is_part_of_rule(&self, target: &Term) -> bool {
        let TermKind::Ref(reference) = &target.kind else { return false };
        let mut node = self.world.index;
        let Some((_, way)) = reference.path.split_last() else { return false };
        for element in way {
            match super::index::constant(element).and_then(|name| node.children.get(&name)) {
                Some(child) => node = child,
                None => return false,
            }
            if !node.rules.is_empty() {
                return true;
            }
        }
        false
    }
}
