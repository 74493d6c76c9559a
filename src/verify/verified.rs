//! `Verified`: proof that a check succeeded, and `Receipt`: where the answer came from.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

/// What a successful verification found. No public constructor: only a `Verifier` makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(crate) signatures: Vec<Signature>,
    pub(crate) attestations: Vec<Attestation>,
}

/// One verified signature (conforma's wire names; an unknown member is empty).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Signature {
    /// Key id: lower-case hexadecimal SubjectKeyId of the certificate, or what the envelope says.
    pub keyid: String,
    /// The signature, base64.
    pub signature: String,
    /// The leaf certificate, PEM.
    pub certificate: String,
    /// The certificate chain, PEM each.
    pub chain: Vec<String>,
    /// What the certificate says (reference: Fulcio OID information).
    pub metadata: BTreeMap<String, String>,
}

/// One verified attestation.
#[derive(Debug, Clone)]
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
    /// Remembered.
    Hit,
    /// Checked for another caller who asked at the same time.
    Coalesced,
}

impl Verified {
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
}
