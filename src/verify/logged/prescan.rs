//! What a bundle's JSON must not be, which its typed form cannot tell: members that exclude each other, members twice,
//! members that no bundle has, lists where an object belongs. As protobuf's JSON reader, which cosign uses, has it.
//!
//! Refuses only; whatever is judged later is the typed bundle.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::verify::evidence::Reason;
use crate::verify::json::{self, AtMost, Object};

/// Most log entries, and most timestamps, of one bundle (sigstore-go's cap).
const MAX_WITNESSES: usize = 32;
/// Of lists that the typed form bounds or needs one of: what is beyond is counted and not looked at.
const FEW: usize = 32;

/// A text that is there; what it says does not matter here.
struct Text;

/// Objects with the members that they may have, each at most once. Protobuf JSON takes a member under its original name too;
/// an alias makes it count.
macro_rules! shapes {
    ($($name:ident { $($member:ident $(= $original:literal)?: $kind:ty),* $(,)? })*) => {
        $(#[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[serde(alias = $original)])? pub(super) $member: Option<$kind>,)*
        })*
    };
}

/// `dev.sigstore.bundle.v1.Bundle` (protobuf-specs, `sigstore_bundle.proto`) and what lies in it.
#[expect(dead_code, reason = "most members are there to be allowed")]
mod shape {
    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::{AtMost, FEW, MAX_WITNESSES, Object, Text};

    shapes! {
        Shape {
            media_type = "media_type": Text,
            verification_material = "verification_material": Object<Material>,
            message_signature = "message_signature": Object<MessageSignature>,
            dsse_envelope = "dsse_envelope": Object<Envelope>,
        }
        Material {
            certificate: Object<Certificate>,
            x509_certificate_chain = "x509_certificate_chain": Object<Chain>,
            public_key = "public_key": Object<PublicKey>,
            tlog_entries = "tlog_entries": AtMost<Object<Entry>, MAX_WITNESSES>,
            timestamp_verification_data = "timestamp_verification_data": Object<Timestamps>,
        }
        Timestamps { rfc3161_timestamps = "rfc3161_timestamps": AtMost<Object<Timestamp>, MAX_WITNESSES> }
        Chain { certificates: AtMost<Object<Certificate>, FEW> }
        Certificate { raw_bytes = "raw_bytes": Text }
        PublicKey { hint: Text }
        Timestamp { signed_timestamp = "signed_timestamp": Text }
        Entry {
            log_index = "log_index": IgnoredAny,
            log_id = "log_id": Object<LogId>,
            kind_version = "kind_version": Object<KindVersion>,
            integrated_time = "integrated_time": IgnoredAny,
            inclusion_promise = "inclusion_promise": Object<Promise>,
            inclusion_proof = "inclusion_proof": Object<Proof>,
            canonicalized_body = "canonicalized_body": Text,
        }
        LogId { key_id = "key_id": Text }
        KindVersion { kind: Text, version: Text }
        Promise { signed_entry_timestamp = "signed_entry_timestamp": Text }
        Proof {
            log_index = "log_index": IgnoredAny,
            root_hash = "root_hash": Text,
            tree_size = "tree_size": IgnoredAny,
            hashes: Vec<Text>,
            checkpoint: Object<Checkpoint>,
        }
        Checkpoint { envelope: Text }
        MessageSignature { message_digest = "message_digest": Object<MessageDigest>, signature: Text }
        MessageDigest { algorithm: IgnoredAny, digest: Text }
        Envelope { payload: Text, payload_type = "payload_type": Text, signatures: AtMost<Object<Signature>, FEW> }
        Signature { sig: Text, keyid: Text }
    }
}

/// Refuses a bundle whose JSON says two things, or too many.
pub(super) fn refuse_ambiguity(json: &[u8]) -> Result<(), Reason> {
    let shape: shape::Shape = json::object(json).map_err(|error| format!("malformed bundle: {error}"))?;
    let Some(Object(material)) = &shape.verification_material else {
        return Err("malformed bundle: no verification material".to_owned());
    };
    if shape.media_type.is_none() {
        return Err("malformed bundle: no media type".to_owned());
    }
    let keys = [material.certificate.is_some(), material.x509_certificate_chain.is_some(), material.public_key.is_some()];
    exactly_one(&keys, "verification material")?;
    exactly_one(&[shape.message_signature.is_some(), shape.dsse_envelope.is_some()], "content")?;
    let entries = material.tlog_entries.as_ref().map_or(0, |entries| entries.total);
    let stamps = material.timestamp_verification_data.as_ref().and_then(|Object(data)| data.rfc3161_timestamps.as_ref());
    for (count, what) in [(entries, "tlog entries"), (stamps.map_or(0, |stamps| stamps.total), "signed timestamps")] {
        if count > MAX_WITNESSES {
            return Err(format!("too many {what}: {count} > {MAX_WITNESSES}"));
        }
    }
    Ok(())
}

fn exactly_one(present: &[bool], what: &str) -> Result<(), Reason> {
    match present.iter().filter(|present| **present).count() {
        1 => Ok(()),
        0 => Err(format!("malformed bundle: no {what}")),
        _ => Err(format!("malformed bundle: {what} of more than one kind")),
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Text, E> {
        Ok(Text)
    }
}
