//! What a source says of content without giving it: what a tag names, whether a list has changed. Nothing is proved by it; it
//! decides only what is fetched again.

use super::{Descriptor, Digest};

/// What a source says that a tag names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glance {
    /// A manifest of this digest.
    Names(Digest),
    /// Nothing.
    Absent,
    /// It does not say: the manifest has to be fetched.
    Untold,
}

/// What a source calls the state of a list; its own affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator(String);

/// A list of referrers, for one who may have seen it.
#[derive(Debug, Clone)]
pub enum Relisted {
    /// It is as it was.
    Unchanged,
    /// This is it, and what the source calls its state, where it calls it anything.
    List(Vec<Descriptor>, Option<Validator>),
}

impl Validator {
    /// Most bytes of a name: longer ones are not kept.
    const MOST: usize = 512;

    /// A state by its name; `None` where the name is too long to be kept.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Option<Self> {
        Some(name.into()).filter(|name| name.len() <= Self::MOST).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Bytes of the name.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
