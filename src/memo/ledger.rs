//! `Ledger`: the flights under way and the labels of what is remembered; every change of either goes through here.
//!
//! INVARIANT: it lies behind one lock, which no work and no wait is done under and no hit takes. What publishes, revokes or
//! settles does it under that lock, so that a revocation is either before or after a landing, never in its midst.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::Shared;
use super::answer::{Answer, How};
use super::check::{Again, Check, Upcoming};
use super::entries::{Entry, Found};
use super::expiry::Span;
use super::fence::{Fences, Revocation};
use super::index::Index;
use super::label::{Label, Selector};
use super::progress::{Outcome, Progress};
use super::store::Kept;

pub(super) struct Ledger<K, V, E> {
    aloft: HashMap<Arc<K>, Aloft<V, E>>,
    index: Index<K>,
    fences: Fences,
    /// The number of the next entry.
    next: u64,
    /// What is remembered no more, since something of it was wrong.
    distrusted: HashSet<Label>,
}

/// A flight under way.
struct Aloft<V, E> {
    progress: Arc<Progress<V, E>>,
    /// The latest revocation before it started: it has to pass all later ones.
    since: u64,
    /// What it is already known to rest on.
    tags: Vec<Label>,
}

/// A success as it lands.
pub(super) struct Landed<V> {
    pub(super) value: V,
    pub(super) labels: Vec<Label>,
    pub(super) span: Span,
    pub(super) cost: u64,
}

/// How a caller who found nothing goes on.
pub(super) enum Boarding<K, V, E> {
    /// It was published since the caller looked.
    Remembered(Answer<V>),
    /// A flight is under way; with it, the number of the latest revocation that this caller came after.
    Joined(Arc<Progress<V, E>>, u64),
    /// A flight is under way that was revoked: to be waited out, as there is never a second one for a key.
    Behind(Arc<Progress<V, E>>),
    /// None is: here is a new one, and what its result is to be compared with.
    Started(Arc<K>, Arc<Progress<V, E>>, Option<Check<V>>),
}

