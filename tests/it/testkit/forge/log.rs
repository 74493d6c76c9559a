//! A Rekor v1 log: bodies of its kinds, entries with promise and proof, and their forms on layers and in bundles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::LOGGED;
use crate::testkit::signer::TestKey;

/// A log.
pub(crate) struct Log {
    pub(crate) key: TestKey,
    /// When entries are integrated.
    pub(crate) time: i64,
}

/// An entry, each part of which can be made wrong before it is written down.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) body: Vec<u8>,
    pub(crate) time: i64,
    pub(crate) index: i64,
    pub(crate) log_id: Vec<u8>,
    pub(crate) promise: Vec<u8>,
    pub(crate) proof: Value,
}

impl Log {
    pub(crate) fn new(key: TestKey) -> Self {
        Self { key, time: LOGGED }
    }

    pub(crate) fn id(&self) -> Vec<u8> {
        vidimus::oci::Digest::of(&self.key.spki()).as_bytes().to_vec()
    }

    /// Enters `body`, whatever it says, as the first of two entries.
    pub(crate) fn enter(&self, body: &Value) -> Entry {
        // The names of a JSON map are in order, so its text is canonical.
        let body = body.to_string().into_bytes();
        let (time, index, log_id) = (self.time, 0, self.id());
        let promised = format!(
            r#"{{"body":"{}","integratedTime":{time},"logID":"{}","logIndex":{index}}}"#,
            STANDARD.encode(&body),
            hex::encode(&log_id)
        );
        let promise = self.key.sign(promised.as_bytes());
        let proof = self.proof(&body);
        Entry { body, time, index, log_id, promise, proof }
    }

    /// The proof that `body` is the first of two leaves, under a signed head (RFC 6962, section 2.1.1; C2SP signed note).
    fn proof(&self, body: &[u8]) -> Value {
        let hash = |parts: &[&[u8]]| *vidimus::oci::Digest::of(&parts.concat()).as_bytes();
        let other = hash(&[&[0], b"another entry"]);
        let root = STANDARD.encode(hash(&[&[1], &hash(&[&[0], body]), &other]));
        let note = format!("log.example\n2\n{root}\n");
        let signature = [&self.id()[..4], &self.key.sign(note.as_bytes())].concat();
        let head = format!("{note}\n\u{2014} log.example {}\n", STANDARD.encode(signature));
        json!({
            "logIndex": "0", "treeSize": "2", "rootHash": root, "hashes": [STANDARD.encode(other)], "checkpoint": {"envelope": head},
        })
    }
}

impl Entry {
    /// As cosign annotates a layer.
    pub(crate) fn annotation(&self) -> String {
        let payload = json!({
            "body": STANDARD.encode(&self.body), "integratedTime": self.time, "logIndex": self.index, "logID": hex::encode(&self.log_id),
        });
        json!({"SignedEntryTimestamp": STANDARD.encode(&self.promise), "Payload": payload}).to_string()
    }

    /// The leaf's hash, by which logs name entries.
    pub(crate) fn uuid(&self) -> String {
        vidimus::oci::Digest::of(&[&[0], self.body.as_slice()].concat()).hex()
    }

    /// As a log answers a search.
    pub(crate) fn in_answer(&self) -> Value {
        let hex = |text: &Value| hex::encode(STANDARD.decode(text.as_str().unwrap()).unwrap());
        let number = |text: &Value| text.as_str().unwrap().parse::<u64>().unwrap();
        let proof = json!({
            "checkpoint": self.proof["checkpoint"]["envelope"], "logIndex": number(&self.proof["logIndex"]),
            "treeSize": number(&self.proof["treeSize"]), "rootHash": hex(&self.proof["rootHash"]),
            "hashes": self.proof["hashes"].as_array().unwrap().iter().map(hex).collect::<Vec<_>>(),
        });
        json!({
            "body": STANDARD.encode(&self.body), "integratedTime": self.time, "logIndex": self.index, "logID": hex::encode(&self.log_id),
            "verification": {"inclusionProof": proof, "signedEntryTimestamp": STANDARD.encode(&self.promise)},
        })
    }

    /// As in a bundle.
    pub(crate) fn in_bundle(&self, kind: &str) -> Value {
        json!({
            "logIndex": self.index.to_string(),
            "logId": {"keyId": STANDARD.encode(&self.log_id)},
            "kindVersion": {"kind": kind, "version": "0.0.1"},
            "integratedTime": self.time.to_string(),
            "inclusionPromise": {"signedEntryTimestamp": STANDARD.encode(&self.promise)},
            "inclusionProof": self.proof,
            "canonicalizedBody": STANDARD.encode(&self.body),
        })
    }
}

fn sha256(bytes: &[u8]) -> Value {
    json!({"algorithm": "sha256", "value": vidimus::oci::Digest::of(bytes).hex()})
}

fn rekord_of(kind: &str, content: &[u8], signature: &[u8], verifier: &str) -> Value {
    let signature = json!({"content": STANDARD.encode(signature), "publicKey": {"content": STANDARD.encode(verifier)}});
    json!({"apiVersion": "0.0.1", "kind": kind, "spec": {"data": {"hash": sha256(content)}, "signature": signature}})
}

pub(crate) fn hashed_rekord(content: &[u8], signature: &[u8], verifier: &str) -> Value {
    rekord_of("hashedrekord", content, signature, verifier)
}

pub(crate) fn rekord(content: &[u8], signature: &[u8], verifier: &str) -> Value {
    rekord_of("rekord", content, signature, verifier)
}

/// The payload inside an envelope's bytes.
fn payload(envelope: &[u8]) -> Vec<u8> {
    let envelope: Value = serde_json::from_slice(envelope).unwrap();
    STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()
}

pub(crate) fn dsse(envelope: &[u8], signature: &str, verifier: &str) -> Value {
    let signatures = json!([{"signature": signature, "verifier": STANDARD.encode(verifier)}]);
    let spec = json!({"envelopeHash": sha256(envelope), "payloadHash": sha256(&payload(envelope)), "signatures": signatures});
    json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
}

pub(crate) fn intoto_0_0_1(envelope: &[u8], _: &str, verifier: &str) -> Value {
    let content = json!({"hash": sha256(envelope), "payloadHash": sha256(&payload(envelope))});
    json!({"apiVersion": "0.0.1", "kind": "intoto", "spec": {"content": content, "publicKey": STANDARD.encode(verifier)}})
}

/// As Conforma's stub of a log writes it: the payload's hash is not that of the payload.
pub(crate) fn intoto_0_0_2(envelope: &[u8], signature: &str, verifier: &str) -> Value {
    let signatures = json!([{"publicKey": STANDARD.encode(verifier), "sig": STANDARD.encode(signature)}]);
    let logged = json!({"payloadType": "application/vnd.in-toto+json", "signatures": signatures});
    let content = json!({"hash": sha256(envelope), "payloadHash": sha256(b"stub"), "envelope": logged});
    json!({"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}})
}
