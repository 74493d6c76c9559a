//! Overlapping heads (L5): where `p[x].q` and `p.b.q` are both defined, regorus evaluates only the rule whose name is the
//! longest match. With a variable for `b` both are found.

use std::collections::BTreeSet;

use super::world::World;
use crate::rego::ast::{Expr, ExprKind, Module, Rule, RuleKind, Term};

/// Gives rules that others overlap a variable in the same place.
pub(super) fn apply(world: &World<'_>, modules: &mut [Module]) {
    for module in modules {
        let general: BTreeSet<Vec<String>> = module.rules.iter().filter_map(general).collect();
        for rule in &mut module.rules {
            for document in &general {
                generalise(world, rule, document);
            }
        }
    }
}

/// The document below which a rule defines members with computed keys that are not the last of its name.
fn general(rule: &Rule) -> Option<Vec<String>> {
    let name = rule.ground_name();
    let ends = rule.head.name.path.len() + 1 - name.len();
    let reaches_on = ends > 1 || (ends == 1 && rule.kind() == RuleKind::PartialSet);
    reaches_on.then(|| name.into_iter().map(str::to_owned).collect())
}

/// `p.b.q` below `p` becomes `p[x].q` with `x := "b"`.
fn generalise(world: &World<'_>, rule: &mut Rule, document: &[String]) {
    let name = rule.ground_name();
    let below = name.len() > document.len() && name.iter().zip(document).all(|(one, other)| one == other);
    if !below || rule.default || rule.kind() == RuleKind::Function {
        return;
    }
    let Some(element) = document.len().checked_sub(1).and_then(|index| rule.head.name.path.get_mut(index)) else {
        return;
    };
    let span = element.span;
    let variable = Term::var(span, format!("{}key{}", world.prefix, document.len()));
    let value = std::mem::replace(element, variable.clone());
    let binding = Expr::new(span, ExprKind::Assign(variable, value));
    let branches = rule.otherwise.iter_mut().map(|branch| &mut branch.body);
    for body in std::iter::once(&mut rule.body).chain(branches) {
        body.insert(0, binding.clone());
    }
    if rule.head.value.is_none() && rule.head.key.is_none() {
        rule.head.value = Some(Term::new(span, crate::rego::ast::TermKind::Boolean(true)));
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: both define members of one document (L5).
    #[test]
    fn a_general_head_and_a_special_one_are_both_found() {
        let expected = r#"
p[__00002].q := 1 if {
  __00002 := input.a[__00001]
}

p[__key1].q := 2 if {
  __key1 := "b"
  input.b
}

p[__00001] := __00001 if {
  __00001 := ""
  false
}
"#;
        assert_eq!(
            lowered(&[r"p[x].q := 1 if some x in input.a
p.b.q := 2 if input.b"]),
            expected.trim()
        );
    }
}
