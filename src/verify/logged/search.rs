//! The search of a log for the entry of one layer: what is asked (rekor's openapi.yaml, `SearchLogQuery`), and which of the
//! entries in the answer are about this very signature and proven by a trusted log. Fetches nothing.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use sigstore_types::Sha256Hash;

use super::attachment::Attachment;
use super::entry::{Entry, Signer};
use super::inclusion::{Inclusion, LogAt};
use super::pem;
use crate::oci::Digest;
use crate::verify::dsse::Envelope;
use crate::verify::evidence::{LegacyLayer, Reason};
use crate::verify::json::{AtMost, Object};
use crate::verify::{Trust, VerifyRequest, base64 as lenient};

/// Most entries of an answer that are looked at.
const MAX_ENTRIES: usize = 32;
/// Most hashes of a proof: more than any tree of 64-bit size needs.
const MAX_HASHES: usize = 64;

/// An entry as a log answers it. Members that prove nothing are not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    body: String,
    integrated_time: i64,
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
    verification: Option<Object<Verification>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    signed_entry_timestamp: Option<String>,
    inclusion_proof: Option<Object<Proof>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    checkpoint: Option<String>,
    hashes: AtMost<String, MAX_HASHES>,
    log_index: u64,
    root_hash: String,
    tree_size: u64,
}

/// The answer of a log: entries by their UUIDs.
pub(crate) struct Answer(AtMost<BTreeMap<String, Object<Found>>, MAX_ENTRIES>);

/// What to ask a log for, for a layer that is signed as the request wants. A layer that is not is not worth a question.
pub(crate) fn sought(layer: &LegacyLayer, request: &VerifyRequest) -> Result<Vec<u8>, Reason> {
    let attachment = Attachment::of(layer)?;
    let key = attachment.key(request)?;
    let key = key.check().map_err(|error| error.to_string())?;
    let Signer { label, der } = attachment.named(request)?;
    let verifier = STANDARD.encode(pem::encode(label, der));
    let entries = if attachment.signature.is_empty() {
        Envelope::read(&layer.payload)?.open(key)?;
        let text = std::str::from_utf8(&layer.payload).map_err(|error| format!("envelope: {error}"))?;
        attestation(text, &verifier)
    } else {
        key.verify(&layer.payload, &lenient::decode(attachment.signature)?)?;
        let hash = json!({"algorithm": "sha256", "value": Digest::of(&layer.payload).hex()});
        let signature = json!({"content": attachment.signature, "publicKey": {"content": verifier}});
        json!([{"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {"data": {"hash": hash}, "signature": signature}}])
    };
    Ok(json!({ "entries": entries }).to_string().into_bytes())
}

/// An attestation may have been entered as either kind; cosign asks for both.
fn attestation(envelope: &str, verifier: &str) -> Value {
    json!([
        {"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": {"envelope": envelope, "verifiers": [verifier]}}},
        {"apiVersion": "0.0.1", "kind": "intoto", "spec": {"content": {"envelope": envelope}, "publicKey": verifier}},
    ])
}

/// Reads a log's answer.
///
/// # Errors
/// Where it is none.
pub(crate) fn found(answer: &[u8]) -> Result<Answer, serde_json::Error> {
    serde_json::from_slice(answer).map(Answer)
}

/// The earliest entry of `answer` that holds, as cosign annotates layers.
pub(crate) fn earliest(answer: &Answer, layer: &LegacyLayer, request: &VerifyRequest, trust: &Trust) -> Result<String, Reason> {
    if answer.0.total == 0 {
        return Err("signature not found in transparency log".to_owned());
    }
    let trust = super::effective(trust, request)?;
    let attachment = Attachment::of(layer)?;
    let mut refused = Vec::new();
    let mut best: Option<(jiff::Timestamp, String)> = None;
    for (uuid, Object(entry)) in answer.0.items.iter().flatten().take(MAX_ENTRIES) {
        match entry.proven(uuid, &|logged| logged.describes(attachment.signature, &attachment.named(request)?, &layer.payload), &trust) {
            Ok((time, _)) if best.as_ref().is_some_and(|(earlier, _)| *earlier <= time) => {}
            Ok(proven) => best = Some(proven),
            Err(reason) => refused.push(reason),
        }
    }
    best.map(|(_, entry)| entry).ok_or_else(|| format!("no valid tlog entries found {}", refused.join(", ")))
}

impl Found {
    /// Checks everything that a log can prove of an entry: its name, its place in the tree, its time.
    fn proven(&self, uuid: &str, about: &dyn Fn(&Entry) -> Result<(), Reason>, trust: &Trust) -> Result<(jiff::Timestamp, String), Reason> {
        let Some(Object(verification)) = &self.verification else { return Err("inclusion proof not provided".to_owned()) };
        let annotation = json!({
            "SignedEntryTimestamp": verification.signed_entry_timestamp.as_deref().unwrap_or_default(),
            "Payload": {"body": self.body, "integratedTime": self.integrated_time, "logIndex": self.log_index, "logID": self.log_id},
        })
        .to_string();
        let entry = Entry::parse(&annotation)?;
        let leaf = sigstore_merkle::hash_leaf(&entry.body_bytes);
        // A UUID may begin with the id of its tree (rekor, pkg/sharding).
        let named = matches!(uuid.len(), 64 | 80) && uuid.get(uuid.len() - 64..) == Some(&hex::encode(leaf.as_bytes()));
        if !named {
            return Err("computed leaf hash did not match UUID".to_owned());
        }
        about(&entry)?;
        entry.promised_by(trust)?;
        let Some(Object(proof)) = &verification.inclusion_proof else { return Err("inclusion proof not provided".to_owned()) };
        proof.includes(&entry, trust)?;
        Ok((entry.integrated_time, annotation))
    }
}

impl Proof {
    /// Checks that the entry is in the tree, and that its log signed the tree's head, where there is one.
    fn includes(&self, entry: &Entry, trust: &Trust) -> Result<(), Reason> {
        let refused = |error: &dyn std::fmt::Display| format!("verifying inclusion proof: {error}");
        let hash = |hex: &String| {
            let bytes = hex::decode(hex).map_err(|error| refused(&error))?;
            Sha256Hash::try_from(bytes.as_slice()).map_err(|error| refused(&error))
        };
        if self.hashes.total > MAX_HASHES {
            return Err(refused(&"too many hashes"));
        }
        let hashes = self.hashes.items.iter().map(hash).collect::<Result<Vec<_>, _>>()?;
        let checkpoint = self.checkpoint.as_deref().unwrap_or_default();
        let inclusion =
            Inclusion { index: self.log_index, size: self.tree_size, hashes: &hashes, root: hash(&self.root_hash)?, checkpoint };
        inclusion.holds(&entry.body_bytes)?;
        if checkpoint.is_empty() {
            return Ok(());
        }
        inclusion.signed_by(&LogAt { id: &entry.log_id, time: entry.integrated_time }, trust)
    }
}
