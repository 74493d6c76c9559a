//! From places of the printed text to places of the user's files.

use crate::rego::ast::Span;

/// What a place of the printed text was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Line of the printed text, from 1.
    pub(crate) row: u32,
    /// Column of the printed text, in bytes, from 1.
    pub(crate) column: u32,
    /// The place that it was made from.
    pub(crate) span: Span,
}

/// The marks of one module, in the order of its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceMap(Vec<Mark>);

impl SourceMap {
    /// A map of marks that are in the order of the text.
    pub(super) const fn new(marks: Vec<Mark>) -> Self {
        Self(marks)
    }

    /// The place that stands at, or right before, a place of the printed text.
    pub(crate) fn at(&self, row: u32, column: u32) -> Option<Span> {
        let behind = self.0.partition_point(|mark| (mark.row, mark.column) <= (row, column));
        let before = self.0.get(..behind)?.iter().rev();
        // The innermost node that begins there, unless that has no place of its own.
        before.map(|mark| mark.span).find(|span| span.row > 0)
    }
}
