//! What a flight brings home ([`Landing`]) and what a caller gets ([`Answer`]).

use std::time::SystemTime;

/// A success, as the flight that found it hands it over: `Landing { cost, ..Landing::new(value) }`.
#[derive(Debug, Clone)]
pub struct Landing<V> {
    /// The value to remember.
    pub value: V,
    /// What it cost to find out, in units of the caller's own (requests, say).
    pub cost: u64,
}

impl<V> Landing<V> {
    /// A success that cost nothing worth counting.
    #[must_use]
    pub fn new(value: V) -> Self {
        Self { value, cost: 0 }
    }
}

/// An answer and where it came from.
#[derive(Debug, Clone)]
pub struct Answer<V> {
    /// The value.
    pub value: V,
    /// How this caller came by it.
    pub how: How,
    /// When it was found out.
    pub verified_at: SystemTime,
    /// What finding it out cost: 0 when it was remembered.
    pub cost: u64,
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
}
