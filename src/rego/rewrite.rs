//! The rewrites: from a checked tree to plain Rego that means in regorus what the tree means in OPA.
//!
//! Every rule is resolved (`resolve`), then lowered to steps that need no search for an order, no unification and no
//! implicit iteration (`lower` and its parts); then modules of one package are merged. One OPA rule a file.

mod call;
mod closure;
mod extent;
mod flat;
mod head;
mod keyword;
mod lasting;
mod literal;
mod lower;
mod memo;
mod merge;
mod metadata;
mod modifier;
mod negation;
mod number;
mod operator;
mod overlap;
mod parameter;
mod pattern;
mod print;
mod probe;
mod reference;
mod resolve;
mod steps;
mod template;
mod term;
mod unify;
mod walk;
mod whole;
mod world;

pub(crate) use lasting::{LAST, LASTING};
pub(crate) use memo::{KEEP, RECALL};

use super::ast::Module;
use super::compile::Unit;
use super::diagnostic::{Code, Diagnostic};
use super::probe::Probes;
use super::signature::Signatures;
use lower::{Lower, Refusal};
use memo::Graph;
use world::World;

/// Rewrites all modules of `unit`: afterwards each package is one module that regorus evaluates as OPA evaluates the
/// sources.
///
/// # Errors
/// What cannot be expressed in regorus, and what the checks should have refused.
pub(crate) fn apply(unit: &mut Unit, builtins: &dyn Signatures, probes: Option<&Probes>) -> Result<(), Vec<Diagnostic>> {
    let world = World::of(unit, builtins).probed(probes);
    let mut refusals = Vec::new();
    let mut lowered = Vec::with_capacity(unit.modules.len());
    for module in &unit.modules {
        let module = lower_module(&world, module, &mut refusals);
        lowered.extend(keyword::apart(module, &mut refusals));
    }
    if !refusals.is_empty() {
        let mut diagnostics: Vec<_> = refusals.into_iter().map(|refusal| diagnostic(unit, &refusal)).collect();
        diagnostics.sort();
        diagnostics.dedup();
        return Err(diagnostics);
    }
    let mut modules = merge::by_package(lowered);
    overlap::apply(&world, &mut modules);
    for module in &mut modules {
        extent::apply(&world, module);
    }
    let graph = Graph::of(&modules);
    let lasting = lasting::apply(&world, &graph, &mut modules);
    modules.extend(lasting);
    memo::apply(&world, &graph, &mut modules);
    modules.extend(modifier::stand_ins(&world));
    unit.modules = modules;
    Ok(())
}

/// A module of lowered rules: what its imports brought is spelled out, its annotations are in the rules that ask for them.
fn lower_module(world: &World<'_>, module: &Module, refusals: &mut Vec<Refusal>) -> Module {
    let mut rules = Vec::with_capacity(module.rules.len());
    for rule in &module.rules {
        let resolved = resolve::rule(world, module, rule);
        let mut lower = Lower::new(world, metadata::Active { module, rule });
        match lower.rule(&resolved) {
            Ok(rule) => rules.push(rule),
            Err(refusal) => refusals.push(refusal),
        }
    }
    Module { imports: Vec::new(), annotations: Vec::new(), rules, ..module.clone() }
}

fn diagnostic(unit: &Unit, refusal: &Refusal) -> Diagnostic {
    let span = refusal.span;
    let file = unit.sources.get(span.file as usize).map(|source| source.name.clone()).unwrap_or_default();
    let (code, message) = match &refusal.unsafe_variable {
        Some(name) => (Code::UnsafeVar, format!("var {} is unsafe", resolve::name_of(name))),
        None => (Code::Compile, refusal.message.clone()),
    };
    Diagnostic { file, row: span.row, column: span.column, code, message }
}

/// What is printed of modules of package `t` with these rules: for the tests of the rewrites.
#[cfg(test)]
fn lowered(modules: &[&str]) -> String {
    use super::compile::{Options, Purpose, Source, compile};
    let source = |rules: &&str| Source { name: "t.rego".to_owned(), text: format!("package t\n{rules}\n").into(), version: None };
    let sources: Vec<Source> = modules.iter().map(source).collect();
    let table = super::Table::new();
    let program =
        compile(&sources, &Options { v0_compatible: false, strict: false, purpose: Purpose::Policy, query: None, builtins: &table })
            .unwrap();
    let texts: Vec<&str> = program.modules.iter().map(|(_, text)| text.trim_start_matches("package t\n").trim()).collect();
    texts.join("\n")
}
