//! The rewrites: from a checked tree to plain Rego that means in regorus what the tree means in OPA.
//!
//! Every rule is resolved (`resolve`), then lowered to steps that need no search for an order, no unification and no
//! implicit iteration (`lower` and its parts); then modules of one package are merged. One OPA rule a file.

mod call;
mod closure;
mod document;
mod extent;
mod flat;
mod head;
mod keyword;
mod lasting;
mod literal;
mod local;
mod lower;
mod memo;
mod merge;
mod metadata;
mod modifier;
mod negation;
mod number;
mod observed;
mod operator;
mod overlap;
mod parameter;
mod pattern;
mod print;
mod probe;
mod reach;
mod reference;
mod resolve;
mod steps;
mod subtest;
mod template;
mod term;
mod unify;
mod walk;
mod whole;
mod world;

pub(crate) use lasting::{LAST, LASTING};
pub(crate) use memo::{KEEP, RECALL};
pub(crate) use observed::{ENTER, LEAVE, MISS};
pub(crate) use print::NOTE;
pub(crate) use subtest::CASE;

use super::ast::Module;
use super::compile::{Options, Query, Unit};
use super::diagnostic::{Code, Diagnostic};
use super::levers::Observed;
use super::probe::Probes;
use lower::{Lower, Refusal};
use memo::Graph;
use reach::Resolved;
use world::World;

/// Rewrites all modules of `unit`: afterwards each package is one module that regorus evaluates as OPA evaluates the
/// sources.
///
/// # Errors
/// What cannot be expressed in regorus, and what the checks should have refused.
pub(crate) fn apply(unit: &mut Unit, options: &Options<'_>, query: Option<&Query>, probes: Option<&Probes>) -> Result<(), Vec<Diagnostic>> {
    let mut world = World::of(unit, options).probed(probes);
    let numbers = observed::numbers(&unit.modules);
    let mut resolved: Vec<Resolved<'_>> = unit.modules.iter().map(|module| Resolved::of(&world, module)).collect();
    if reach::prune(&mut resolved, options, query) {
        world.replace_only(resolved.iter().flat_map(Resolved::written));
        // Nothing reaches these packages either, and regorus looks through all that there are.
        resolved.retain(|module| !module.rules.is_empty() || module.module.rules.is_empty());
    }
    let mut modules = lower_all(unit, &world, &resolved)?;
    overlap::apply(&world, &mut modules);
    for module in &mut modules {
        extent::apply(&world, module);
    }
    modules.extend(modifier::stand_ins(&world));
    let graph = Graph::of(&modules);
    let lasting = options.levers.lasting.then(|| lasting::apply(&world, &graph, &mut modules)).flatten();
    modules.extend(lasting);
    if options.levers.functions {
        memo::apply(&world, &graph, &mut modules);
    }
    if options.levers.documents {
        let documents = document::apply(&world, &mut modules);
        modules.extend(documents);
    }
    if options.observed != Observed::Nothing {
        let observed = observed::apply(&world, &numbers, &mut modules);
        modules.extend(observed);
    }
    unit.modules = modules;
    Ok(())
}

/// The lowered modules, those of one package merged.
fn lower_all(unit: &Unit, world: &World<'_>, resolved: &[Resolved<'_>]) -> Result<Vec<Module>, Vec<Diagnostic>> {
    let mut refusals = Vec::new();
    let mut lowered = Vec::with_capacity(resolved.len());
    for module in resolved {
        let module = lower_module(world, module, &mut refusals);
        lowered.extend(keyword::apart(module, &mut refusals));
    }
    if refusals.is_empty() {
        return Ok(merge::by_package(lowered));
    }
    let mut diagnostics: Vec<_> = refusals.into_iter().map(|refusal| diagnostic(unit, &refusal)).collect();
    diagnostics.sort();
    diagnostics.dedup();
    Err(diagnostics)
}

/// A module of lowered rules: what its imports brought is spelled out, its annotations are in the rules that ask for them.
fn lower_module(world: &World<'_>, resolved: &Resolved<'_>, refusals: &mut Vec<Refusal>) -> Module {
    let module = resolved.module;
    let mut rules = Vec::with_capacity(resolved.rules.len());
    for (rule, resolved) in &resolved.rules {
        let mut lower = Lower::new(world, metadata::Active { module, rule });
        match lower.rule(resolved) {
            Ok(rule) => rules.push(rule),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let Module { file, version, keywords, package, .. } = module;
    let (file, version, keywords, package) = (*file, *version, *keywords, package.clone());
    Module { file, version, keywords, package, imports: Vec::new(), rules, annotations: Vec::new() }
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

/// What is printed of modules of package `t` with these rules, functions by their own names: for the tests of the rewrites.
#[cfg(test)]
fn lowered(modules: &[&str]) -> String {
    use super::compile::{Source, compile};
    let source = |rules: &&str| Source { name: "t.rego".to_owned(), text: format!("package t\n{rules}\n").into(), version: None };
    let sources: Vec<Source> = modules.iter().map(source).collect();
    let table = super::Table::new();
    let program = compile(&sources, &Options::new(&table)).unwrap();
    let texts = program.spelled_out();
    texts.iter().map(|text| text.trim_start_matches("package t\n").trim()).collect::<Vec<_>>().join("\n")
}
