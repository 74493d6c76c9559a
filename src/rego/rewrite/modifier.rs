//! `with`: values are taken before the modifiers apply (B5), functions of the user are named by path (B6), and builtins
//! and host functions that some `with` names are called through functions of a private package.

use super::lower::{Lower, Lowered};
use super::world::{self, World};
use crate::rego::ast::{Expr, ExprKind, Head, Module, Ref, Rule, Span, Term, With};

impl Lower<'_> {
    /// The modifiers, their values moved in front.
    pub(super) fn modifiers(&mut self, modifiers: &[With]) -> Lowered<Vec<With>> {
        modifiers
            .iter()
            .map(|with| {
                let path = with.target.as_path().unwrap_or_default();
                let function = self.world.is_function(&path);
                let target = if function { self.function(&with.target) } else { with.target.clone() };
                let replacement = with.value.as_path().filter(|path| function && self.world.is_function(path));
                let value = if replacement.is_some() {
                    self.function(&with.value)
                } else {
                    let ground = self.ground(&with.value)?;
                    if ground.is_constant() { ground } else { self.settled(ground) }
                };
                Ok(With { span: with.span, target, value })
            })
            .collect()
    }

    /// The name by which a function is called.
    pub(super) fn function(&self, name: &Term) -> Term {
        let replaced = name.as_path().map(|path| path.join(".")).filter(|path| self.world.replaced.contains(path));
        match replaced {
            Some(path) => {
                let mut names = self.world.private_package();
                names.push(World::stand_in(&path));
                Term::dotted(name.span, "data", &names)
            }
            None => name.clone(),
        }
    }
}

/// The module of functions that stand in for builtins: `b_count(x) := y if y := count(x)`.
pub(super) fn stand_ins(world: &World<'_>) -> Option<Module> {
    if world.replaced.is_empty() {
        return None;
    }
    let rules = world.replaced.iter().filter_map(|name| stand_in(world, name)).collect();
    Some(world::generated(world.private_package(), rules))
}

fn stand_in(world: &World<'_>, name: &str) -> Option<Rule> {
    let span = Span::default();
    let path: Vec<&str> = name.split('.').collect();
    let arity = world.arity(&path)?;
    let parameters: Vec<Term> = (0..arity).map(|index| Term::var(span, format!("{}{index:05}", world.prefix))).collect();
    let value = Term::var(span, format!("{}{arity:05}", world.prefix));
    let call = Term::call(span, name, parameters.clone());
    let body = vec![Expr::new(span, ExprKind::Assign(value.clone(), call))];
    let head = Head {
        span,
        name: Ref::name(span, World::stand_in(name)),
        parameters: Some(parameters),
        key: None,
        value: Some(value),
        assigned: true,
    };
    Some(Rule { span, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() })
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: the value of `with` is evaluated without it (B5).
    #[test]
    fn values_are_taken_before_the_modifiers_apply() {
        let expected = r#"
q := __00001 if {
  __00001 := input.x
}

p := __00002 if {
  __00001 := {"x": input.y}
  __00002 := data.t.q with input as __00001
}
"#;
        assert_eq!(
            lowered(&[r#"q := input.x
p := x if { x := data.t.q with input as {"x": input.y} }"#]),
            expected.trim()
        );
    }
}
