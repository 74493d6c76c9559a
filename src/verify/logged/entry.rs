//! A Rekor v1 entry as cosign attaches it to a layer: the body, its place in the log, and the log's promise to publish it
//! (signed entry timestamp).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use sigstore_types::{SignatureBytes, TransparencyLogEntry};

use super::body::Body;
use crate::oci::Digest;
use crate::verify::Trust;
use crate::verify::evidence::Reason;
use crate::verify::json::{self, Object};

/// Annotation with the log entry.
pub(crate) const ANNOTATION: &str = "dev.sigstore.cosign/bundle";

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "SignedEntryTimestamp")]
    promise: String,
    #[serde(rename = "Payload")]
    payload: Object<Payload>,
}

#[derive(Deserialize)]
struct Payload {
    body: String,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logIndex")]
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// An attached log entry.
pub(super) struct Entry {
    pub(super) body: Body,
    pub(super) body_bytes: Vec<u8>,
    pub(super) promise: Vec<u8>,
    pub(super) log_id: Vec<u8>,
    pub(super) log_index: i64,
    pub(super) integrated_time: Timestamp,
    promised: String,
}

impl Entry {
    /// The entry among a layer's annotations, if there is one.
    pub(super) fn attached(annotations: &BTreeMap<String, String>) -> Result<Option<Self>, Reason> {
        annotations.get(ANNOTATION).map(|json| Self::parse(json)).transpose()
    }

    /// Reads an entry as cosign annotates it.
    pub(super) fn parse(json: &str) -> Result<Self, Reason> {
        let Wire { promise, payload: Object(payload) } = json::object(json.as_bytes()).map_err(|error| malformed(&error))?;
        let body_bytes = STANDARD.decode(&payload.body).map_err(|error| malformed(&error))?;
        let log_id = hex::decode(&payload.log_id).map_err(|error| malformed(&error))?;
        Ok(Self {
            promised: promised(&payload, &log_id),
            body: Body::parse(&body_bytes)?,
            body_bytes,
            promise: STANDARD.decode(&promise).map_err(|error| malformed(&error))?,
            log_id,
            log_index: payload.log_index,
            integrated_time: Timestamp::from_second(payload.integrated_time).map_err(|error| malformed(&error))?,
        })
    }

    /// An entry of a bundle, which must have a time and a promise.
    pub(super) fn of(entry: &TransparencyLogEntry) -> Result<Self, Reason> {
        let (Some(integrated_time), Some(promise)) = (entry.integrated_time, &entry.inclusion_promise) else {
            return Err("log entry without a time, or without the promise of it".to_owned());
        };
        let (body_bytes, log_id) = (entry.canonicalized_body.as_bytes().to_vec(), entry.log_id.key_id.as_bytes().to_vec());
        let payload = Payload {
            body: STANDARD.encode(&body_bytes),
            integrated_time: integrated_time.as_second(),
            log_index: entry.log_index.as_i64(),
            log_id: String::new(),
        };
        let promise = promise.signed_entry_timestamp.as_bytes().to_vec();
        let (promised, log_index, body) = (promised(&payload, &log_id), payload.log_index, Body::parse(&body_bytes)?);
        Ok(Self { body, body_bytes, promise, log_id, log_index, integrated_time, promised })
    }

    /// Checks that the entry is about this attachment: the signature (where one is over `content`), the signer's
    /// certificate or key `signer` (DER), and the digest of `content`.
    pub(super) fn describes(&self, signature: &str, signer: &Signer<'_>, content: &[u8]) -> Result<(), Reason> {
        // An attestation has no signature of its own, and its entry must log none: another kind is about something else.
        if self.body.signature.as_deref().unwrap_or_default() != signature {
            return Err("signature in bundle does not match signature being verified".to_owned());
        }
        if !self.body.signed_by(signer.der) {
            let (expected, got) = (super::pem::encode(signer.label, signer.der), self.body.verifiers_text());
            return Err(format!("comparing public key PEMs, expected {expected}, got {got}"));
        }
        if self.body.hash.algorithm != "sha256" {
            return Err(format!("unexpected algorithm: {:?}", self.body.hash.algorithm));
        }
        let digest = Digest::of(content).hex();
        if self.body.hash.value != digest {
            return Err(format!("matching bundle to payload: bundle={:?}, payload={digest:?}", self.body.hash.value));
        }
        Ok(())
    }

    /// Checks that a log of `trust`, with a key valid then, promised the entry for this time and place.
    pub(super) fn promised_by(&self, trust: &Trust) -> Result<(), Reason> {
        if self.integrated_time > Timestamp::now() {
            return Err(format!("integrated time {} is in the future", self.integrated_time));
        }
        let key = trust
            .log_key_at(&self.log_id, self.integrated_time)
            .ok_or("rekor log public key not found for payload. Check your TUF root (see cosign initialize) or set a custom key with env var SIGSTORE_REKOR_PUBLIC_KEY")?;
        key.verify(self.promised.as_bytes(), &SignatureBytes::new(self.promise.clone()))
            .map_err(|error| format!("unable to verify SET: {error}"))
    }
}

/// Who must be named by a log entry.
pub(super) struct Signer<'a> {
    /// `CERTIFICATE` or `PUBLIC KEY`.
    pub(super) label: &'static str,
    pub(super) der: &'a [u8],
}

/// What a log signs to promise an entry (RFC 8785: the members in order, no white space). A body that decoded is base64 and
/// needs no escapes.
fn promised(payload: &Payload, log_id: &[u8]) -> String {
    let Payload { body, integrated_time, log_index, .. } = payload;
    let log_id = hex::encode(log_id);
    format!(r#"{{"body":"{body}","integratedTime":{integrated_time},"logID":"{log_id}","logIndex":{log_index}}}"#)
}

fn malformed(error: &dyn std::fmt::Display) -> Reason {
    format!("malformed bundle annotation: {error}")
}
