//! Finding out anew what is remembered: to refresh it, or to see whether the memo is right.

use std::hash::Hash;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Shared;
use super::entries::Entry;
use super::expiry::Moment;
use super::label::{Label, Selector};
use super::tuning::Mode;

/// Why something that is remembered is found out anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It will expire soon, and is asked for often.
    Refresh,
    /// To compare.
    Compare,
}

/// What a flight's result is to be held against, and what that rests on.
pub(super) struct Check<V> {
    pub(super) value: V,
    pub(super) labels: Vec<Label>,
}

/// When an entry may be refreshed, and how often it was asked for since.
pub(super) struct Upcoming {
    pub(super) from: Moment,
    pub(super) asked: AtomicU32,
}

impl<K: Eq + Hash, V: Clone, E: Clone> Shared<K, V, E> {
    /// Whether this hit, the `nth` of its lane, is one to find out anew.
    pub(super) fn due(&self, entry: &Entry<V>, nth: u64) -> Option<Again> {
        if self.tuning.canary.as_ref().is_some_and(|canary| canary.one_in != 0 && nth.is_multiple_of(canary.one_in)) {
            return Some(Again::Compare);
        }
        let (refresh, upcoming) = (self.tuning.refresh_ahead?, entry.upcoming.as_ref()?);
        if !upcoming.from.is_past(&*self.clock) || upcoming.asked.fetch_add(1, Ordering::Relaxed) + 1 < refresh.hot {
            return None;
        }
        // If this attempt comes to nothing, the next one is due when it was asked for as often again.
        upcoming.asked.store(0, Ordering::Relaxed);
        Some(Again::Refresh)
    }

    /// Whether what was remembered agrees with what was found anew; `None`: it was found not to hold.
    pub(super) fn agrees(&self, check: &Check<V>, found: Option<&V>) -> bool {
        self.tuning.canary.as_ref().is_none_or(|canary| found.is_some_and(|found| (canary.agree)(&check.value, found)))
    }

    /// If something was wrong: forgets all that shares its scope, and remembers no more of it.
    pub(super) fn distrust(&self, wrong: Option<Check<V>>) {
        let Some(check) = wrong else { return };
        self.distrust_scope(&check);
        // Last: who reads the count may rely on what it says.
        self.counters.disagreement();
    }

    fn distrust_scope(&self, check: &Check<V>) {
        let scope = self.tuning.canary.as_ref().and_then(|canary| check.labels.iter().find(|label| label.name() == canary.scope));
        let Some(scope) = scope else {
            self.distrusted.store(true, Ordering::SeqCst);
            return;
        };
        self.ledger().distrust(scope.clone());
        // What lands from here on is not kept; what was kept before goes now.
        let _ = self.revoke(Selector::Is(scope.clone()));
    }

    /// The mode, which a disagreement that reaches everything turns off.
    pub(super) fn mode(&self) -> Mode {
        if self.distrusted.load(Ordering::SeqCst) { Mode::Off } else { self.tuning.mode }
    }
}
