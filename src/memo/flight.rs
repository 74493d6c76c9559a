//! `Flight`: the right, and the duty, to find out the answer for one key.

use std::fmt;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use super::Shared;
use super::answer::Landing;
use super::check::Check;
use super::entries::Found;
use super::label::Label;
use super::ledger::Landed;
use super::progress::{Outcome, Progress};
use super::store::Kept;

/// The one flight under way for its key. Dropped before it lands, it tells those who wait that it was abandoned.
pub struct Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    shared: Arc<Shared<K, V, E>>,
    key: Arc<K>,
    errand: Errand<V, E>,
    pub(super) awaited: bool,
    /// Whether the archive has a record of the key, past its time.
    outdates: bool,
    /// The archive's latest revocation before the work began.
    pub(super) since: u64,
}

/// What a flight is for.
pub(super) enum Errand<V, E> {
    /// The ledger's one flight for the key; if something is remembered, to compare with it.
    Listed(Option<Check<V>>),
    /// One caller's own, of a memo that is off.
    Alone(Arc<Progress<V, E>>),
    /// None any more: it landed.
    Over,
}

impl<K, V, E> Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    pub(super) fn new(shared: Arc<Shared<K, V, E>>, key: Arc<K>, errand: Errand<V, E>) -> Self {
        Self { shared, key, errand, awaited: false, outdates: false, since: 0 }
    }

    /// Whether the caller who started it has no answer but the one that it will find. Else it is to cost that caller nothing.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.awaited
    }

    /// What is to be found out.
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Whether what it finds is held against what is remembered: then nothing that is remembered should be used for it.
    #[must_use]
    pub fn compares(&self) -> bool {
        matches!(self.errand, Errand::Listed(Some(_)))
    }

    /// Notes what the answer will rest on, as far as its key tells: a revocation that means it then stops the flight at once, for
    /// all who wait. (Labels that are known only when it lands count then.)
    pub fn tag(&self, labels: impl FnOnce(&K) -> Vec<Label>) {
        if matches!(self.errand, Errand::Listed(_)) {
            self.shared.tag(&self.key, labels(&self.key));
        }
    }

    /// Ends the flight: a success is remembered, an error is not; either way all who wait are told. A success that was
    /// revoked under way is neither remembered nor told.
    pub fn land(mut self, result: Result<Landing<V>, E>) {
        match (self.depart(), result) {
            (Errand::Listed(check), Ok(landing)) => {
                let wrong = check.filter(|check| !self.shared.agrees(check, Some(&landing.value)));
                let kept = self.shared.land(&self.key, self.shared.landed(landing));
                if let (Some(kept), Some(shelf)) = (kept, &self.shared.shelf) {
                    shelf.save(&self.key, &kept, self.since);
                }
                self.shared.distrust(wrong);
            }
            (Errand::Listed(check), Err(error)) => {
                let wrong = check.filter(|check| !self.shared.agrees(check, None));
                // Before anybody else can begin to find out: who looks at the record then must not see it.
                self.discard();
                self.shared.fail(&self.key, Outcome::Failed(error));
                self.shared.distrust(wrong);
            }
            (Errand::Alone(progress), Ok(landing)) => {
                let Landed { value, span, cost, .. } = self.shared.landed(landing);
                progress.end(Outcome::Landed { found: Arc::new(Found { value, span }), cost });
            }
            (Errand::Alone(progress), Err(error)) => progress.end(Outcome::Failed(error)),
            (Errand::Over, _) => {}
        }
    }

    /// Ends the flight before it began, with what another process had found out.
    pub(super) fn land_restored(mut self, Kept { value, labels, span, .. }: Kept<V>) {
        self.errand = Errand::Over;
        // Not written down again: it is.
        let _ = self.shared.land(&self.key, Landed { value, labels, span, cost: 0 });
    }

    /// Removes the record of what turns out not to hold, where there is one.
    fn discard(&self) {
        let Some(archive) = &self.shared.shelf else { return };
        if self.outdates || self.shared.entries.peek(&self.key).is_some() {
            archive.discard(&self.key);
        }
    }

    /// Notes what another process had found out, past its time: it may stand in where this flight comes to nothing.
    pub(super) fn replaces(&mut self, found: Kept<V>) {
        self.outdates = true;
        self.shared.shelve(&self.key, found);
    }

    /// Ends the flight with an error that says nothing of the answer: it could not be asked for. Not remembered either; but
    /// what is remembered stays, and where [`super::Tuning::max_stale`] allows, stands in.
    pub fn unavailable(mut self, error: E) {
        self.give_up(Outcome::Unavailable(error));
    }

    fn give_up(&mut self, outcome: Outcome<V, E>) {
        match self.depart() {
            Errand::Listed(_) => self.shared.fail(&self.key, outcome),
            Errand::Alone(progress) => progress.end(outcome),
            Errand::Over => {}
        }
    }

    fn depart(&mut self) -> Errand<V, E> {
        mem::replace(&mut self.errand, Errand::Over)
    }
}

impl<K, V, E> Drop for Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    fn drop(&mut self) {
        self.give_up(Outcome::Abandoned);
    }
}

impl<K, V, E> fmt::Debug for Flight<K, V, E>
where
    K: Eq + Hash,
    V: Clone,
    E: Clone,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Flight").finish_non_exhaustive()
    }
}
