//! A timestamp authority (RFC 3161) whose tokens can be wrong in any part.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::certificate::timestamping;
use super::der::{element, identifier, integer, name, octets, sequence, set};
use super::{ISSUED, LOGGED};
use crate::testkit::signer::TestKey;

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";

/// An authority: its root, its key, and when its certificates are valid.
pub(crate) struct TimestampAuthority {
    pub(crate) root: TestKey,
    pub(crate) key: TestKey,
    pub(crate) root_validity: (i64, i64),
    pub(crate) validity: (i64, i64),
    pub(crate) usage: &'static str,
    /// As the trusted root states it.
    pub(crate) window: Value,
}

/// What a token says; by default what a good one would.
pub(crate) struct Stamping {
    pub(crate) time: i64,
    /// Of another text than the signature.
    pub(crate) of: Option<Vec<u8>>,
    /// The answer's status: 0 granted, 2 rejected.
    pub(crate) status: u8,
    /// By whom, under the authority's name.
    pub(crate) by: Option<TestKey>,
    /// The digest attribute is of other contents.
    pub(crate) other_contents: bool,
    pub(crate) imprint: &'static str,
}

impl Default for Stamping {
    fn default() -> Self {
        Self { time: LOGGED, of: None, status: 0, by: None, other_contents: false, imprint: SHA256 }
    }
}

impl TimestampAuthority {
    pub(super) fn new() -> Self {
        let years = (ISSUED - 100_000_000, ISSUED + 400_000_000);
        let window = json!({"start": "2020-01-01T00:00:00Z"});
        let usage = "1.3.6.1.5.5.7.3.8";
        Self { root: TestKey::p256(), key: TestKey::p256(), root_validity: years, validity: years, usage, window }
    }

    /// As a trusted root lists it.
    pub(super) fn listed(&self) -> Value {
        let (leaf, root) = timestamping(self);
        let certificates = [leaf, root].map(|der| json!({"rawBytes": STANDARD.encode(der)}));
        json!({"certChain": {"certificates": certificates}, "validFor": self.window})
    }

    /// The answer to a request for a timestamp of `signature` (RFC 3161, section 2.4.2).
    pub(crate) fn stamp(&self, signature: &[u8], stamping: &Stamping) -> Vec<u8> {
        let hashed = sha2::Sha256::digest(stamping.of.as_deref().unwrap_or(signature)).to_vec();
        let time = jiff::Timestamp::from_second(stamping.time).unwrap().strftime("%Y%m%d%H%M%SZ").to_string();
        let info = sequence(&[
            integer(1),
            identifier("1.3.6.1.4.1.57264.2"),
            sequence(&[sequence(&[identifier(stamping.imprint)]), octets(&hashed)]),
            integer(7),
            element(0x18, time.as_bytes()),
        ]);
        let digest = sha2::Sha256::digest(if stamping.other_contents { b"other" } else { info.as_slice() });
        let mut attributes = [
            sequence(&[identifier(CONTENT_TYPE), set(&[identifier(TST_INFO)])]),
            sequence(&[identifier(MESSAGE_DIGEST), set(&[octets(&digest)])]),
        ];
        // A SET OF is in the order of its encodings (X.690, section 11.6).
        attributes.sort();
        let signature = stamping.by.as_ref().unwrap_or(&self.key).sign(&set(&attributes));
        let signer = sequence(&[
            integer(1),
            sequence(&[name("timestamp root"), element(0x02, &[0x5a, 0x01])]),
            sequence(&[identifier(SHA256)]),
            element(0xa0, &attributes.concat()),
            sequence(&[identifier(ECDSA_WITH_SHA256)]),
            octets(&signature),
        ]);
        let content = sequence(&[identifier(TST_INFO), element(0xa0, &octets(&info))]);
        let data = sequence(&[integer(3), set(&[sequence(&[identifier(SHA256)])]), content, set(&[signer])]);
        let token = sequence(&[identifier(SIGNED_DATA), element(0xa0, &data)]);
        sequence(&[sequence(&[integer(stamping.status)]), token])
    }
}
