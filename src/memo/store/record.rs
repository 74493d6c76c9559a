//! `Record`: a success as it is written down, before it is sealed; and how a revocation is written down.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::frame::{Reader, Writer};
use crate::memo::expiry::Why;
use crate::memo::label::{Label, Selector};
use crate::memo::ttl::Level;

/// A success as it lies in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The latest revocation before the success began to be found out: it has to outlive all later ones.
    pub since: u64,
    /// When it was found out.
    pub found_at: SystemTime,
    /// When its time to live ends, and at which level that was set.
    pub ttl: Option<RecordExpiry>,
    /// When its evidence ends, and what that is.
    pub evidence: Option<RecordExpiry>,
    /// What it rests on.
    pub labels: Vec<Label>,
    /// The value, encoded.
    pub value: Vec<u8>,
}

/// An end and what sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordExpiry {
    /// The date.
    pub at: SystemTime,
    /// What sets it.
    pub why: String,
}

impl Record {
    /// Whether it may be served at this date: not past its end, and not found out in the future, which a date set back makes
    /// of the past.
    #[must_use]
    pub fn holds_at(&self, date: SystemTime) -> bool {
        let ends = [&self.ttl, &self.evidence];
        self.found_at <= date && ends.into_iter().flatten().all(|end| date < end.at)
    }

    /// When it ends, and why then; `None` where nothing ends it.
    #[must_use]
    pub fn end(&self) -> Option<(SystemTime, String)> {
        let ttl = self.ttl.as_ref().map(|end| {
            let level = Level::ALL.into_iter().find(|level| level.word() == end.why);
            (end.at, level.map_or_else(|| end.why.clone(), |level| Why::TimeToLive(level).to_string()))
        });
        let evidence = self.evidence.as_ref().map(|end| (end.at, end.why.clone()));
        [ttl, evidence].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        writer.number(self.since).number(nanoseconds(self.found_at)?);
        for end in [&self.ttl, &self.evidence] {
            match end {
                Some(end) => writer.number(1).number(nanoseconds(end.at)?).text(&end.why),
                None => writer.number(0).number(0).text(""),
            };
        }
        writer.number(self.labels.len() as u64);
        for label in &self.labels {
            writer.text(label.name()).text(label.value());
        }
        writer.bytes(&self.value);
        Some(writer.0)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (since, found_at) = (reader.number()?, date(reader.number()?)?);
        let ((lives, ttl), (ends, evidence)) = (expiry(&mut reader)?, expiry(&mut reader)?);
        let count = reader.number()?;
        let mut labels = Vec::new();
        for _ in 0..count {
            labels.push(label(&mut reader)?);
        }
        let value = reader.bytes()?.to_vec();
        reader.end()?;
        Some(Self { since, found_at, ttl: lives.then_some(ttl), evidence: ends.then_some(evidence), labels, value })
    }
}

/// An end, and whether it is one.
fn expiry(reader: &mut Reader<'_>) -> Option<(bool, RecordExpiry)> {
    let present = match reader.number()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    Some((present, RecordExpiry { at: date(reader.number()?)?, why: reader.text()?.to_owned() }))
}

fn label(reader: &mut Reader<'_>) -> Option<Label> {
    Some(Label::new(reader.text()?, reader.text()?))
}

/// A revocation on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRevocation {
    /// Counts the revocations of the store, from 1.
    pub number: u64,
    /// What was revoked.
    pub selector: Selector,
    /// When; `None` where it does not unseal, and so means everything.
    pub at: Option<SystemTime>,
}

/// A revocation as it lies in a store.
pub(super) fn encode_revocation(selector: &Selector, at: SystemTime) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.number(nanoseconds(at).unwrap_or_default());
    match selector {
        Selector::Is(label) => writer.number(0).text(label.name()).text(label.value()),
        Selector::Within(label) => writer.number(1).text(label.name()).text(label.value()),
        Selector::All => writer.number(2),
    };
    writer.0
}

pub(super) fn decode_revocation(bytes: &[u8]) -> Option<(Selector, SystemTime)> {
    let mut reader = Reader(bytes);
    let at = date(reader.number()?)?;
    let selector = match reader.number()? {
        0 => Selector::Is(label(&mut reader)?),
        1 => Selector::Within(label(&mut reader)?),
        2 => Selector::All,
        _ => return None,
    };
    reader.end()?;
    Some((selector, at))
}

/// Since 1970; a date that this cannot say is not written down.
fn nanoseconds(date: SystemTime) -> Option<u64> {
    u64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

fn date(nanoseconds: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds))
}
