//! The seam to the Rego front-end: modules in, plain Rego out, and the places of what goes wrong with it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::compile::{CompileOptions, RegoModule, RegoVersion};
use super::failure::Failing;
use super::problem::Problem;
use crate::evaluation::Location;
pub(super) use crate::rego::Purpose;
use crate::rego::ast::{Json, Module, RuleKind, Version};
use crate::rego::{Diagnostic, Entries, Options, Probes, Program, RuleInfo, Source, Table};

/// The table of builtins as the front-end reads it.
static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

/// A rule that is a value, not a function.
#[derive(Debug, Clone)]
pub(crate) struct NamedRule {
    pub(crate) package: Vec<String>,
    pub(crate) name: String,
    /// The strings behind the first in its name: `["b", "c"]` of `a.b.c`.
    pub(crate) behind: Vec<String>,
    /// Whether it defines members of an object.
    pub(crate) partial: bool,
    pub(crate) location: Location,
    /// Which of the user's rules it is.
    pub(crate) number: usize,
}

/// Where the modules that regorus runs come from.
#[derive(Debug)]
pub(crate) struct Origins(Program);

/// Compiles modules; where `entries` are given, no other rules will be asked for.
pub(super) fn compile(
    modules: &[RegoModule],
    options: &CompileOptions,
    (purpose, entries): (Purpose, Option<&dyn Entries>),
) -> Result<Program, Vec<Problem>> {
    let sources = sources(modules);
    let CompileOptions { v0_compatible, strict, levers, observed, .. } = *options;
    let query = options.query.as_deref();
    let options = Options { v0_compatible, strict, purpose, query, entries, levers, observed, ..Options::new(&*TABLE) };
    crate::rego::compile(&sources, &options).map_err(problems)
}

/// What is known of modules that are only read.
pub(super) fn describe(modules: &[RegoModule], options: &CompileOptions) -> Result<Program, Vec<Problem>> {
    crate::rego::describe(&sources(modules), options.v0_compatible).map_err(problems)
}

fn problems(found: Vec<Diagnostic>) -> Vec<Problem> {
    found.into_iter().map(Problem::from).collect()
}

fn sources(modules: &[RegoModule]) -> Vec<Source> {
    let source =
        |module: &RegoModule| Source { name: module.name.clone(), text: module.text.clone(), version: module.version.map(version) };
    modules.iter().map(source).collect()
}

const fn version(version: RegoVersion) -> Version {
    match version {
        RegoVersion::V0 => Version::V0,
        RegoVersion::V1 => Version::V1,
        RegoVersion::V2 => Version::V2,
    }
}

/// The path of a module's package, without `data`; `None` where it cannot be read.
pub(crate) fn package(module: &RegoModule) -> Option<Vec<String>> {
    read(module, Version::V1).map(|module| module.package.path)
}

/// A module as it was written; `None` where it cannot be read.
pub(super) fn parse(module: &RegoModule, options: &CompileOptions) -> Option<Module> {
    read(module, if options.v0_compatible { Version::V0 } else { Version::V1 })
}

/// A module of the `usual` version where it does not say its own.
fn read(module: &RegoModule, usual: Version) -> Option<Module> {
    crate::rego::parse::parse(&module.name, &module.text, 0, module.version.map_or(usual, version)).ok()
}

/// The rules that are values.
pub(super) fn rules(program: &Program) -> Vec<NamedRule> {
    let values = program.rules.iter().enumerate().filter(|(_, rule)| rule.kind != RuleKind::Function);
    let named = values.filter_map(|(number, rule)| {
        let (name, behind) = rule.name.split_first()?;
        let (name, behind, partial) = (name.clone(), behind.to_vec(), rule.kind == RuleKind::PartialObject);
        Some(NamedRule { package: rule.package.clone(), name, behind, partial, location: location(rule), number })
    });
    named.collect()
}

/// Where the rules are whose annotations give them a code: `package.short_name`.
pub(super) fn codes(program: &Program) -> BTreeMap<String, Location> {
    let coded = program.annotations.iter().filter_map(|(package, rule, annotation)| {
        let rule = program.rules.get((*rule)?)?;
        let Json::Object(members) = &annotation.value else { return None };
        let Json::Object(custom) = members.get("custom")? else { return None };
        let Json::String(short_name) = custom.get("short_name")? else { return None };
        Some((format!("{}.{short_name}", package.join(".")), location(rule)))
    });
    coded.collect()
}

fn location(rule: &RuleInfo) -> Location {
    Location { file: rule.file.clone(), line: rule.span.row, column: rule.span.column }
}

impl Origins {
    /// Keeps the map and lets the texts go: regorus has them.
    pub(super) fn new(mut program: Program) -> Self {
        for (_, text) in &mut program.modules {
            *text = String::new();
        }
        Self(program)
    }

    /// The probes of the program, where it has any.
    pub(crate) fn probes(&self) -> Option<&Probes> {
        self.0.probes.as_ref()
    }

    /// The full name of a rule of the user's, by its number, and where it stands; the query has the number behind them.
    pub(crate) fn rule(&self, number: usize) -> (String, Location) {
        let Some(rule) = self.0.rules.get(number) else {
            return ("query".to_owned(), Location::of_query());
        };
        let name = |name: &String| self.0.aliases.get(name).unwrap_or(name).clone();
        let path = std::iter::once("data".to_owned()).chain(rule.package.iter().cloned()).chain(rule.name.iter().map(name));
        (path.collect::<Vec<_>>().join("."), location(rule))
    }

    /// What a policy printed, without the place in a generated module that regorus puts in front.
    pub(crate) fn printed(lines: &[String]) -> Vec<String> {
        let text = |line: &String| {
            line.splitn(3, ':').nth(2).map_or_else(|| line.clone(), |text| text.strip_prefix(' ').unwrap_or(text).to_owned())
        };
        lines.iter().map(text).collect()
    }

    /// An error of regorus, in the user's files.
    pub(crate) fn failing(&self, error: &anyhow::Error) -> Failing {
        let text = format!("{error:#}");
        let Problem { location, .. } = Problem::from(self.0.locate(&text));
        Failing { location, ..Failing::read(&text) }
    }
}
