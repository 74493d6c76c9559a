//! `RecordedVerdict`: what a record in a store says, for people. It proves nothing: only a verifier's answer does.

use serde::Serialize;

use super::{Attestation, Grounds, Question, Signature, verdict_codec};
use crate::memo::Record;

/// A verdict as it was written down.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedVerdict {
    /// What it answers.
    pub question: Question,
    /// The verified signatures.
    pub signatures: Vec<Signature>,
    /// The verified attestations.
    pub attestations: Vec<Attestation>,
    /// What they rest on.
    pub grounds: Grounds,
}

impl RecordedVerdict {
    /// What a record says; `None` where it is of another version.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let verified = verdict_codec::decode(&record.value)?;
        let question = verdict_codec::question(&verified)?;
        let (signatures, attestations) = (verified.signatures().to_vec(), verified.attestations().to_vec());
        Some(Self { question, signatures, attestations, grounds: verified.grounds() })
    }
}
