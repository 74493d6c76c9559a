//! Rules that read no input and ask nothing but the time have one value for all evaluations of a policy at that time: it is
//! found once, and the policy remembers it. OPA evaluates them in each evaluation, with the same result.
//!
//! The rule moves to a package of its own, which no document of the user's shows, and a rule of its name asks for the
//! remembered value first. Rules that reach what some `with` replaces stay where they are.

use std::collections::BTreeMap;

use super::memo::{Graph, Remembering, costs};
use super::world::{self, World};
use crate::rego::ast::{Module, Rule, RuleKind, Span, Term, TermKind};
use crate::rego::signature::Constancy;

/// Gives the remembered value of a rule, by its number, as an array of one, else undefined.
pub(crate) const LASTING: &str = "__vidimus_lasting";
/// Remembers the value of a rule: `(number, whether it holds at this time only, value)`.
pub(crate) const LAST: &str = "__vidimus_last";

/// A body of so many expressions is worth remembering whatever they are.
const LONG: usize = 5;

/// Moves the rules whose values last; gives the module that they are moved to, where there are any.
pub(super) fn apply(world: &World<'_>, graph: &Graph, modules: &mut [Module]) -> Option<Module> {
    let home = vec![format!("{}lasting", world.prefix)];
    let (mut moved, mut number) = (Vec::new(), 0);
    for module in modules {
        for (name, constancy) in lasting(world, graph, module) {
            number += 1;
            let renamed = format!("{}r{number}", world.prefix);
            let all = std::mem::take(&mut module.rules);
            let (mut moving, staying): (Vec<_>, Vec<_>) = all.into_iter().partition(|rule| first_name(rule) == Some(&name));
            module.rules = staying;
            let span = moving.first().map_or_else(Span::default, |rule| rule.span);
            let implementation: Vec<String> = home.iter().cloned().chain([renamed.clone()]).collect();
            module.rules.push(front(world, span, (&name, number, constancy), &implementation));
            for rule in &mut moving {
                *rule.head.name.head = Term::var(rule.head.name.head.span, renamed.clone());
            }
            moved.append(&mut moving);
        }
    }
    (!moved.is_empty()).then(|| world::generated(home, moved))
}

/// The names of a module's rules whose values last, and for how long.
fn lasting(world: &World<'_>, graph: &Graph, module: &Module) -> BTreeMap<String, Constancy> {
    let mut found: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
    for rule in &module.rules {
        found.entry(first_name(rule).unwrap_or_default().to_owned()).or_default().push(rule);
    }
    let lasts = |(name, rules): (String, Vec<&Rule>)| {
        let path: Vec<String> = module.package.path.iter().cloned().chain([name.clone()]).collect();
        let fit = rules.iter().all(|rule| is_whole(rule)) && rules.iter().any(|rule| is_worth_it(rule));
        let constancy = if fit { graph.lasts(&path, world.builtins) } else { None };
        constancy.map(|constancy| (name, constancy))
    };
    found.into_iter().filter_map(lasts).collect()
}

fn first_name(rule: &Rule) -> Option<&str> {
    rule.head.name.head.as_var()
}

/// Whether the document that bears the first name is all that the rule defines: `p`, `p contains x`, `p[x]`.
fn is_whole(rule: &Rule) -> bool {
    match rule.kind() {
        RuleKind::Complete | RuleKind::PartialSet => rule.head.name.path.is_empty(),
        RuleKind::PartialObject => rule.head.name.path.len() == 1,
        RuleKind::Function => false,
    }
}

fn is_worth_it(rule: &Rule) -> bool {
    rule.body.len() >= LONG || (!rule.body.is_empty() && rule.kind() != RuleKind::Complete) || costs(rule)
}

/// `p := m[0] if { m := lasting(1) } else := v if { v := implementation; last(1, true, v) }`
fn front(world: &World<'_>, span: Span, (name, number, constancy): (&str, usize, Constancy), implementation: &[String]) -> Rule {
    let variable = |index: usize| Term::var(span, format!("{}{index:05}", world.prefix));
    let id = Term::number(span, number.to_string());
    let timed = Term::new(span, TermKind::Boolean(constancy != Constancy::Always));
    let (found, value) = (variable(0), variable(1));
    let recall = Term::call(span, LASTING, vec![id.clone()]);
    let keep = Term::call(span, LAST, vec![id, timed, value.clone()]);
    Remembering { found, recall, value, compute: Term::dotted(span, "data", implementation), keep }.rule(span, name, None)
}
