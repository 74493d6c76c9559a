//! How a question is answered: remembered, shared with who asks at the same time, or found out.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;

use super::Shared;
use super::answer::{Answer, How};
use super::check::Again;
use super::entries::Entry;
use super::error::Missed;
use super::flight::{Errand, Flight};
use super::ledger::Boarding;
use super::progress::{Outcome, Progress};
use super::tuning::Mode;

/// A question, and how long its caller waits for the answer.
pub(super) struct Question<'a, K> {
    pub(super) key: &'a K,
    pub(super) deadline: Instant,
}

impl<K: Clone + Eq + Hash, V: Clone, E: Clone> Shared<K, V, E> {
    pub(super) fn get(&self, key: &K) -> Option<Answer<V>> {
        if self.mode() != Mode::On {
            return None;
        }
        let entry = self.entries.live(key, &*self.clock)?;
        self.counters.hit();
        Some(entry.answer(How::Hit))
    }

    pub(super) fn remembered(self: &Arc<Self>, key: &K, start: impl FnOnce(Flight<K, V, E>)) -> Option<Answer<V>> {
        if self.mode() != Mode::On {
            return None;
        }
        let entry = self.entries.live(key, &*self.clock)?;
        Some(self.serve(key, entry, start))
    }

    /// A hit; where it is due, also the start of finding it out anew.
    fn serve(self: &Arc<Self>, key: &K, entry: Entry<V>, start: impl FnOnce(Flight<K, V, E>)) -> Answer<V> {
        let nth = self.counters.hit();
        if let Some(again) = self.due(&entry, nth) {
            self.dispatch(key, again, start);
        }
        entry.answer(How::Hit)
    }

    pub(super) fn ask(self: &Arc<Self>, question: &Question<'_, K>, start: impl FnOnce(Flight<K, V, E>)) -> Result<Answer<V>, Missed<E>> {
        let known = || self.entries.live(question.key, &*self.clock);
        match self.mode() {
            Mode::Off => self.ask_alone(question, start),
            Mode::On => match known() {
                None => self.fly(question, None, start).or_else(|missed| self.excuse(question.key, missed)),
                Some(entry) => Ok(self.serve(question.key, entry, start)),
            },
            Mode::Shadow => {
                if known().is_some() {
                    self.counters.hit();
                }
                self.fly(question, Some(Again::Compare), start).map_err(|(missed, _)| missed)
            }
        }
    }

    /// Finds out for this caller, or waits for who does. An error comes with whether what expired may stand in for it.
    fn fly(
        self: &Arc<Self>,
        question: &Question<'_, K>,
        again: Option<Again>,
        start: impl FnOnce(Flight<K, V, E>),
    ) -> Result<Answer<V>, (Missed<E>, bool)> {
        let late = (Missed::TimedOut, true);
        loop {
            match self.board(question.key, again) {
                Boarding::Remembered(answer) => {
                    self.counters.hit();
                    return Ok(answer);
                }
                Boarding::Started(key, progress, check) => {
                    let compares = check.is_some();
                    let flight = Flight::new(Arc::clone(self), key, Errand::Listed(check));
                    let Some(mut flight) = self.prepare(flight, again) else {
                        self.counters.hit();
                        return progress.wait(question.deadline).ok_or(late)?.tell(How::Hit);
                    };
                    if compares {
                        self.counters.check();
                    } else {
                        self.counters.miss();
                    }
                    flight.awaited = true;
                    start(flight);
                    return progress.wait(question.deadline).ok_or(late)?.tell(How::Fresh);
                }
                Boarding::Joined(progress, since) => {
                    self.counters.coalesced();
                    match progress.wait(question.deadline).ok_or_else(|| late.clone())? {
                        // It was revoked before this caller came, who may have an answer that is found now.
                        Outcome::Revoked(generation) if *generation <= since => {}
                        outcome => return outcome.tell(How::Coalesced),
                    }
                }
                Boarding::Behind(progress) => progress.wait_over(question.deadline).ok_or_else(|| late.clone())?,
            }
        }
    }

    pub(super) fn renew(self: &Arc<Self>, key: &K, start: impl FnOnce(Flight<K, V, E>)) {
        self.dispatch(key, Again::Refresh, start);
    }

    /// Finds out anew in the background what the caller has already.
    fn dispatch(self: &Arc<Self>, key: &K, again: Again, start: impl FnOnce(Flight<K, V, E>)) {
        if let Boarding::Started(key, _, check) = self.board(key, Some(again)) {
            if check.is_some() {
                self.counters.check();
            } else {
                self.counters.refresh();
            }
            let flight = Flight::new(Arc::clone(self), key, Errand::Listed(check));
            if let Some(flight) = self.prepare(flight, Some(again)) {
                start(flight);
            }
        }
    }

    /// A success past its time to live, where an answer cannot be had and the tuning allows it.
    fn excuse(&self, key: &K, (missed, excusable): (Missed<E>, bool)) -> Result<Answer<V>, Missed<E>> {
        let stale = if excusable { self.entries.stale(key, (self.tuning.max_stale, &*self.clock)) } else { None };
        let Some(entry) = stale else { return Err(missed) };
        self.counters.stale();
        Ok(entry.answer(How::Stale))
    }

    fn ask_alone(self: &Arc<Self>, question: &Question<'_, K>, start: impl FnOnce(Flight<K, V, E>)) -> Result<Answer<V>, Missed<E>> {
        self.counters.miss();
        let progress = Arc::new(Progress::default());
        let errand = Errand::Alone(Arc::clone(&progress));
        let mut flight = Flight::new(Arc::clone(self), Arc::new(question.key.clone()), errand);
        flight.awaited = true;
        start(flight);
        progress.wait(question.deadline).ok_or(Missed::TimedOut)?.tell(How::Fresh).map_err(|(missed, _)| missed)
    }
}
