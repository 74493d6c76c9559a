//! Modules.

use super::{Annotation, Rule, Span};

/// A parsed module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Module {
    /// Index of its source.
    pub(crate) file: u32,
    /// The language that its text is written in.
    pub(crate) version: Version,
    /// The words that are keywords in it beside those of its version.
    pub(crate) keywords: Keywords,
    /// `package a.b`.
    pub(crate) package: Package,
    /// Its imports, `rego.*` and `future.*` included.
    pub(crate) imports: Vec<Import>,
    /// Its rules, in order.
    pub(crate) rules: Vec<Rule>,
    /// Its `# METADATA` blocks, in order.
    pub(crate) annotations: Vec<Annotation>,
}

/// The version of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Version {
    /// As before OPA 1.0.
    V0,
    /// The default, or `import rego.v1`.
    V1,
    /// `import rego.v2`.
    V2,
}

/// Which words are keywords, by version and imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each word is switched on its own")]
pub(crate) struct Keywords {
    /// `in`
    pub(crate) member: bool,
    /// `every`
    pub(crate) every: bool,
    /// `contains`
    pub(crate) contains: bool,
    /// `if`
    pub(crate) when: bool,
    /// `not` negates a whole body.
    pub(crate) not: bool,
    /// `and`
    pub(crate) and: bool,
    /// `or`
    pub(crate) or: bool,
}

/// `package a.b["c"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its path, without `data`.
    pub(crate) path: Vec<String>,
}

/// `import data.a.b as c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its path: `["data", "a", "b"]`, `["rego", "v1"]`.
    pub(crate) path: Vec<String>,
    /// `as name`.
    pub(crate) alias: Option<String>,
}

impl Import {
    /// The name that it brings into the module: alias or last element. `None` for `rego.*` and `future.*`, which bring none.
    pub(crate) fn name(&self) -> Option<&str> {
        match self.path.first().map(String::as_str) {
            Some("data" | "input") => self.alias.as_deref().or_else(|| self.path.last().map(String::as_str)),
            _ => None,
        }
    }
}
