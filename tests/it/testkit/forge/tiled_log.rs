//! A Rekor v2 log: entries without time or promise, in a tree whose head is signed with Ed25519 (C2SP signed note).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::testkit::signer::TestKey;

/// A log by its name.
pub(crate) struct TiledLog {
    pub(crate) key: TestKey,
    pub(crate) origin: String,
}

/// A head of a tree and who signs it.
pub(crate) struct Head<'a> {
    pub(crate) origin: &'a str,
    pub(crate) size: u64,
    pub(crate) root: [u8; 32],
    /// Name in the line of the signature.
    pub(crate) name: &'a str,
    pub(crate) key: &'a TestKey,
    pub(crate) hint: Vec<u8>,
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    *vidimus::oci::Digest::of(&parts.concat()).as_bytes()
}

impl TiledLog {
    pub(super) fn new(origin: &str) -> Self {
        Self { key: TestKey::ed25519(), origin: origin.to_owned() }
    }

    /// The key id of a signed note: of the name, the algorithm and the key.
    pub(crate) fn id(&self) -> Vec<u8> {
        let spki = self.key.spki();
        hash(&[self.origin.as_bytes(), b"\n\x01", &spki[spki.len() - 32..]]).to_vec()
    }

    /// As a trusted root lists it.
    pub(super) fn listed(&self) -> Value {
        json!({
            "baseUrl": format!("https://{}", self.origin), "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": STANDARD.encode(self.key.spki()), "keyDetails": "PKIX_ED25519", "validFor": {"start": "2020-01-01T00:00:00Z"},
            },
            "logId": {"keyId": STANDARD.encode(self.id())},
        })
    }

    /// Enters `body` as the second of two entries.
    pub(crate) fn enter(&self, body: &Value) -> Value {
        let body = body.to_string().into_bytes();
        let (other, leaf) = (hash(&[&[0], b"another entry"]), hash(&[&[0], &body]));
        let root = hash(&[&[1], &other, &leaf]);
        json!({
            "logIndex": "1", "logId": {"keyId": STANDARD.encode(self.id())},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": "1", "treeSize": "2", "rootHash": STANDARD.encode(root), "hashes": [STANDARD.encode(other)],
                "checkpoint": {"envelope": self.head(root).text()},
            },
            "canonicalizedBody": STANDARD.encode(body),
        })
    }

    /// The head of the tree that `enter` made, by its root.
    pub(crate) fn head(&self, root: [u8; 32]) -> Head<'_> {
        Head { origin: &self.origin, size: 2, root, name: &self.origin, key: &self.key, hint: self.id()[..4].to_vec() }
    }
}

impl Head<'_> {
    pub(crate) fn text(&self) -> String {
        let note = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        let signature = STANDARD.encode([self.hint.as_slice(), &self.key.sign(note.as_bytes())].concat());
        format!("{note}\n\u{2014} {} {signature}\n", self.name)
    }
}

/// The body for a signature over `signed`, by the holder of a certificate or key.
pub(crate) fn hashed_rekord_v2(signed: &[u8], signature: &str, verifier: &Value) -> Value {
    let data = json!({"algorithm": "SHA2_256", "digest": STANDARD.encode(hash(&[signed]))});
    let mut verifier = verifier.clone();
    verifier["keyDetails"] = json!("PKIX_ECDSA_P256_SHA_256");
    let spec = json!({"hashedRekordV002": {"data": data, "signature": {"content": signature, "verifier": verifier}}});
    json!({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
}
