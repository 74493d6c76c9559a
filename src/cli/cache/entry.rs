//! `Entry`: a remembered verdict as it is listed.

use std::collections::BTreeMap;

use serde::Serialize;
use vidimus::memo::{Label, Listed, Record};
use vidimus::verify::{Question, RecordedVerdict};

use crate::cli::clock::rfc3339;
use crate::cli::style::harmless;

/// One verdict in a directory.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Entry {
    pub(super) name: String,
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) question: Option<Question>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_why: Option<String>,
    /// What it rests on, by the names that revocations use.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) labels: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
}

/// Whether a verdict would be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum State {
    Good,
    Expired,
    Revoked,
    /// It is written in a way that this version does not read.
    OtherVersion,
    /// It does not unseal.
    Broken,
}

impl State {
    pub(super) const ALL: [Self; 5] = [Self::Good, Self::Expired, Self::Revoked, Self::OtherVersion, Self::Broken];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::OtherVersion => "other version",
            Self::Broken => "broken",
        }
    }

    pub(super) fn of(listed: &Listed) -> Self {
        match listed {
            Listed::Good(_, record) if RecordedVerdict::of(record).is_none() => Self::OtherVersion,
            Listed::Good(..) => Self::Good,
            Listed::Revoked(..) => Self::Revoked,
            Listed::Expired(..) => Self::Expired,
            Listed::Broken(_) => Self::Broken,
        }
    }
}

impl Entry {
    pub(in crate::cli) fn of(listed: &Listed, bytes: Option<u64>) -> Self {
        let (name, state) = (listed.name().to_string(), State::of(listed));
        let Some(record) = listed.record() else {
            return Self {
                name,
                state,
                question: None,
                image: None,
                verified_at: None,
                expires_at: None,
                expires_why: None,
                labels: BTreeMap::new(),
                bytes,
            };
        };
        let labels = by_name(record);
        let first = |name: &str| labels.get(name).and_then(|values| values.first());
        let image = first("repository").zip(first("digest")).map(|(repository, digest)| format!("{repository}@{digest}"));
        let (expires_at, expires_why) = record.end().map(|(at, why)| (rfc3339(at), why)).unzip();
        Self {
            name,
            state,
            question: RecordedVerdict::of(record).map(|verdict| verdict.question),
            image,
            verified_at: Some(rfc3339(record.found_at)),
            expires_at,
            expires_why,
            labels,
            bytes,
        }
    }

    /// Why nothing is remembered though there is an entry.
    pub(in crate::cli) fn unused(&self) -> &'static str {
        match self.state {
            State::Good => "nothing that is used now (--memo off?)",
            State::Expired => "nothing any more: its time is over",
            State::Revoked => "nothing any more: it was revoked",
            State::OtherVersion => "nothing that this version reads",
            State::Broken => "nothing: the entry does not unseal",
        }
    }

    /// In two lines.
    pub(super) fn text(&self) -> String {
        let question = match self.question {
            Some(Question::Image) => "signatures",
            Some(Question::Attestation) => "attestations",
            None => "",
        };
        let name: String = self.name.chars().take(12).collect();
        let image = harmless(self.image.as_deref().unwrap_or_default());
        let mut told: Vec<String> = Vec::new();
        for (label, shown) in [("key", "key"), ("identity", "identity"), ("issuer", "issuer"), ("log-index", "log index")] {
            told.extend(self.labels.get(label).map(|values| format!("{shown} {}", harmless(&values.join(", ")))));
        }
        told.extend(self.verified_at.as_ref().map(|at| format!("checked at {at}")));
        told.extend(self.expires_at.as_ref().zip(self.expires_why.as_ref()).map(|(at, why)| format!("ends at {at} ({why})")));
        let line = format!("{name}  {:<13}  {question:<12}  {image}", self.state.name());
        format!("{}\n  {}\n", line.trim_end(), told.join("; "))
    }
}

fn by_name(record: &Record) -> BTreeMap<String, Vec<String>> {
    let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for label in &record.labels {
        labels.entry(Label::name(label).to_owned()).or_default().push(label.value().to_owned());
    }
    labels
}
