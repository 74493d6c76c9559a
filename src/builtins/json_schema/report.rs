//! What does not match, in words; and a score, by which the best of several failed alternatives is chosen.

use crate::builtins::call::Value;

/// Where in the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) head: &'a str,
    pub(super) tail: Option<&'a Context<'a>>,
}

impl Context<'_> {
    fn path(&self) -> String {
        match self.tail {
            Some(tail) => format!("{}.{}", tail.path(), self.head),
            None => self.head.to_owned(),
        }
    }

    /// The path without the root, unless it is the root.
    pub(super) fn field(&self) -> String {
        let path = self.path();
        path.strip_prefix("(Root).").map_or(path.clone(), ToOwned::to_owned)
    }
}

/// One failure.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    kind: &'static str,
    field: String,
    description: String,
}

impl Entry {
    pub(super) fn to_value(&self) -> Value {
        let members = [
            ("desc", self.description.clone()),
            ("error", format!("{}: {}", self.field, self.description)),
            ("field", self.field.clone()),
            ("type", self.kind.to_owned()),
        ];
        members.into_iter().map(|(name, text)| (Value::from(name), Value::from(text))).collect::<regorus::value::Object>().into_value()
    }
}

/// All failures of one schema on one value.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) errors: Vec<Entry>,
    pub(super) score: i64,
}

impl Report {
    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn add(&mut self, kind: &'static str, context: &Context<'_>, description: impl Into<String>) {
        self.errors.push(Entry { kind, field: context.field(), description: description.into() });
        self.score -= 2;
    }

    pub(super) fn merge(&mut self, other: Report) {
        self.errors.extend(other.errors);
        self.score += other.score;
    }
}
