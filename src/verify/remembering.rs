//! `Remembering`: how far a verifier's memory may go. The default remembers, and serves nothing past its time.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use super::{Attestation, Verified};
use crate::memo::{Canary, Mode, RefreshAhead, Tuning};

/// The label that says under which trust an answer was found; a disagreement reaches as far.
pub(super) const EPOCH: &str = "epoch";

/// How far the memory of a [`super::Verifier`] goes.
#[derive(Debug, Clone, Default)]
pub struct Remembering {
    /// How long past its time to live an answer may still be served where the registry cannot be asked; never past its
    /// evidence or a revocation, and at most [`Remembering::MAX_STALE`]. Zero: not at all.
    pub max_stale: Duration,
    /// Whether what is asked for often is verified anew, in the background, before its time to live ends.
    pub refresh_ahead: Option<RefreshAhead>,
    /// One in so many hits of a thread is verified anew, in the background, from content fetched anew. An answer that is not
    /// found again is a disagreement: then all that was found under the same trust is forgotten, and none remembered.
    pub canary: Option<NonZeroU64>,
}

impl Remembering {
    /// The ceiling of `max_stale`.
    pub const MAX_STALE: Duration = Tuning::<Arc<Verified>>::MAX_STALE;

    pub(super) fn tuning(&self, mode: Mode) -> Tuning<Arc<Verified>> {
        // In shadow mode everything is verified anew and held against what is remembered.
        let one_in = self.canary.map(NonZeroU64::get).or((mode == Mode::Shadow).then_some(0));
        let canary = one_in.map(|one_in| Canary { one_in, agree, scope: EPOCH });
        Tuning { mode, max_stale: self.max_stale, refresh_ahead: self.refresh_ahead, canary }
    }
}

/// Whether all that was remembered was found again. What was added since is no disagreement.
fn agree(remembered: &Arc<Verified>, found: &Arc<Verified>) -> bool {
    within(remembered.signatures(), found.signatures(), PartialEq::eq)
        && within(remembered.attestations(), found.attestations(), |one: &Attestation, other| {
            one.statement == other.statement && within(&one.signatures, &other.signatures, PartialEq::eq)
        })
}

/// Whether each of `some` has one of `all` to itself.
fn within<T>(some: &[T], all: &[T], equal: impl Fn(&T, &T) -> bool) -> bool {
    let mut left: Vec<&T> = all.iter().collect();
    some.iter().all(|one| left.iter().position(|other| equal(one, other)).map(|at| left.swap_remove(at)).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Signature;
    use super::*;

    fn signed(texts: &[&str]) -> Arc<Verified> {
        let signature = |text: &&str| Signature { signature: (*text).to_owned(), ..Signature::default() };
        Arc::new(Verified::new(texts.iter().map(signature).collect(), Vec::new()))
    }

    fn attested(predicates: &[&str]) -> Arc<Verified> {
        let attestation = |text: &&str| Attestation { statement: Arc::new(json!({ "predicate": text })), signatures: Vec::new() };
        Arc::new(Verified::new(Vec::new(), predicates.iter().map(attestation).collect()))
    }

    #[test]
    fn more_agrees_and_less_or_other_does_not() {
        for make in [signed, attested] {
            assert!(agree(&make(&["a"]), &make(&["a"])));
            assert!(agree(&make(&["a"]), &make(&["b", "a"])), "signed once more");
            assert!(!agree(&make(&["a", "a"]), &make(&["a"])));
            assert!(!agree(&make(&["a"]), &make(&["b"])));
            assert!(!agree(&make(&["a"]), &make(&[])));
        }
        assert!(!agree(&signed(&["a"]), &attested(&["a"])));
    }
}
