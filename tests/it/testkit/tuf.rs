//! `TufSite`: a repository of trusted roots (The Update Framework, specification 1.0), in which anything can be made wrong.

use serde_json::{Value, json};
use vidimus::oci::Digest;

use super::signer::TestKey;
use super::site::{Page, Site};

pub(crate) const TARGET: &str = "trusted_root.json";
pub(crate) const FAR: &str = "2999-01-01T00:00:00Z";

/// What a repository says at one time.
pub(crate) struct Edition<'a> {
    pub(crate) version: u64,
    pub(crate) expires: &'a str,
    /// What is served as the target.
    pub(crate) served: &'a [u8],
    /// What the signed list says that it is.
    pub(crate) listed: &'a [u8],
}

impl<'a> Edition<'a> {
    pub(crate) fn of(version: u64, root: &'a [u8]) -> Self {
        Self { version, expires: FAR, served: root, listed: root }
    }
}

/// A repository at an address of its own, whose roles all have one key.
pub(crate) struct TufSite {
    pub(crate) site: Site,
    key: TestKey,
}

impl TufSite {
    pub(crate) fn start() -> Self {
        Self { site: Site::start(), key: TestKey::ed25519() }
    }

    pub(crate) fn url(&self) -> String {
        self.site.url("/")
    }

    /// The `root.json` with which trust begins.
    pub(crate) fn root(&self) -> Vec<u8> {
        let role = json!({"keyids": [key_id(&self.key)], "threshold": 1});
        let signed = json!({
            "_type": "root", "spec_version": "1.0.0", "version": 1, "expires": FAR, "consistent_snapshot": false,
            "keys": { key_id(&self.key): public(&self.key) },
            "roles": { "root": role, "timestamp": role, "snapshot": role, "targets": role },
        });
        envelope(&signed, &self.key, &self.key)
    }

    pub(crate) fn publish(&self, edition: &Edition<'_>) {
        self.publish_signed(edition, &self.key);
    }

    /// As [`TufSite::publish`], signed in the name of the repository's key by another.
    pub(crate) fn publish_signed(&self, edition: &Edition<'_>, by: &TestKey) {
        let say = |kind: &str, (name, value): (&str, Value)| {
            let (version, expires) = (edition.version, edition.expires);
            let signed = json!({"_type": kind, "spec_version": "1.0.0", "version": version, "expires": expires, name: value});
            let bytes = envelope(&signed, &self.key, by);
            self.site.put(&format!("/{kind}.json"), Page::new(200, bytes.clone()));
            json!({"version": version, "length": bytes.len(), "hashes": {"sha256": Digest::of(&bytes).hex()}})
        };
        let listed = json!({"length": edition.listed.len(), "hashes": {"sha256": Digest::of(edition.listed).hex()}});
        let targets = say("targets", ("targets", json!({ TARGET: listed })));
        let snapshot = say("snapshot", ("meta", json!({"targets.json": targets})));
        say("timestamp", ("meta", json!({"snapshot.json": snapshot})));
        self.site.put(&format!("/targets/{TARGET}"), Page::new(200, edition.served));
    }
}

fn public(key: &TestKey) -> Value {
    let spki = key.spki();
    json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex::encode(&spki[spki.len() - 32..])}})
}

fn key_id(key: &TestKey) -> String {
    Digest::of(canonical(&public(key)).as_bytes()).hex()
}

/// `signed` with a signature by one key that says to be that of `named`.
fn envelope(signed: &Value, named: &TestKey, by: &TestKey) -> Vec<u8> {
    let signature = json!({"keyid": key_id(named), "sig": hex::encode(by.sign(canonical(signed).as_bytes()))});
    json!({"signed": signed, "signatures": [signature]}).to_string().into_bytes()
}

/// The canonical JSON of The Update Framework, for values that need no escapes.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{}", canonical(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
