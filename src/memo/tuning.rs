//! `Tuning`: how far a memo may go. The default is the plain memo: it remembers, and serves nothing past its time.

use std::time::Duration;

/// How a memo is to behave.
#[derive(Debug, Clone, Copy)]
pub struct Tuning<V> {
    /// Whether it remembers and serves at all.
    pub mode: Mode,
    /// How long past its time to live a success may still be served when it cannot be found out anew
    /// ([`super::Flight::unavailable`], or the caller's deadline); never past its evidence or a revocation, and at most
    /// [`Tuning::MAX_STALE`]. Zero: not at all.
    pub max_stale: Duration,
    /// Whether what is asked for often is found out anew before its time to live ends.
    pub refresh_ahead: Option<RefreshAhead>,
    /// Whether some hits are found out anew to see if the memo is right.
    pub canary: Option<Canary<V>>,
}

/// Whether a memo serves what it remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It remembers nothing, and every caller has its own flight.
    Off,
    /// It remembers, but serves only what is found out anew; hits are counted, and compared as the canary says.
    Shadow,
    /// It serves what it remembers.
    On,
}

/// Refreshing before the time to live ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshAhead {
    /// How long before the end it begins; at most half the time to live, and up to half of it later by chance, so that what
    /// landed together is not refreshed together.
    pub window: Duration,
    /// Only what is asked for this often within the window.
    pub hot: u32,
}

/// Finding out anew, off the critical path, whether a hit was right.
#[derive(Debug, Clone, Copy)]
pub struct Canary<V> {
    /// One in so many hits of a thread is checked.
    pub one_in: u64,
    /// Whether a remembered value and one found anew agree. (That it cannot be found anew at all never does; that it could
    /// not be asked for says nothing.)
    pub agree: fn(&V, &V) -> bool,
    /// The name of the label that says how far a disagreement reaches: whatever shares it is forgotten, and no longer
    /// remembered. A success without such a label takes the whole memo with it.
    pub scope: &'static str,
}

impl<V> Tuning<V> {
    /// The ceiling of `max_stale`.
    pub const MAX_STALE: Duration = Duration::from_hours(24);
}

impl<V> Default for Tuning<V> {
    fn default() -> Self {
        Self { mode: Mode::On, max_stale: Duration::ZERO, refresh_ahead: None, canary: None }
    }
}
