//! `# METADATA` blocks.

use std::collections::BTreeMap;

use super::Span;

/// One `# METADATA` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// Where the block begins.
    pub(crate) span: Span,
    /// `rule`, `document`, `package` or `subpackages`; what stands behind the block decides where none is given.
    pub(crate) scope: String,
    /// What it is attached to.
    pub(crate) place: Place,
    /// The annotations as OPA shows them: `scope` and all members that are not empty.
    pub(crate) value: Json,
}

/// What an annotation is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The package.
    Package,
    /// The rule with this index.
    Rule(usize),
}

/// A JSON document; numbers keep their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// The text of a number.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(BTreeMap<String, Json>),
}
