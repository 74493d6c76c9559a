//! `Exhibit`: one piece of evidence that was looked at, where it lies and what became of it. For explanations; nothing is
//! decided by it.

use serde::Serialize;

use super::gather::Piece;
use super::{Attestation, Grounds, Signature};

/// Most exhibits that are kept, and most characters of a reason.
const MAX_EXHIBITS: usize = 200;
const MAX_REASON: usize = 400;

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exhibit {
    /// What it is: `bundle`, `signature layer`, `attestation layer`; or the place that was looked at, `referrers`, `tag`.
    pub kind: &'static str,
    /// Where it lies, as a reference.
    pub reference: String,
    /// What became of it.
    pub finding: Finding,
    /// Why it was not verified, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it rests on, where it was verified.
    #[serde(flatten)]
    pub grounds: Grounds,
}

/// What became of a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Finding {
    /// It holds.
    Verified,
    /// It does not hold.
    Rejected,
    /// It holds, and says nothing that can be read.
    Malformed,
    /// It could not be asked for.
    Unavailable,
    /// There is nothing at this place.
    Absent,
    /// It is something else than evidence.
    Other,
}

/// What was looked at so far.
#[derive(Debug, Default)]
pub(super) struct Exhibits(Vec<Exhibit>);

/// What can say what it rests on.
pub(super) trait Grounded {
    fn grounds(&self) -> Grounds;
}

impl Grounded for Signature {
    fn grounds(&self) -> Grounds {
        self.grounds.clone()
    }
}

impl Grounded for Attestation {
    fn grounds(&self) -> Grounds {
        self.unnamed().grounds
    }
}

impl Exhibits {
    pub(super) fn note<T: Grounded>(&mut self, kind: &'static str, reference: String, piece: &Piece<T>) {
        let (finding, reason, grounds) = match piece {
            Piece::Verified(found) => (Finding::Verified, None, found.grounds()),
            Piece::Rejected(reason) => (Finding::Rejected, Some(reason), Grounds::default()),
            Piece::Malformed(reason) => (Finding::Malformed, Some(reason), Grounds::default()),
            Piece::Unavailable(reason) => (Finding::Unavailable, Some(reason), Grounds::default()),
            Piece::Other => (Finding::Other, None, Grounds::default()),
        };
        let reason = reason.map(|reason| reason.chars().take(MAX_REASON).collect());
        self.keep(Exhibit { kind, reference, finding, reason, grounds });
    }

    pub(super) fn absent(&mut self, kind: &'static str, reference: String) {
        self.keep(Exhibit { kind, reference, finding: Finding::Absent, reason: None, grounds: Grounds::default() });
    }

    pub(super) fn all(self) -> Vec<Exhibit> {
        self.0
    }

    fn keep(&mut self, exhibit: Exhibit) {
        if self.0.len() < MAX_EXHIBITS {
            self.0.push(exhibit);
        }
    }
}
