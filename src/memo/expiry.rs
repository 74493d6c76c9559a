//! `Expiry`: until when a success may be served, and why no longer.
//!
//! The least of the time to live and of what the evidence allows. Both clocks are bound: a date set back does not extend a
//! verdict, since its age counts too; and a machine that slept does not either, since the date counts too.

use std::time::{Duration, SystemTime};

use super::clock::Clock;
use super::ttl::{Level, TimeToLive};

/// What the evidence itself allows: nothing proved by it holds after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAfter {
    /// The first moment at which it no longer holds.
    pub at: SystemTime,
    /// What ends then (`certificate`, `trusted root`, ..).
    pub why: &'static str,
}

/// Why a success stops being served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// It was configured so, at this level.
    TimeToLive(Level),
    /// The evidence no longer holds.
    Evidence(&'static str),
}

/// The end of a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The date of the end, as the clock stood when the success was found.
    pub at: SystemTime,
    /// What sets it.
    pub why: Why,
    /// The same end, by the clock that nobody can set.
    elapsed: Duration,
}

impl Expiry {
    /// The end of a success that was found now; `None` where nothing limits it.
    pub(super) fn new(clock: &dyn Clock, ttl: Option<TimeToLive>, not_after: Option<NotAfter>) -> Option<Self> {
        let (date, elapsed) = (clock.date(), clock.elapsed());
        let configured = ttl.and_then(|ttl| Some((date.checked_add(ttl.duration)?, Why::TimeToLive(ttl.level))));
        let allowed = not_after.map(|limit| (limit.at, Why::Evidence(limit.why)));
        let (at, why) = [configured, allowed].into_iter().flatten().min_by_key(|(at, _)| *at)?;
        // What ended before it was found has no time left at all.
        let left = at.duration_since(date).unwrap_or_default();
        Some(Self { at, why, elapsed: elapsed.saturating_add(left) })
    }

    pub(super) fn is_past(&self, clock: &dyn Clock) -> bool {
        clock.elapsed() >= self.elapsed || clock.date() >= self.at
    }
}
