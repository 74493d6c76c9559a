//! What compiling gives: modules for the engine, and what is known of the rules in them.

use std::collections::BTreeMap;

use super::{Callees, Query, Unit};
use crate::rego::ast::{Annotation, Place, RuleKind, Span};
use crate::rego::diagnostic::{Code, Diagnostic};
use crate::rego::print::{Printed, SourceMap};
use crate::rego::probe::Probes;

/// Plain Rego that regorus understands and that means what the sources mean in OPA.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Names and texts of the modules, in the order in which they are to be added.
    pub(crate) modules: Vec<(String, String)>,
    /// The rules that the user wrote.
    pub(crate) rules: Vec<RuleInfo>,
    /// All annotations: the package of each, the rule of this index in `rules` that it is attached to, if it is.
    pub(crate) annotations: Vec<(Vec<String>, Option<usize>, Annotation)>,
    /// How the query is answered, where one was given.
    pub(crate) query: Option<Query>,
    /// The names that users gave to tests which had to be renamed, by what they are called now.
    pub(crate) aliases: BTreeMap<String, String>,
    /// The probes, where they were asked for.
    pub(crate) probes: Option<Probes>,
    /// The functions that `modules` call, by the names that they have there.
    pub(crate) callees: Callees,
    /// The sources, and the packages that they are of.
    packages: Vec<(u32, Vec<String>)>,
    /// The names of the sources.
    files: Vec<String>,
    /// Where each of `modules` comes from.
    maps: Vec<SourceMap>,
}

/// A rule that the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleInfo {
    /// The path of its package, without `data`.
    pub(crate) package: Vec<String>,
    /// Its name, elements from the first variable on left out.
    pub(crate) name: Vec<String>,
    /// What it defines.
    pub(crate) kind: RuleKind,
    /// Whether it is a `default`.
    pub(crate) default: bool,
    /// File as the user named it.
    pub(crate) file: String,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Program {
    /// What is known of the sources; their modules are still to be added.
    pub(super) fn describe(unit: &Unit, query: Option<Query>) -> Self {
        let files: Vec<String> = unit.sources.iter().map(|source| source.name.clone()).collect();
        let (mut rules, mut annotations) = (Vec::new(), Vec::new());
        let packages = unit.modules.iter().map(|module| (module.file, module.package.path.clone())).collect();
        // The query's module is the last one, and not the user's.
        let own = unit.modules.len() - usize::from(query.is_some());
        for module in unit.modules.iter().take(own) {
            let first = rules.len();
            for annotation in &module.annotations {
                let rule = match annotation.place {
                    Place::Rule(index) => Some(first + index),
                    Place::Package => None,
                };
                annotations.push((module.package.path.clone(), rule, annotation.clone()));
            }
            rules.extend(module.rules.iter().map(|rule| RuleInfo {
                package: module.package.path.clone(),
                name: rule.ground_name().into_iter().map(str::to_owned).collect(),
                kind: rule.kind(),
                default: rule.default,
                file: files.get(module.file as usize).cloned().unwrap_or_default(),
                span: rule.span,
            }));
        }
        let callees = Callees::new(unit.fresh.prefix());
        let (modules, maps, aliases) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { modules, rules, annotations, query, aliases, probes: None, callees, packages, files, maps }
    }

    /// The name of each source, and the package that it is of.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.packages.iter().map(|(file, path)| (self.files.get(*file as usize).map_or("", String::as_str), path.as_slice()))
    }

    /// The name of the source that something stands in.
    pub(crate) fn file(&self, span: Span) -> &str {
        self.files.get(span.file as usize).map_or("", String::as_str)
    }

    /// The texts of the modules with functions under their own names: for tests of what is printed.
    #[cfg(test)]
    pub(crate) fn spelled_out(&self) -> Vec<String> {
        let spell = |text: &str| {
            let own = |text: String, (name, short): (&str, &str)| text.replace(&format!("{short}("), &format!("{name}("));
            self.callees.iter().fold(text.to_owned(), own)
        };
        self.modules.iter().map(|(_, text)| spell(text)).collect()
    }

    pub(super) fn add(&mut self, name: String, printed: Printed) {
        self.modules.push((name, printed.text));
        self.maps.push(printed.map);
    }

    /// The user's place of an error that the engine raised, whose text begins `--> module:line:column`.
    pub(crate) fn locate(&self, error: &str) -> Diagnostic {
        let place = error.lines().find_map(|line| self.place(line.trim().strip_prefix("--> ")?));
        let message = error.lines().filter_map(|line| line.trim().strip_prefix("error: ")).next_back();
        let message = message.unwrap_or_else(|| error.trim()).to_owned();
        match place {
            Some(span) => {
                let file = self.files.get(span.file as usize).cloned().unwrap_or_default();
                Diagnostic { file, row: span.row, column: span.column, code: Code::Evaluation, message }
            }
            None => Diagnostic { file: String::new(), row: 0, column: 0, code: Code::Evaluation, message },
        }
    }

    /// `module:line:column`
    fn place(&self, text: &str) -> Option<Span> {
        let mut parts = text.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let row = parts.next()?.parse().ok()?;
        let name = parts.next()?;
        let index = self.modules.iter().position(|module| module.0 == name)?;
        self.maps.get(index)?.at(row, column)
    }
}
