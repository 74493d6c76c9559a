//! `Ledger`: the flights under way and the labels of what is remembered; every change of either goes through here.
//!
//! INVARIANT: it lies behind one lock, which no work and no wait is done under and no hit takes. What publishes, revokes or
//! settles does it under that lock, so that a revocation is either before or after a landing, never in its midst.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::Shared;
use super::answer::{Answer, Landing};
use super::entries::Entry;
use super::expiry::Expiry;
use super::fence::{Fences, Revocation};
use super::index::Index;
use super::label::{Label, Selector};
use super::progress::{Outcome, Progress};

pub(super) struct Ledger<K, V, E> {
    aloft: HashMap<Arc<K>, Aloft<V, E>>,
    index: Index<K>,
    fences: Fences,
    /// The number of the next entry.
    next: u64,
}

/// A flight under way.
struct Aloft<V, E> {
    progress: Arc<Progress<V, E>>,
    /// The latest revocation before it started: it has to pass all later ones.
    since: u64,
    /// What it is already known to rest on.
    tags: Vec<Label>,
}

/// How a caller who found nothing goes on.
pub(super) enum Boarding<K, V, E> {
    /// It was published since the caller looked.
    Remembered(Answer<V>),
    /// A flight is under way; with it, the number of the latest revocation that this caller came after.
    Joined(Arc<Progress<V, E>>, u64),
    /// A flight is under way that was revoked: to be waited out, as there is never a second one for a key.
    Behind(Arc<Progress<V, E>>),
    /// None is: here is a new one.
    Started(Arc<K>, Arc<Progress<V, E>>),
}

impl<K: Eq + Hash, V: Clone, E: Clone> Shared<K, V, E> {
    pub(super) fn board(&self, key: &K) -> Boarding<K, V, E>
    where
        K: Clone,
    {
        let mut ledger = self.ledger();
        let since = ledger.fences.generation();
        if let Some(flight) = ledger.aloft.get(key) {
            let progress = Arc::clone(&flight.progress);
            return if progress.is_revoked() { Boarding::Behind(progress) } else { Boarding::Joined(progress, since) };
        }
        // A flight publishes before it leaves the ledger: one that landed since the caller looked is seen here.
        if let Some(answer) = self.entries.get(key, &*self.clock) {
            return Boarding::Remembered(answer);
        }
        let (key, progress) = (Arc::new(key.clone()), Arc::new(Progress::default()));
        let flight = Aloft { progress: Arc::clone(&progress), since, tags: Vec::new() };
        ledger.aloft.insert(Arc::clone(&key), flight);
        Boarding::Started(key, progress)
    }

    /// Notes what a flight rests on before it lands, so that a revocation can stop it at once.
    pub(super) fn tag(&self, key: &K, label: Label) {
        let mut ledger = self.ledger();
        let Ledger { aloft, fences, .. } = &mut *ledger;
        let Some(flight) = aloft.get_mut(key) else { return };
        flight.tags.push(label);
        if let Some(generation) = fences.since(flight.since, &flight.tags) {
            flight.progress.settle(Outcome::Revoked(generation));
        }
    }

    /// A success lands: published, unless it was revoked under way.
    pub(super) fn land(&self, key: &Arc<K>, landing: Landing<V>) {
        let mut ledger = self.ledger();
        let Some(flight) = ledger.aloft.remove(key) else { return };
        let labels = merged(flight.tags, landing.labels);
        let fence = ledger.fences.since(flight.since, &labels);
        ledger.lower_fences();
        let mut gone = self.forget(&mut ledger, key);
        if let Some(generation) = fence {
            flight.progress.end(Outcome::Revoked(generation));
            drop(ledger);
            drop(gone);
            return;
        }
        let (verified_at, expiry) = (self.clock.date(), Expiry::new(&*self.clock, landing.ttl, landing.not_after));
        let outcome = Outcome::Landed { value: landing.value.clone(), verified_at, expiry, cost: landing.cost };
        if !expiry.is_some_and(|expiry| expiry.is_past(&*self.clock)) {
            let number = ledger.next;
            ledger.next += 1;
            let weight = Index::<K>::weight(&labels);
            ledger.index.insert(number, key, labels);
            self.entries.put(key, Entry { value: landing.value, verified_at, expiry, number, weight }, &mut gone);
        }
        for entry in &gone {
            ledger.index.remove(entry.number);
        }
        flight.progress.end(outcome);
        drop(ledger);
        // What had to go may be large: it is dropped after the lock.
        drop(gone);
    }

    /// A flight ends without a success; leaves nothing behind, not even what it was to replace.
    pub(super) fn fail(&self, key: &K, outcome: Outcome<V, E>) {
        let mut ledger = self.ledger();
        let Some(flight) = ledger.aloft.remove(key) else { return };
        ledger.lower_fences();
        let gone = self.forget(&mut ledger, key);
        flight.progress.end(outcome);
        drop(ledger);
        drop(gone);
    }

    /// Removes what a selector means, and stops the flights that are known to rest on it.
    pub(super) fn revoke(&self, selector: Selector) -> Revocation {
        let mut ledger = self.ledger();
        let generation = ledger.fences.raise(selector.clone());
        let mut gone = Vec::new();
        for number in ledger.index.matching(&selector) {
            let key = ledger.index.remove(number);
            gone.extend(key.and_then(|key| self.entries.remove(&key)));
        }
        let stopped = ledger.aloft.values().filter(|flight| flight.tags.iter().any(|label| selector.matches(label)));
        let flights = stopped.map(|flight| flight.progress.settle(Outcome::Revoked(generation))).count() as u64;
        ledger.lower_fences();
        let at = self.clock.date();
        drop(ledger);
        Revocation { selector, generation, at, entries: gone.len() as u64, flights }
    }

    fn forget(&self, ledger: &mut Ledger<K, V, E>, key: &K) -> Vec<Entry<V>> {
        let gone = self.entries.remove(key);
        if let Some(entry) = &gone {
            ledger.index.remove(entry.number);
        }
        gone.into_iter().collect()
    }

    /// A panic elsewhere cannot leave the ledger half-changed: none of the caller's code runs under its lock but `Eq`,
    /// `Hash`, `Clone` and the weighing, and what these leave undone is a miss.
    fn ledger(&self) -> MutexGuard<'_, Ledger<K, V, E>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V, E> Ledger<K, V, E> {
    fn lower_fences(&mut self) {
        if !self.fences.are_down() {
            self.fences.lower(self.aloft.values().map(|flight| flight.since).min());
        }
    }
}

fn merged(mut labels: Vec<Label>, more: Vec<Label>) -> Vec<Label> {
    labels.extend(more);
    labels.sort_unstable();
    labels.dedup();
    labels
}

impl<K, V, E> Default for Ledger<K, V, E> {
    fn default() -> Self {
        Self { aloft: HashMap::new(), index: Index::default(), fences: Fences::default(), next: 0 }
    }
}
