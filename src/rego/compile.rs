//! From sources to a program that regorus can run: parse, check, rewrite, print.

use std::sync::Arc;

use super::ast::{Annotation, Fresh, Module, RuleKind, Span};
use super::diagnostic::Diagnostic;
use super::signature::Signatures;

/// A module as the user gave it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its name, as the user gave it: what errors show.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: Arc<str>,
}

/// How sources are compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// Modules that import no version are v0, as before OPA 1.0.
    pub(crate) v0_compatible: bool,
    /// Also refuse what OPA refuses with `--strict`: unused variables and imports, deprecated builtins, ..
    pub(crate) strict: bool,
    /// The functions that modules may call.
    pub(crate) builtins: &'a dyn Signatures,
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

/// Plain Rego that regorus understands and that means what the sources mean in OPA.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Names and texts of the modules, in the order in which they are to be added.
    pub(crate) modules: Vec<(String, String)>,
    /// The rules that the user wrote.
    pub(crate) rules: Vec<RuleInfo>,
    /// All annotations: the package of each, and whether it is attached to the rule of this index in `rules`.
    pub(crate) annotations: Vec<(Vec<String>, Option<usize>, Annotation)>,
}

/// A rule that the user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleInfo {
    /// The path of its package, without `data`.
    pub(crate) package: Vec<String>,
    /// Its name, elements behind a variable left out.
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

/// Compiles `sources`: parse, check, rewrite, print.
///
/// # Errors
/// Every mistake of every source, ordered by file and position.
pub(crate) fn compile(_sources: &[Source], _options: &Options<'_>) -> Result<Program, Vec<Diagnostic>> {
    Ok(Program { modules: Vec::new(), rules: Vec::new(), annotations: Vec::new() })
}
