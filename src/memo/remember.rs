//! What a memo does with its archive: looks there before work begins, and tells it what is revoked.

use std::hash::Hash;

use super::Shared;
use super::answer::Landing;
use super::check::Again;
use super::expiry::{Moment, Span};
use super::fence::Revocation;
use super::flight::Flight;
use super::label::Selector;
use super::ledger::Landed;

impl<K: Eq + Hash, V: Clone, E: Clone> Shared<K, V, E> {
    /// Before a flight's work begins: lands it with what the archive holds, if it may; else notes which revocations are
    /// older than the work.
    pub(super) fn prepare(&self, mut flight: Flight<K, V, E>, again: Option<Again>) -> Option<Flight<K, V, E>> {
        let Some(archive) = &self.shelf else { return Some(flight) };
        let (kept, news, generation) = if again.is_none() {
            let loaded = archive.load(flight.key(), Moment::now(&*self.clock));
            (loaded.kept, loaded.news, loaded.generation)
        } else {
            let (generation, news) = archive.news();
            (None, news, generation)
        };
        flight.since = generation;
        self.heed(news, Some(flight.key()));
        match kept {
            None => Some(flight),
            Some(found) if found.span.is_past(&*self.clock) => {
                flight.replaces(found);
                Some(flight)
            }
            Some(found) => {
                self.counters.restored();
                flight.land_restored(found);
                None
            }
        }
    }

    /// Forgets what other processes have revoked.
    pub(super) fn heed(&self, news: Vec<Selector>, unbegun: Option<&K>) {
        for selector in news {
            let _ = self.forget(selector, unbegun);
        }
    }

    /// Revokes: on record first, so that a crash in between forgets too much rather than too little.
    pub(super) fn revoke(&self, selector: Selector) -> Revocation {
        let recorded = self.shelf.as_ref().map(|archive| {
            let news = archive.revoke(&selector, self.clock.date())?;
            self.heed(news, None);
            Ok(())
        });
        let revocation = Revocation { recorded, ..self.forget(selector, None) };
        if let Some(archive) = &self.shelf {
            archive.purge(&revocation.selector);
        }
        revocation
    }

    /// A success that is found now.
    pub(super) fn landed(&self, landing: Landing<V>) -> Landed<V> {
        let span = Span::new(Moment::now(&*self.clock), landing.ttl, landing.not_after);
        Landed { value: landing.value, labels: landing.labels, span, cost: landing.cost }
    }
}
