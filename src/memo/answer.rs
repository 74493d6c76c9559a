//! What a flight brings home ([`Landing`]) and what a caller gets ([`Answer`]).

use std::sync::Arc;
use std::time::SystemTime;

use super::entries::Found;
use super::expiry::{Expiry, NotAfter};
use super::label::Label;
use super::ttl::TimeToLive;

/// A success, as the flight that found it hands it over: `Landing { cost, ..Landing::new(value) }`.
#[derive(Debug, Clone)]
pub struct Landing<V> {
    /// The value to remember.
    pub value: V,
    /// What it cost to find out, in units of the caller's own (requests, say).
    pub cost: u64,
    /// What it rests on, beside what the flight was tagged with: what a revocation can name.
    pub labels: Vec<Label>,
    /// How long it is to be remembered: zero for not at all, `None` for as long as the evidence allows.
    pub ttl: Option<TimeToLive>,
    /// Until when the evidence holds.
    pub not_after: Option<NotAfter>,
}

impl<V> Landing<V> {
    /// A success that cost nothing worth counting, rests on nothing that can be revoked and does not expire.
    #[must_use]
    pub fn new(value: V) -> Self {
        Self { value, cost: 0, labels: Vec::new(), ttl: None, not_after: None }
    }
}

/// An answer and where it came from. A pointer into the memory, not a copy of the value.
#[derive(Debug)]
pub struct Answer<V> {
    pub(super) found: Arc<Found<V>>,
    /// How this caller came by it.
    pub how: How,
    /// What finding it out cost: 0 when it was remembered.
    pub cost: u64,
}

impl<V> Answer<V> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> &V {
        &self.found.value
    }

    /// When it was found out.
    #[must_use]
    pub fn verified_at(&self) -> SystemTime {
        self.found.span.found_at()
    }

    /// Until when it is remembered, and why no longer; `None` where nothing limits it.
    #[must_use]
    pub fn expiry(&self) -> Option<Expiry> {
        self.found.span.expiry()
    }
}

impl<V> Clone for Answer<V> {
    fn clone(&self) -> Self {
        Self { found: Arc::clone(&self.found), how: self.how, cost: self.cost }
    }
}

/// How a caller came by an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum How {
    /// This caller started the flight that found it.
    Fresh,
    /// It was remembered.
    Hit,
    /// A flight that another caller had started found it.
    Coalesced,
    /// It was remembered and is past its time to live, but could not be found out anew.
    Stale,
}
