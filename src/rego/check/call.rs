//! Calls: of functions that exist, with as many operands as they take, of such as have a value where one is used.

use super::{Report, World};
use crate::rego::ast::{Expr, ExprKind, Rule, RuleKind, Span, Term, TermKind, Version, Visit, walk_expr, walk_rule, walk_term};
use crate::rego::diagnostic::Code;
use crate::rego::signature::Signature;

pub(super) fn check(world: &World<'_>, strict: bool, report: &mut Report<'_>) {
    for module in world.modules {
        for rule in &module.rules {
            let mut calls = Calls { world, report, refuse_deprecated: strict || module.version >= Version::V1 };
            walk_rule(&mut calls, rule);
            calls.bare(rule);
        }
    }
}

/// How many operands a function takes; `None` if there is none of this name, or it takes any number.
pub(super) fn arity(world: &World<'_>, function: &Term) -> Option<usize> {
    match declared(world, function)? {
        Callee::Builtin(signature) => signature.variadic.is_none().then_some(signature.operands.len()),
        Callee::Rule(count) => Some(count),
    }
}

enum Callee<'a> {
    Builtin(&'a Signature),
    Rule(usize),
}

fn declared<'a>(world: &World<'a>, function: &Term) -> Option<Callee<'a>> {
    let path = function.as_path()?;
    if let ["data", path @ ..] = path.as_slice() {
        let rules = &world.index.find(path)?.rules;
        let function = rules.iter().find(|entry| entry.rule.kind() == RuleKind::Function);
        let Some(function) = function else {
            // Such a call is left to the types: OPA lets it be where the rule may be anything.
            return (!rules.is_empty()).then_some(Callee::Rule(0));
        };
        return function.rule.head.parameters.as_ref().map(|parameters| Callee::Rule(parameters.len()));
    }
    world.builtins.signature(&path.join(".")).map(Callee::Builtin)
}

struct Calls<'a, 'b, 'c> {
    world: &'a World<'a>,
    report: &'b mut Report<'c>,
    refuse_deprecated: bool,
}

impl Calls<'_, '_, '_> {
    /// `count([1])` where a rule should stand.
    fn bare(&mut self, rule: &Rule) {
        let is_bare = rule.head.parameters.is_some() && rule.head.value.is_none() && rule.body.is_empty() && !rule.default;
        if is_bare && self.world.builtins.signature(&rule.ground_name().join(".")).is_some() {
            self.report.push(rule.span, Code::Parse, "rule name conflicts with built-in function");
        }
    }

    /// A call; as an expression of its own its result may be one more operand.
    fn call(&mut self, span: Span, (function, arguments): (&Term, &[Term]), statement: bool) {
        let name = function.as_path().map_or_else(|| "function".to_owned(), |path| path.join("."));
        let Some(callee) = declared(self.world, function) else {
            return self.report.push(span, Code::Type, format!("undefined function {name}"));
        };
        let given = arguments.len();
        match callee {
            Callee::Rule(count) if given == count || (statement && given == count + 1) => {}
            Callee::Rule(count) => {
                let plural = if given == 1 { "" } else { "s" };
                self.report.push(span, Code::Type, format!("function {name} has arity {count}, got {given} argument{plural}"));
            }
            Callee::Builtin(signature) => self.builtin(span, (&name, signature), (given, statement)),
        }
    }

    fn builtin(&mut self, span: Span, (name, signature): (&str, &Signature), (given, statement): (usize, bool)) {
        let count = signature.operands.len();
        let fits = match signature.variadic {
            Some(_) => given >= count,
            None => given == count || (statement && signature.result.is_some() && given == count + 1),
        };
        if !fits {
            let want: Vec<String> = signature.operands.iter().map(super::types::named).collect();
            let message = format!("{name}: arity mismatch: got {given} operands, want: ({})", want.join(", "));
            self.report.push(span, Code::Type, message);
        } else if !statement && signature.result.is_none() {
            self.report.push(span, Code::Type, format!("{name} used as value"));
        }
        if signature.deprecated && self.refuse_deprecated {
            self.report.push(span, Code::Type, format!("deprecated built-in function calls in expression: {name}"));
        }
    }
}

impl<'t> Visit<'t> for Calls<'_, '_, '_> {
    fn expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Term(Term { span, kind: TermKind::Call(function, arguments) }) = &expr.kind {
            self.call(*span, (function, arguments), true);
            for argument in arguments {
                self.term(argument);
            }
            for with in &expr.with {
                self.term(&with.value);
            }
        } else {
            walk_expr(self, expr);
        }
    }

    fn term(&mut self, term: &'t Term) {
        if let TermKind::Call(function, arguments) = &term.kind {
            self.call(term.span, (function, arguments), false);
            for argument in arguments {
                self.term(argument);
            }
        } else {
            walk_term(self, term);
        }
    }
}
