//! `Fences`: what was revoked while flights were under way, so that none of them lands with it.

use std::time::SystemTime;

use super::label::{Label, Selector};
use super::store::StoreError;

/// The record of one revocation, for an audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// What was revoked.
    pub selector: Selector,
    /// Counts the revocations of this memo, from 1.
    pub generation: u64,
    /// When.
    pub at: SystemTime,
    /// How many remembered successes it removed.
    pub entries: u64,
    /// How many flights it was known to mean when it came. Others may yet be refused when they land.
    pub flights: u64,
    /// Whether it is on record for later processes: what went wrong if it is not, `None` where the memo has no archive.
    pub recorded: Option<Result<(), StoreError>>,
}

/// The revocations that some flight has not yet outlived.
#[derive(Default)]
pub(super) struct Fences {
    generation: u64,
    standing: Vec<(u64, Selector)>,
}

impl Fences {
    /// The number of the latest revocation.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn raise(&mut self, selector: Selector) -> u64 {
        self.generation += 1;
        self.standing.push((self.generation, selector));
        self.generation
    }

    /// The latest revocation after `since` that means one of the labels.
    pub(super) fn since(&self, since: u64, labels: &[Label]) -> Option<u64> {
        let mut later = self.standing.iter().rev().take_while(|(generation, _)| *generation > since);
        later.find(|(_, selector)| selector.means(labels)).map(|(generation, _)| *generation)
    }

    /// Takes down what no flight that is under way has to pass any more.
    pub(super) fn lower(&mut self, oldest_flight: Option<u64>) {
        match oldest_flight {
            Some(since) => self.standing.retain(|(generation, _)| *generation > since),
            None => self.standing.clear(),
        }
    }

    pub(super) fn are_down(&self) -> bool {
        self.standing.is_empty()
    }
}
