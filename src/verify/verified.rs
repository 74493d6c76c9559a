//! `Verified`: proof that a check succeeded, and `Receipt`: where the answer came from.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use super::Grounds;
use crate::memo::{Answer, Why};
use crate::oci::Digest;

/// What a successful verification found. No public constructor: only a `Verifier` makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(crate) signatures: Vec<Signature>,
    pub(crate) attestations: Vec<Attestation>,
    /// Whether it was proved from content that was kept, all of which the source said to be unchanged.
    pub(super) from_kept_content: bool,
    /// How a layer above shows this answer, made once: an answer that is remembered is shown often.
    rendering: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A [`Verified`] as an answer holds it: shared with the memory that it came from.
#[derive(Debug, Clone)]
pub struct Proof(Answer<Arc<Verified>>);

impl From<Answer<Arc<Verified>>> for Proof {
    fn from(answer: Answer<Arc<Verified>>) -> Self {
        Self(answer)
    }
}

impl Deref for Proof {
    type Target = Verified;

    fn deref(&self) -> &Verified {
        self.0.value()
    }
}

/// One verified signature (conforma's wire names; an unknown member is empty).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Signature {
    /// Key id: lower-case hexadecimal `SubjectKeyId` of the certificate, or what the envelope says.
    pub keyid: String,
    /// The signature, base64.
    pub signature: String,
    /// The leaf certificate, PEM.
    pub certificate: String,
    /// The certificate chain, PEM each.
    pub chain: Vec<String>,
    /// What the certificate says (reference: Fulcio OID information).
    pub metadata: BTreeMap<String, String>,
    /// What it rests on; no part of conforma's shape.
    #[serde(skip)]
    pub grounds: Grounds,
}

/// One verified attestation.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Attestation {
    /// The in-toto statement.
    pub statement: Arc<serde_json::Value>,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// Where an answer came from.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Fresh, remembered, or shared with others who asked at the same time.
    pub kind: ReceiptKind,
    /// When the evidence was checked.
    pub verified_at: SystemTime,
    /// Until when it is remembered at most; `None` where nothing limits it.
    pub expires_at: Option<SystemTime>,
    /// What ends it then.
    pub expires_why: Option<Why>,
    /// The trust epoch by which it was checked.
    pub epoch: Digest,
    /// HTTP requests that this answer cost its leader; 0 on a hit.
    pub registry_requests: u64,
}

/// How an answer was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReceiptKind {
    /// Checked for this caller.
    Fresh,
    /// Checked for this caller, from content that was kept and that the source said to be unchanged.
    Revalidated,
    /// Remembered.
    Hit,
    /// Checked for another caller who asked at the same time.
    Coalesced,
    /// Remembered past its time to live, since it could not be checked anew.
    Stale,
}

impl std::fmt::Display for ReceiptKind {
    /// As it is serialised.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fresh => "fresh",
            Self::Revalidated => "revalidated",
            Self::Hit => "hit",
            Self::Coalesced => "coalesced",
            Self::Stale => "stale",
        })
    }
}

impl Verified {
    /// INVARIANT: called with what has been checked alone: by the judge, and by the codec with what it had written down and
    /// the archive has unsealed.
    pub(super) const fn new(signatures: Vec<Signature>, attestations: Vec<Attestation>) -> Self {
        Self { signatures, attestations, from_kept_content: false, rendering: OnceLock::new() }
    }

    /// The rendering of this answer, made by `make` the first time. A second kind of rendering is made anew each time.
    pub(crate) fn rendered<T: Clone + Send + Sync + 'static>(&self, make: impl Fn(&Self) -> T) -> T {
        let kept = self.rendering.get_or_init(|| Arc::new(make(self)));
        kept.downcast_ref::<T>().map_or_else(|| make(self), T::clone)
    }

    /// Bytes that this answer holds, its rendering included.
    pub(crate) fn weight(&self) -> u64 {
        let signatures = self.signatures.iter().map(Signature::weight).sum::<usize>();
        let attestation = |a: &Attestation| weight_of(&a.statement) + a.signatures.iter().map(Signature::weight).sum::<usize>();
        let attestations = self.attestations.iter().map(attestation).sum::<usize>();
        // A rendering holds the same again.
        size_of::<Self>() as u64 + 2 * (signatures + attestations) as u64
    }

    /// The verified signatures (question `Image`).
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The verified attestations (question `Attestation`).
    #[must_use]
    pub fn attestations(&self) -> &[Attestation] {
        &self.attestations
    }

    /// Every verified signature, those of attestations included.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.iter().chain(self.attestations.iter().flat_map(|attestation| &attestation.signatures))
    }

    /// What all of it rests on.
    #[must_use]
    pub fn grounds(&self) -> Grounds {
        Grounds::merged(self.entries().map(|entry| &entry.grounds))
    }
}

impl Attestation {
    /// A signature that says nothing but what it rests on.
    pub(super) fn unnamed(&self) -> Signature {
        Signature { grounds: Grounds::merged(self.signatures.iter().map(|entry| &entry.grounds)), ..Signature::default() }
    }
}

impl Signature {
    fn weight(&self) -> usize {
        let texts = [&self.keyid, &self.signature, &self.certificate].map(String::len).iter().sum::<usize>();
        let chain = self.chain.iter().map(|pem| pem.len() + NODE).sum::<usize>();
        let metadata = self.metadata.iter().map(|(name, value)| name.len() + value.len() + 2 * NODE).sum::<usize>();
        size_of::<Self>() + texts + chain + metadata + self.grounds.weight()
    }
}

/// What a value costs beside its text: its place in an array or tree.
const NODE: usize = 48;

fn weight_of(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    NODE + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight_of).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| NODE + name.len() + weight_of(value)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendering_is_made_once() {
        let verified = Verified::new(vec![Signature::default()], Vec::new());
        assert_eq!(verified.rendered(|v| v.signatures().len()), 1);
        assert_eq!(verified.rendered(|_| 7_usize), 1, "the first one stays");
        assert_eq!(verified.rendered(|_| "another kind"), "another kind");
    }

    #[test]
    fn what_is_larger_weighs_more() {
        let weigh = |text: &str| {
            let statement = Arc::new(serde_json::json!({ "predicate": [text] }));
            Verified::new(Vec::new(), vec![Attestation { statement, signatures: Vec::new() }]).weight()
        };
        assert_eq!(weigh("12345") - weigh(""), 10);
    }
}
