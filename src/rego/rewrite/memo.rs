//! Functions remember: OPA evaluates a call of a function with the same operands once in an evaluation (B8, section 7 of
//! its evaluation rules), regorus each time.
//!
//! `f(x) := ..` is renamed, and a new `f` first asks for a remembered value and hands in what the renamed one gives.
//! In OPA `with` opens a store of its own; here functions that reach what some `with` replaces are left alone.

mod graph;

use super::world::World;
use crate::rego::ast::{Else, Expr, ExprKind, Head, Module, Ref, Rule, RuleKind, Span, Term, TermKind, Visit, walk_expr, walk_term};
pub(super) use graph::Graph;

/// Gives the remembered value of a function for operands as an array of one, else undefined.
pub(crate) const RECALL: &str = "__vidimus_recall";
/// Remembers a value of a function for operands.
pub(crate) const KEEP: &str = "__vidimus_keep";

/// Puts a remembering function in front of those that are worth it.
pub(super) fn apply(world: &World<'_>, graph: &Graph, modules: &mut [Module]) {
    let mut number = 0;
    for module in modules {
        let mut fronts: Vec<Rule> = Vec::new();
        for rule in &mut module.rules {
            if rule.kind() != RuleKind::Function || !rule.head.name.path.is_empty() {
                continue;
            }
            let Some(name) = rule.head.name.head.as_var().map(str::to_owned) else { continue };
            let path: Vec<String> = module.package.path.iter().cloned().chain(std::iter::once(name.clone())).collect();
            let arity = rule.head.parameters.as_ref().map_or(0, Vec::len);
            if arity == 0 || !graph.is_worth_it(&path) || !graph.is_constant(&path) {
                continue;
            }
            let renamed = format!("{}of_{name}", world.prefix);
            if !fronts.iter().any(|front| front.head.name.head.as_var() == Some(name.as_str())) {
                number += 1;
                let implementation: Vec<String> = module.package.path.iter().cloned().chain(std::iter::once(renamed.clone())).collect();
                fronts.push(front(world, rule.span, (&name, arity, number), &implementation));
            }
            rule.head.name = Ref::name(rule.head.name.head.span, renamed);
        }
        module.rules.extend(fronts);
    }
}

/// `f(a) := m[0] if { m := recall(1, [a]) } else := v if { v := implementation(a); keep(1, [a], v) }`
fn front(world: &World<'_>, span: Span, (name, arity, number): (&str, usize, usize), implementation: &[String]) -> Rule {
    let variable = |index: usize| Term::var(span, format!("{}{index:05}", world.prefix));
    let parameters: Vec<Term> = (0..arity).map(variable).collect();
    let operands = Term::new(span, TermKind::Array(parameters.clone()));
    let id = Term::number(span, number.to_string());
    let (found, value) = (variable(arity), variable(arity + 1));
    let recall = Term::call(span, RECALL, vec![id.clone(), operands.clone()]);
    let call = Term::new(span, TermKind::Call(Box::new(Term::dotted(span, "data", implementation)), parameters.clone()));
    let keep = Term::call(span, KEEP, vec![id, operands, value.clone()]);
    Remembering { found, recall, value, compute: call, keep }.rule(span, name, Some(parameters))
}

/// What a rule that remembers is made of.
pub(super) struct Remembering {
    /// The variable of what is remembered.
    pub(super) found: Term,
    /// Asks for it: an array of one, or undefined.
    pub(super) recall: Term,
    /// The variable of what is not remembered yet.
    pub(super) value: Term,
    /// Computes it.
    pub(super) compute: Term,
    /// Remembers it.
    pub(super) keep: Term,
}

impl Remembering {
    /// `name := found[0] if { found := recall } else := value if { value := compute; keep }`
    pub(super) fn rule(self, span: Span, name: &str, parameters: Option<Vec<Term>>) -> Rule {
        let Self { found, recall, value, compute, keep } = self;
        let first = super::reference::select(found.clone(), Term::number(span, "0"));
        let assign = |variable: &Term, value: Term| Expr::new(span, ExprKind::Assign(variable.clone(), value));
        let head = Head { span, name: Ref::name(span, name), parameters, key: None, value: Some(value.clone()), assigned: true };
        let miss = Else { span, value: Some(value.clone()), body: vec![assign(&value, compute), Expr::term(keep)] };
        let body = vec![assign(&found, recall), assign(&value, first)];
        Rule { span, default: false, head, body, otherwise: vec![miss], annotations: Vec::new() }
    }
}

/// Whether evaluating a body costs more than asking for a remembered value: it has closures, or calls functions.
pub(super) fn costs(rule: &Rule) -> bool {
    let mut costs = Costs(false);
    costs.rule(rule);
    costs.0
}

struct Costs(bool);

impl<'a> Visit<'a> for Costs {
    fn expr(&mut self, expr: &'a Expr) {
        self.0 |= matches!(expr.kind, ExprKind::Every { .. });
        walk_expr(self, expr);
    }

    fn term(&mut self, term: &'a Term) {
        self.0 |= match &term.kind {
            TermKind::ArrayComprehension(..) | TermKind::SetComprehension(..) | TermKind::ObjectComprehension(..) => true,
            TermKind::Call(function, _) => function.is_rooted_at("data"),
            _ => false,
        };
        walk_term(self, term);
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA evaluates a call with the same operands once (B8).
    #[test]
    fn a_function_that_costs_asks_for_a_remembered_value() {
        let expected = r"
__of_f(__00001) := __00004 if {
  __00004 := [__00003 |
    __00003 := __00001[__00002]
  ]
}

p := __00001 if {
  __00001 := data.t.f(input.a)
}

f(__00000) := __00002 if {
  __00001 := __vidimus_recall(1, [__00000])
  __00002 := __00001[0]
} else := __00002 if {
  __00002 := data.t.__of_f(__00000)
  __vidimus_keep(1, [__00000], __00002)
}
";
        assert_eq!(
            lowered(&[r"f(x) := [y | some y in x]
p := f(input.a)"]),
            expected.trim()
        );
    }
}
