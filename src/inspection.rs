//! What modules contribute: packages, rules and METADATA, read without being compiled.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::evaluation::Location;
use crate::rego::ast::{Json, RuleKind};
use crate::rego::{Program, RuleInfo};

/// What modules contribute.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Inspection {
    /// The packages, by name.
    pub packages: Vec<InspectedPackage>,
    /// The annotations, in the order of the modules.
    pub annotations: Vec<InspectedAnnotation>,
}

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InspectedPackage {
    /// Its name, beginning with `data`.
    pub package: String,
    /// The modules that are of it.
    pub files: BTreeSet<String>,
    /// Its rules, each name and kind once, where it is first defined.
    pub rules: Vec<InspectedRule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedRule {
    /// Its name, elements from the first variable on left out.
    pub name: String,
    /// `complete`, `set`, `object` or `function`.
    pub kind: &'static str,
    /// Where it is first defined.
    pub location: Location,
}

/// A `# METADATA` block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectedAnnotation {
    /// What it describes: a package, or a rule with its package, beginning with `data`.
    pub path: Vec<String>,
    /// Where the block begins.
    pub location: Location,
    /// Its members, and `scope`.
    pub annotations: Value,
}

impl Inspection {
    pub(crate) fn of(program: &Program) -> Self {
        let mut packages: BTreeMap<String, InspectedPackage> = BTreeMap::new();
        for (file, path) in program.packages() {
            let name = dotted(path);
            let package = packages.entry(name.clone()).or_default();
            package.package = name;
            package.files.insert(file.to_owned());
        }
        for rule in &program.rules {
            let Some(package) = packages.get_mut(&dotted(&rule.package)) else { continue };
            let inspected = inspected(rule);
            if !package.rules.iter().any(|there| there.name == inspected.name && there.kind == inspected.kind) {
                package.rules.push(inspected);
            }
        }
        let annotations = program.annotations.iter().map(|(package, rule, annotation)| {
            let rule = rule.and_then(|number| program.rules.get(number));
            let names = rule.map(|rule| rule.name.clone()).unwrap_or_default();
            let path = std::iter::once("data".to_owned()).chain(package.iter().cloned()).chain(names).collect();
            let file = program.file(annotation.span).to_owned();
            let location = Location { file, line: annotation.span.row, column: annotation.span.column };
            InspectedAnnotation { path, location, annotations: plain(&annotation.value) }
        });
        Self { annotations: annotations.collect(), packages: packages.into_values().collect() }
    }
}

fn inspected(rule: &RuleInfo) -> InspectedRule {
    let kind = match rule.kind {
        RuleKind::Complete => "complete",
        RuleKind::PartialSet => "set",
        RuleKind::PartialObject => "object",
        RuleKind::Function => "function",
    };
    let location = Location { file: rule.file.clone(), line: rule.span.row, column: rule.span.column };
    InspectedRule { name: rule.name.join("."), kind, location }
}

fn dotted(path: &[String]) -> String {
    std::iter::once("data").chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(".")
}

fn plain(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Boolean(value) => Value::Bool(*value),
        Json::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(members) => Value::Object(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect()),
    }
}
