//! From sources to a program that regorus can run: parse, check, rewrite, print.

mod callees;
mod cost;
mod flatten;
mod program;
mod query;
mod test_names;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::{Fresh, Module, Span, Version};
use super::check;
use super::diagnostic::{Code, Diagnostic};
use super::levers::{Levers, Observed};
use super::parse::parse;
use super::print::print;
use super::probe::Probes;
use super::rewrite;
use super::signature::Signatures;
pub(crate) use callees::Callees;
pub(crate) use program::{Program, RuleInfo};
pub(crate) use query::Query;

/// A module as the user gave it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its name, as the user gave it: what errors show.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// The language of its text, where that of the options is not.
    pub(crate) version: Option<Version>,
}

/// How sources are compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// Modules that import no version are v0, as before OPA 1.0.
    pub(crate) v0_compatible: bool,
    /// Also refuse what OPA refuses with `--strict`: unused variables and imports, deprecated builtins, ..
    pub(crate) strict: bool,
    /// What the program is for.
    pub(crate) purpose: Purpose,
    /// A query to be answered beside the rules, as `opa eval` takes it.
    pub(crate) query: Option<&'a str>,
    /// The functions that modules may call.
    pub(crate) builtins: &'a dyn Signatures,
    /// Which rules will be asked for, where it is not the query and others may be left out.
    pub(crate) entries: Option<&'a dyn Entries>,
    /// The ways of being quick.
    pub(crate) levers: Levers,
    /// What evaluations are watched for.
    pub(crate) observed: Observed,
}

/// The rules that a program will be asked for.
pub(crate) trait Entries: std::fmt::Debug {
    /// Whether the rules of this name, of this package, are.
    fn contains(&self, package: &[String], name: &str) -> bool;
}

impl<'a> Options<'a> {
    /// A policy of current modules, no query, all levers pulled, nothing observed.
    pub(crate) fn new(builtins: &'a dyn Signatures) -> Self {
        Self {
            v0_compatible: false,
            strict: false,
            purpose: Purpose::Policy,
            query: None,
            builtins,
            entries: None,
            levers: Levers::ALL,
            observed: Observed::Nothing,
        }
    }
}

/// What a program is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To decide or answer.
    Policy,
    /// To run its tests: several rules of one name that begins with `test_` are tests of their own.
    Tests,
    /// The same, with probes in front of expressions.
    ProbedTests,
}

/// All modules of a policy on their way through the front-end.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// The sources; `Span::file` and `Module::file` are indices into it.
    pub(crate) sources: Vec<Source>,
    /// The modules.
    pub(crate) modules: Vec<Module>,
    /// Names that no source uses.
    pub(crate) fresh: Fresh,
}

/// Compiles `sources`: parse, check, rewrite, print.
///
/// # Errors
/// Every mistake of every source, ordered by file and position.
pub(crate) fn compile(sources: &[Source], options: &Options<'_>) -> Result<Program, Vec<Diagnostic>> {
    let version = if options.v0_compatible { Version::V0 } else { Version::V1 };
    let mut sources = sources.to_vec();
    let mut modules = parse_all(&sources, version)?;
    let mut fresh = Fresh::new(sources.iter().map(|source| source.text.as_ref()).chain(options.query));
    let query = match options.query {
        Some(text) => {
            let query = query::read(text, u32::try_from(sources.len()).unwrap_or(u32::MAX), options)?;
            sources.push(Source { name: String::new(), text: text.into(), version: None });
            let (query, module) = query::module(query, &mut fresh, options);
            modules.push(module);
            Some(query)
        }
        None => None,
    };
    let aliases = if options.purpose == Purpose::Policy { BTreeMap::new() } else { test_names::apart(&mut modules, &mut fresh) };
    let mut unit = Unit { sources, modules, fresh };
    check::check(&unit, options)?;
    let is_probed = options.purpose == Purpose::ProbedTests || options.observed == Observed::Steps;
    let probes = is_probed.then(|| Probes::of(&unit.modules, &unit.sources));
    let mut program = Program::describe(&unit, query);
    program.aliases = aliases;
    rewrite::apply(&mut unit, options, program.query.as_ref(), probes.as_ref())?;
    program.probes = probes;
    for (index, module) in unit.modules.iter_mut().enumerate() {
        flatten::apply(module, &mut unit.fresh);
        let costly: Vec<Span> = module.rules.iter().filter_map(cost::excess).collect();
        if !costly.is_empty() {
            return Err(costly.into_iter().map(|span| too_costly(span, &unit.sources)).collect());
        }
        program.callees.rename(module);
        program.add(format!("module-{index}"), print(module));
    }
    Ok(program)
}

/// What is known of `sources` that are read and nothing more.
///
/// # Errors
/// Every mistake of syntax.
pub(crate) fn describe(sources: &[Source], v0_compatible: bool) -> Result<Program, Vec<Diagnostic>> {
    let modules = parse_all(sources, if v0_compatible { Version::V0 } else { Version::V1 })?;
    let fresh = Fresh::new([]);
    Ok(Program::describe(&Unit { sources: sources.to_vec(), modules, fresh }, None))
}

fn too_costly(span: Span, sources: &[Source]) -> Diagnostic {
    let file = sources.get(span.file as usize).map(|source| source.name.clone()).unwrap_or_default();
    let message = "terms in this rule are nested too deep to be evaluated: assign parts of them to variables".to_owned();
    Diagnostic { file, row: span.row, column: span.column, code: Code::Compile, message }
}

fn parse_all(sources: &[Source], version: Version) -> Result<Vec<Module>, Vec<Diagnostic>> {
    let (mut modules, mut diagnostics) = (Vec::with_capacity(sources.len()), Vec::new());
    for (file, source) in (0..).zip(sources) {
        match parse(&source.name, &source.text, file, source.version.unwrap_or(version)) {
            Ok(module) => modules.push(module),
            Err(found) => diagnostics.extend(found),
        }
    }
    if diagnostics.is_empty() { Ok(modules) } else { Err(diagnostics) }
}

#[cfg(test)]
mod tests;
