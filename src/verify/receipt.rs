//! `VerdictReceipt`: one question that was asked and where its answer came from, as reports and machines read it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jiff::{Timestamp, Unit};
use serde::Serialize;

use super::{
    Answer, Grounds, IdentityMatcher, LogRequirement, Matcher, Question, Receipt, ReceiptKind, Signer, Unanswered, VerifyError,
    VerifyRequest,
};
use crate::memo::KeyName;

/// Most characters of a reason.
const MAX_REASON: usize = 400;

/// One question and its answer, told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictReceipt {
    /// The image that was asked about.
    pub image: String,
    /// `image` or `attestation`.
    pub question: Question,
    /// Who must have signed: the key's fingerprint, or identities and issuers.
    pub signer: BTreeMap<&'static str, String>,
    /// Whether a transparency log must have seen it.
    pub log_required: bool,
    /// What came of it.
    pub verdict: Verdict,
    /// What it is remembered under, and called in a store.
    pub entry: String,
    /// Where the answer came from, where there is one.
    #[serde(flatten)]
    pub source: Option<Source>,
    /// What the answer rests on.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// Why there is none, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// HTTP requests that it cost to find out that there is none, where that was found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_requests: Option<u64>,
}

/// What came of a question. None but the first is ever remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// It holds.
    Verified,
    /// It was seen, and does not hold.
    Rejected,
    /// It could not be asked for.
    Unavailable,
    /// It is no question.
    Invalid,
}

/// Where an answer came from, in texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// How it was come by.
    pub kind: ReceiptKind,
    /// When the evidence was checked (RFC 3339).
    pub verified_at: String,
    /// How long ago that was, in milliseconds.
    pub age_ms: u64,
    /// Until when it is remembered at most (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// What ends it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_why: Option<String>,
    /// The trust epoch by which it was checked.
    pub epoch: String,
    /// HTTP requests that it cost.
    pub registry_requests: u64,
}

impl VerdictReceipt {
    /// Tells an answer at this date; `entry` is what the verifier calls the question.
    #[must_use]
    pub fn new(request: &VerifyRequest, entry: &KeyName, answer: &Result<Answer, Unanswered>, now: SystemTime) -> Self {
        let (source, grounds, unanswered) = match answer {
            Ok(answer) => (Some(Source::new(&answer.receipt, now)), answer.verified.grounds(), None),
            Err(unanswered) => (None, Grounds::default(), Some(unanswered)),
        };
        Self {
            image: request.image.to_string(),
            question: request.question,
            signer: signer(&request.signer),
            log_required: request.log != LogRequirement::Ignored,
            verdict: unanswered.map_or(Verdict::Verified, |unanswered| Verdict::from(&unanswered.error)),
            entry: entry.to_string(),
            source,
            grounds,
            reason: unanswered.map(|unanswered| unanswered.error.to_string().chars().take(MAX_REASON).collect()),
            registry_requests: unanswered.and_then(|unanswered| unanswered.registry_requests),
        }
    }
}

impl Verdict {
    /// What an answer is.
    #[must_use]
    pub fn of<T>(answer: &Result<T, VerifyError>) -> Self {
        answer.as_ref().map_or_else(Self::from, |_| Self::Verified)
    }

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
        }
    }
}

impl From<&VerifyError> for Verdict {
    fn from(error: &VerifyError) -> Self {
        match error {
            VerifyError::Rejected(_) => Self::Rejected,
            VerifyError::Unavailable(_) => Self::Unavailable,
            VerifyError::Invalid(_) => Self::Invalid,
        }
    }
}

impl Source {
    /// Tells a receipt at this date.
    #[must_use]
    pub fn new(receipt: &Receipt, now: SystemTime) -> Self {
        let age = now.duration_since(receipt.verified_at).unwrap_or_default();
        Self {
            kind: receipt.kind,
            verified_at: rfc3339(receipt.verified_at),
            age_ms: milliseconds(age),
            expires_at: receipt.expires_at.map(rfc3339),
            expires_why: receipt.expires_why.map(|why| why.to_string()),
            epoch: receipt.epoch.to_string(),
            registry_requests: receipt.registry_requests,
        }
    }
}

/// Who must have signed, by the names of the options.
#[must_use]
pub(super) fn signer(signer: &Signer) -> BTreeMap<&'static str, String> {
    let matcher = |exact: &'static str, pattern: &'static str, matcher: &Matcher| match matcher {
        Matcher::Exact(text) => (exact, text.clone()),
        Matcher::Pattern(text) => (pattern, text.clone()),
    };
    match signer {
        Signer::Key(key) => BTreeMap::from([("key_fingerprint", key.fingerprint().to_string())]),
        Signer::Identity(IdentityMatcher { identity, issuer }) => {
            let identities = identity.iter().map(|one| matcher("certificate_identity", "certificate_identity_regexp", one));
            identities.chain(issuer.iter().map(|one| matcher("certificate_oidc_issuer", "certificate_oidc_issuer_regexp", one))).collect()
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// To the second; the beginning of 1970 for a time that no calendar holds.
fn rfc3339(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).and_then(|time| time.round(Unit::Second)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_string()
}
