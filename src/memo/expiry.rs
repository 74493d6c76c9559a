//! `Expiry`: until when a success may be served, and why no longer.
//!
//! The least of the time to live and of what the evidence allows. Both clocks are bound: a date set back does not extend a
//! verdict, since its age counts too; and a machine that slept does not either, since the date counts too.

use std::fmt;
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

/// As people and machines read it.
impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TimeToLive(Level::Engine) => "time to live",
            Self::TimeToLive(Level::Registry) => "time to live of the registry",
            Self::TimeToLive(Level::Repository) => "time to live of the repository",
            Self::Evidence(name) => name,
        })
    }
}

/// The end of a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The date of the end, as the clock stood when the success was found.
    pub at: SystemTime,
    /// What sets it.
    pub why: Why,
}

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) date: SystemTime,
    elapsed: Duration,
}

/// The times that a success has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    found: Moment,
    ttl: Option<(Moment, Level)>,
    evidence: Option<(Moment, &'static str)>,
}

/// When a time to live ends and who set it; when the evidence ends and which.
pub(super) type Ends = (Option<(SystemTime, Level)>, Option<(SystemTime, &'static str)>);

impl Moment {
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self { date: clock.date(), elapsed: clock.elapsed() }
    }

    /// By whichever clock comes first.
    pub(super) fn is_past(self, clock: &dyn Clock) -> bool {
        clock.elapsed() >= self.elapsed || clock.date() >= self.date
    }

    /// `None` where it lies beyond all dates.
    fn after(self, duration: Duration) -> Option<Self> {
        Some(Self { date: self.date.checked_add(duration)?, elapsed: self.elapsed.checked_add(duration)? })
    }

    /// The moment at which the date will come; what is past already is now.
    fn at(self, date: SystemTime) -> Self {
        let left = date.duration_since(self.date).unwrap_or_default();
        Self { date, elapsed: self.elapsed.saturating_add(left) }
    }
}

impl Span {
    /// The times of a success that is found now.
    pub(super) fn new(found: Moment, ttl: Option<TimeToLive>, not_after: Option<NotAfter>) -> Self {
        let ttl = ttl.and_then(|ttl| Some((found.after(ttl.duration)?, ttl.level)));
        Self { found, ttl, evidence: not_after.map(|limit| (found.at(limit.at), limit.why)) }
    }

    /// The times of a success that was found by another process, whose clock nobody can ask any more.
    pub(super) fn restored(now: Moment, found_at: SystemTime, (ttl, evidence): Ends) -> Self {
        let age = now.date.duration_since(found_at).unwrap_or_default();
        let found = Moment { date: found_at, elapsed: now.elapsed.saturating_sub(age) };
        let ttl = ttl.map(|(at, level)| (now.at(at), level));
        Self { found, ttl, evidence: evidence.map(|(at, why)| (now.at(at), why)) }
    }

    pub(super) fn found_at(&self) -> SystemTime {
        self.found.date
    }

    pub(super) fn ends(&self) -> Ends {
        (self.ttl.map(|(moment, level)| (moment.date, level)), self.evidence.map(|(moment, why)| (moment.date, why)))
    }

    /// What comes first.
    pub(super) fn expiry(&self) -> Option<Expiry> {
        let (ttl, evidence) = self.ends();
        let ttl = ttl.map(|(at, level)| Expiry { at, why: Why::TimeToLive(level) });
        let evidence = evidence.map(|(at, why)| Expiry { at, why: Why::Evidence(why) });
        [ttl, evidence].into_iter().flatten().min_by_key(|expiry| expiry.at)
    }

    pub(super) fn is_past(&self, clock: &dyn Clock) -> bool {
        self.evidence.is_some_and(|(end, _)| end.is_past(clock)) || self.ttl.is_some_and(|(end, _)| end.is_past(clock))
    }

    /// Whether it may still be served if it cannot be found out anew.
    pub(super) fn excuses(&self, max_stale: Duration, clock: &dyn Clock) -> bool {
        let allowed = |moment: Moment| !moment.is_past(clock);
        self.evidence.is_none_or(|(end, _)| allowed(end)) && self.ttl.is_none_or(|(end, _)| end.after(max_stale).is_some_and(allowed))
    }

    /// When to begin to refresh it: `chance` of 255 of half the window later than the window begins. What the evidence ends
    /// is not refreshed: the same evidence would end it again.
    pub(super) fn refresh_from(&self, window: Duration, chance: u8) -> Option<Moment> {
        let (end, _) = self.ttl?;
        if self.evidence.is_some_and(|(evidence, _)| evidence.date < end.date) {
            return None;
        }
        let life = end.elapsed.saturating_sub(self.found.elapsed);
        let window = window.min(life / 2);
        self.found.after(life.saturating_sub(window) + window / 2 * u32::from(chance) / 255)
    }
}
