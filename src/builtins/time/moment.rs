//! A point in time as a clock and a calendar show it in some zone.

use chrono::{Offset as _, TimeZone as _};
use chrono_tz::{OffsetName as _, Tz};

use super::calendar;

/// Where the clock hangs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone(Tz);

impl Zone {
    /// The zone of this name in the tz database. There is no local zone here: it is UTC.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        match name {
            "" | "UTC" | "Local" => Ok(Zone(Tz::UTC)),
            other if other.contains("..") || other.starts_with(['/', '\\']) => Err("time: invalid location name".to_owned()),
            other => other.parse().map(Zone).map_err(|_| format!("unknown time zone {other}")),
        }
    }

    /// Seconds east of Greenwich at a time, and how the zone is called then.
    fn offset(self, seconds: i64) -> (i64, String) {
        let Some(utc) = chrono::DateTime::from_timestamp(seconds, 0) else { return (0, "UTC".to_owned()) };
        let offset = self.0.offset_from_utc_datetime(&utc.naive_utc());
        let name = offset.abbreviation().map(ToOwned::to_owned);
        let east = i64::from(offset.fix().local_minus_utc());
        (east, name.unwrap_or_else(|| short_offset(east)))
    }
}

/// `+05` or `+0530`, for zones that have no letters.
fn short_offset(east: i64) -> String {
    let (sign, minutes) = (if east < 0 { '-' } else { '+' }, east.abs() / 60);
    if minutes % 60 == 0 { format!("{sign}{:02}", minutes / 60) } else { format!("{sign}{:02}{:02}", minutes / 60, minutes % 60) }
}

/// A point in time in a zone.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// Seconds east of Greenwich.
    pub(super) east: i64,
    pub(super) abbreviation: String,
    pub(super) zone: Zone,
    seconds: i64,
}

impl Moment {
    /// What the zone's clock shows so many nanoseconds after 1970 began.
    pub(super) fn at(nanoseconds: i64, zone: Zone) -> Self {
        let (seconds, nanosecond) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
        let (east, abbreviation) = zone.offset(seconds);
        let local = seconds + east;
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = calendar::date_of(days);
        Moment {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            nanosecond,
            east,
            abbreviation,
            zone,
            seconds,
        }
    }

    /// Nanoseconds since 1970; a moment was made from these.
    pub(super) fn nanoseconds(&self) -> i64 {
        self.seconds.saturating_mul(1_000_000_000).saturating_add(self.nanosecond)
    }

    fn days(&self) -> i64 {
        calendar::days_from(self.year, self.month, self.day)
    }

    /// 0 is Sunday.
    pub(super) fn weekday(&self) -> usize {
        usize::try_from((self.days() + 4).rem_euclid(7)).unwrap_or(0)
    }

    /// 1 is the first of January.
    pub(super) fn day_of_year(&self) -> i64 {
        self.days() - calendar::days_from(self.year, 1, 1) + 1
    }

    /// The second when the same clock shows a date that is so much later; dates overflow into the next month or year.
    pub(super) fn shifted(&self, years: i64, months: i64, days: i64) -> i64 {
        let first = calendar::days_from(self.year + years, self.month + months, 1);
        let local = (first + self.day - 1 + days).saturating_mul(86_400) + self.hour * 3600 + self.minute * 60 + self.second;
        let (guess, _) = self.zone.offset(local);
        if guess == 0 {
            return local;
        }
        // Beside a change of the clock, the offset is the one that holds at the time itself.
        let (exact, _) = self.zone.offset(local - guess);
        local - exact
    }
}
