//! Which names a body declares, and whether a name is declared where it is used.

use std::collections::BTreeSet;

use super::{Body, ExprKind, Rule, Term, TermKind};

/// The names that one body (or head) declares: with `some`, `:=`, `every` or as a parameter.
pub(crate) type Scope = BTreeSet<String>;

/// The scopes around a place, innermost last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scopes(Vec<Scope>);

impl Scopes {
    /// Enters a scope.
    pub(crate) fn enter(&mut self, scope: Scope) {
        self.0.push(scope);
    }

    /// Leaves the innermost scope.
    pub(crate) fn leave(&mut self) {
        self.0.pop();
    }

    /// Whether a scope around declares this name.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.contains(name))
    }

    /// What `body` declares by `some` and `:=`, not in the bodies nested in it. In OPA such a name is the local one in the
    /// whole body, also before its declaration (where a use is an error).
    pub(crate) fn of_body(body: &Body) -> Scope {
        let mut names = Scope::new();
        for expr in body {
            match &expr.kind {
                ExprKind::Some(variables) => names.extend(variables.iter().map(|variable| variable.name.clone())),
                ExprKind::SomeIn { key, value, .. } => {
                    if let Some(key) = key {
                        pattern(key, &mut names);
                    }
                    pattern(value, &mut names);
                }
                ExprKind::Assign(left, _) => pattern(left, &mut names),
                _ => {}
            }
        }
        names.remove("_");
        names
    }

    /// What `body` declares, and what the bodies of `every`, `not`, `and` and `or` in it do: in OPA all of these hide rules and
    /// imports in all of it.
    pub(crate) fn throughout(body: &Body) -> Scope {
        let mut names = Self::of_body(body);
        for expr in body {
            let operands = match &expr.kind {
                ExprKind::Every { body, .. } | ExprKind::NotBody(body) => std::slice::from_ref(body),
                ExprKind::And(operands) | ExprKind::Or(operands) => operands.as_slice(),
                _ => &[],
            };
            names.extend(operands.iter().flat_map(Self::throughout));
        }
        names
    }

    /// The parameters of a rule.
    pub(crate) fn of_parameters(rule: &Rule) -> Scope {
        let mut names = Scope::new();
        for parameter in rule.head.parameters.iter().flatten() {
            pattern(parameter, &mut names);
        }
        names
    }
}

/// The variables of a pattern: in arrays and in the values of objects, not in references, calls, keys and sets.
fn pattern(term: &Term, names: &mut Scope) {
    match &term.kind {
        TermKind::Var(name) if name != "input" && name != "data" => {
            names.insert(name.clone());
        }
        TermKind::Array(items) => {
            for item in items {
                pattern(item, names);
            }
        }
        TermKind::Object(members) => {
            for (_, value) in members {
                pattern(value, names);
            }
        }
        _ => {}
    }
}
