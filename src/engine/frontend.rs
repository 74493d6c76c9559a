//! The seam to the Rego front-end: modules in, plain Rego out, and the places of what goes wrong with it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::compile::{CompileOptions, RegoModule};
use super::failure::Failing;
use super::problem::Problem;
use crate::builtins::{self, Builtin};
use crate::evaluation::Location;
use crate::rego::ast::RuleKind;
use crate::rego::{Options, Program, Signature, Signatures, Source, Type};

/// A rule that is a value, not a function.
#[derive(Debug, Clone)]
pub(crate) struct NamedRule {
    pub(crate) package: Vec<String>,
    pub(crate) name: String,
    pub(crate) location: Location,
}

/// Where the modules that regorus runs come from.
#[derive(Debug)]
pub(crate) struct Origins(Program);

pub(super) fn compile(modules: &[RegoModule], options: &CompileOptions) -> Result<Program, Vec<Problem>> {
    let sources: Vec<Source> = modules.iter().map(|module| Source { name: module.name.clone(), text: module.text.clone() }).collect();
    let (v0_compatible, query) = (options.v0_compatible, options.query.as_deref());
    let options = Options { v0_compatible, strict: false, query, builtins: &Declared };
    crate::rego::compile(&sources, &options).map_err(|found| found.into_iter().map(Problem::from).collect())
}

/// The rules that are values.
pub(super) fn rules(program: &Program) -> Vec<NamedRule> {
    let values = program.rules.iter().filter(|rule| rule.kind != RuleKind::Function);
    let named = values.filter_map(|rule| {
        let location = Location { file: rule.file.clone(), line: rule.span.row, column: rule.span.column };
        Some(NamedRule { package: rule.package.clone(), name: rule.name.first()?.clone(), location })
    });
    named.collect()
}

impl Origins {
    /// Keeps the map and lets the texts go: regorus has them.
    pub(super) fn new(mut program: Program) -> Self {
        for (_, text) in &mut program.modules {
            *text = String::new();
        }
        Self(program)
    }

    /// An error of regorus, in the user's files.
    pub(crate) fn failing(&self, error: &anyhow::Error) -> Failing {
        let text = format!("{error:#}");
        let Problem { location, .. } = Problem::from(self.0.locate(&text));
        Failing { location, ..Failing::read(&text) }
    }
}

/// The table of builtins as the front-end reads it.
#[derive(Debug)]
struct Declared;

impl Signatures for Declared {
    fn signature(&self, name: &str) -> Option<&Signature> {
        static SIGNATURES: LazyLock<BTreeMap<&'static str, Signature>> =
            LazyLock::new(|| builtins::table().iter().map(|builtin| (builtin.name, signature(builtin))).collect());
        SIGNATURES.get(name)
    }
}

fn signature(builtin: &Builtin) -> Signature {
    let named = |argument: &builtins::Argument| (argument.name.clone().unwrap_or_default(), declared(&argument.of));
    Signature {
        operands: builtin.decl.arguments.iter().map(named).collect(),
        variadic: builtin.decl.variadic.as_ref().map(declared),
        result: builtin.decl.result.as_ref().map(named),
        deprecated: builtin.deprecated,
        relation: builtin.relation,
        nondeterministic: builtin.nondeterministic,
        infix: builtin.infix.is_some(),
    }
}

fn declared(of: &builtins::Type) -> Type {
    use builtins::Type as Table;
    match of {
        Table::Any(of) if of.is_empty() => Type::Any,
        Table::Any(of) => Type::AnyOf(of.iter().map(declared).collect()),
        Table::Null => Type::Null,
        Table::Boolean => Type::Boolean,
        Table::Number => Type::Number,
        Table::String => Type::String,
        Table::Array { fixed, rest } => Type::Array(fixed.iter().map(declared).collect(), rest.as_deref().map(declared).map(Box::new)),
        Table::Set(of) => Type::Set(Box::new(declared(of))),
        Table::Object { fixed, rest } => {
            let members = fixed.iter().map(|(key, of)| (serde_json::Value::from(key.as_str()).to_string(), declared(of))).collect();
            Type::Object(members, rest.as_deref().map(|(key, value)| Box::new((declared(key), declared(value)))))
        }
    }
}
