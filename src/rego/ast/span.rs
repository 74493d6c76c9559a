//! Where a node stands in the user's files.

/// A place in a source: generated nodes carry the span of what they were made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Span {
    /// Index of the source among those given to `compile`.
    pub(crate) file: u32,
    /// Line, from 1.
    pub(crate) row: u32,
    /// Column in characters, from 1, as OPA counts.
    pub(crate) column: u32,
    /// First byte.
    pub(crate) start: u32,
    /// Past the last byte.
    pub(crate) end: u32,
}

impl Span {
    /// From the start of `self` to the end of `other`, which must not come before.
    #[must_use]
    pub(crate) const fn to(self, other: Self) -> Self {
        Self { end: if other.end > self.end { other.end } else { self.end }, ..self }
    }

    /// The text of the node in the text of its source.
    pub(crate) fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}