impl<K: Eq + Hash, V: Clone, E: Clone> Shared<K, V, E> {
    /// The flight under way for a key, or a new one: because nothing is remembered, or to find it out again.
    pub(super) fn board(&self, key: &K, again: Option<Again>) -> Boarding<K, V, E>
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
        let remembered = self.entries.live(key, &*self.clock);
        let check = match (again, remembered) {
            (None, Some(entry)) => return Boarding::Remembered(entry.answer(How::Hit)),
            (Some(Again::Compare), Some(entry)) => {
                Some(Check { labels: ledger.index.labels(entry.number).to_vec(), value: entry.found.value.clone() })
            }
            _ => None,
        };
        let (key, progress) = (Arc::new(key.clone()), Arc::new(Progress::default()));
        let flight = Aloft { progress: Arc::clone(&progress), since, tags: Vec::new() };
        ledger.aloft.insert(Arc::clone(&key), flight);
        Boarding::Started(key, progress, check)
    }

    /// How many revocations there have been.
    pub(super) fn revocations(&self) -> u64 {
        self.ledger().fences.generation()
    }

    /// Notes what a flight rests on before it lands, so that a revocation can stop it at once.
    pub(super) fn tag(&self, key: &K, mut labels: Vec<Label>) {
        let mut ledger = self.ledger();
        let Ledger { aloft, fences, .. } = &mut *ledger;
        let Some(flight) = aloft.get_mut(key) else { return };
        flight.tags.append(&mut labels);
        if let Some(generation) = fences.since(flight.since, &flight.tags) {
            flight.progress.settle(Outcome::Revoked(generation));
        }
    }

    /// A success lands: published, unless it was revoked under way. Gives it back, with all it rests on, if it is to be
    /// written down.
    pub(super) fn land(&self, key: &Arc<K>, landed: Landed<V>) -> Option<Kept<V>> {
        let mut ledger = self.ledger();
        let flight = ledger.aloft.remove(key)?;
        let Landed { value, labels, span, cost } = landed;
        let labels = merged(flight.tags, labels);
        let fence = ledger.fences.since(flight.since, &labels);
        ledger.lower_fences();
        let keep = fence.is_none() && !labels.iter().any(|label| ledger.distrusted.contains(label)) && !span.is_past(&*self.clock);
        let kept = (keep && self.shelf.is_some()).then(|| Kept {
            value: value.clone(),
            labels: labels.clone(),
            span,
            _saving: Some(self.unsaved.begin()),
        });
        let found = Arc::new(Found { value, span });
        let outcome = fence.map_or_else(|| Outcome::Landed { found: Arc::clone(&found), cost }, Outcome::Revoked);
        let gone = if keep {
            self.put(&mut ledger, key, (found, labels))
        } else {
            let gone: Vec<_> = self.entries.remove(key).into_iter().collect();
            ledger.index.remove_all(&gone);
            gone
        };
        flight.progress.end(outcome);
        drop(ledger);
        // What had to go may be large: it is dropped after the lock.
        drop(gone);
        kept
    }

    /// Publishes; gives what had to go for it.
    fn put(&self, ledger: &mut Ledger<K, V, E>, key: &Arc<K>, (found, labels): (Arc<Found<V>>, Vec<Label>)) -> Vec<Entry<V>> {
        let number = ledger.next;
        ledger.next += 1;
        let (weight, upcoming) = (Index::<K>::weight(&labels), self.upcoming(&found.span));
        ledger.index.insert(number, key, labels);
        let gone = self.entries.put(key, Entry { found, upcoming, number, weight });
        ledger.index.remove_all(&gone);
        gone
    }

    /// Remembers, for a flight that is under way, what is past its time and may still excuse the lack of an answer.
    pub(super) fn shelve(&self, key: &Arc<K>, found: Kept<V>) {
        let Kept { value, labels, span, .. } = found;
        let mut ledger = self.ledger();
        let Some(since) = ledger.aloft.get(key).map(|flight| flight.since) else { return };
        let stopped = ledger.fences.since(since, &labels).is_some() || labels.iter().any(|label| ledger.distrusted.contains(label));
        let older = self.entries.peek(key).is_none_or(|entry| entry.found.span.found_at() < span.found_at());
        if !stopped && older && span.excuses(self.tuning.max_stale, &*self.clock) {
            let gone = self.put(&mut ledger, key, (Arc::new(Found { value, span }), labels));
            drop(ledger);
            drop(gone);
        }
    }

    fn upcoming(&self, span: &Span) -> Option<Arc<Upcoming>> {
        let window = self.tuning.refresh_ahead?.window;
        let [chance, ..] = RandomState::new().hash_one(0).to_le_bytes();
        let from = span.refresh_from(window, chance)?;
        Some(Arc::new(Upcoming { from, asked: AtomicU32::new(0) }))
    }

    /// A flight ends without a success. An error that says the answer does not hold leaves nothing behind, not even what the
    /// flight was to replace; one that says nothing leaves what may still be served.
    pub(super) fn fail(&self, key: &K, outcome: Outcome<V, E>) {
        let mut ledger = self.ledger();
        let Some(flight) = ledger.aloft.remove(key) else { return };
        ledger.lower_fences();
        let gone = match outcome {
            Outcome::Unavailable(_) | Outcome::Abandoned => self.entries.remove_spent(key, (self.tuning.max_stale, &*self.clock)),
            _ => self.entries.remove(key),
        };
        if let Some(entry) = &gone {
            ledger.index.remove(entry.number);
        }
        flight.progress.end(outcome);
        drop(ledger);
        drop(gone);
    }

    /// Removes what a selector means, and stops the flights that are known to rest on it; but not the one for `unbegun`, whose
    /// work has yet to begin. In memory only.
    pub(super) fn forget(&self, selector: Selector, unbegun: Option<&K>) -> Revocation {
        let mut ledger = self.ledger();
        let generation = ledger.fences.raise(selector.clone());
        let mut gone = Vec::new();
        for number in ledger.index.matching(&selector) {
            let key = ledger.index.remove(number);
            gone.extend(key.and_then(|key| self.entries.remove(&key)));
        }
        let mut flights = 0;
        for (key, flight) in &mut ledger.aloft {
            if unbegun.is_some_and(|unbegun| **key == *unbegun) {
                flight.since = generation;
            } else if selector.means(&flight.tags) {
                flight.progress.settle(Outcome::Revoked(generation));
                flights += 1;
            }
        }
        ledger.lower_fences();
        let at = self.clock.date();
        drop(ledger);
        Revocation { selector, generation, at, entries: gone.len() as u64, flights, recorded: None }
    }

    /// A panic elsewhere cannot leave the ledger half-changed: none of the caller's code runs under its lock but `Eq`,
    /// `Hash`, `Clone` and the weighing, and what these leave undone is a miss.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger<K, V, E>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V, E> Ledger<K, V, E> {
    /// Remembers nothing more with this label.
    pub(super) fn distrust(&mut self, label: Label) {
        self.distrusted.insert(label);
    }

    pub(super) fn distrusted(&self) -> Vec<Label> {
        self.distrusted.iter().cloned().collect()
    }

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
        Self { aloft: HashMap::new(), index: Index::default(), fences: Fences::default(), next: 0, distrusted: HashSet::new() }
    }
}
