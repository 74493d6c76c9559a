//! A made-up sigstore: authorities, certificate log and transparency logs whose every field a test can make wrong.

mod certificate;
mod der;
mod log;
mod tiled_log;
mod timestamp;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(crate) use certificate::{Leaf, Stamp};
pub(crate) use log::{Entry, Log};
pub(crate) use tiled_log::{TiledLog, hashed_rekord_v2};
pub(crate) use timestamp::{Stamping, TimestampAuthority};

use super::signer::{BUNDLE, IN_TOTO, Layer, SIGNATURE, SIMPLE_SIGNING, TestKey, envelope, simple_signing};

/// When leaves of this instance are issued, in seconds; they live ten minutes.
pub(crate) const ISSUED: i64 = 1_700_000_000;
/// When their signatures are logged.
pub(crate) const LOGGED: i64 = ISSUED + 60;
pub(crate) const IDENTITY: &str = "https://ci.example/release";
pub(crate) const ISSUER: &str = "https://ci.example/oidc";
pub(crate) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
pub(crate) const ENTRY: &str = "dev.sigstore.cosign/bundle";

/// One instance, its keys made anew.
pub(crate) struct Forge {
    pub(crate) root: TestKey,
    pub(crate) intermediate: TestKey,
    pub(crate) certificate_log: TestKey,
    pub(crate) log: Log,
    pub(crate) tiled_log: TiledLog,
    pub(crate) timestamps: TimestampAuthority,
    /// First and last second of the root's and the intermediate's validity.
    pub(crate) root_validity: (i64, i64),
    pub(crate) intermediate_validity: (i64, i64),
}

impl Forge {
    pub(crate) fn new() -> Self {
        let years = (ISSUED - 100_000_000, ISSUED + 400_000_000);
        Self {
            root: TestKey::p256(),
            intermediate: TestKey::p256(),
            certificate_log: TestKey::p256(),
            log: Log::new(TestKey::p256()),
            tiled_log: TiledLog::new("log2.example"),
            timestamps: TimestampAuthority::new(),
            root_validity: years,
            intermediate_validity: years,
        }
    }

    /// The trusted root of the instance, without the addresses that real ones lack too.
    pub(crate) fn trusted_root(&self) -> Value {
        let certificates = json!([
            {"rawBytes": STANDARD.encode(certificate::intermediate(self))},
            {"rawBytes": STANDARD.encode(certificate::root(self))},
        ]);
        let since = json!({"start": "2020-01-01T00:00:00Z"});
        let key = |key: &TestKey| {
            let spki = key.spki();
            let id = vidimus::oci::Digest::of(&spki);
            json!({
                "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": STANDARD.encode(&spki), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": since},
                "logId": {"keyId": STANDARD.encode(id.as_bytes())},
            })
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [key(&self.log.key), self.tiled_log.listed()],
            "timestampAuthorities": [self.timestamps.listed()],
            "ctlogs": [key(&self.certificate_log)],
            "certificateAuthorities": [{"certChain": {"certificates": certificates}, "validFor": {"start": "2020-01-01T00:00:00Z"}}],
        })
    }

    /// The certificate that `leaf` describes, for the holder of `key`.
    pub(crate) fn issue(&self, leaf: &Leaf, key: &TestKey) -> Vec<u8> {
        certificate::issue(self, leaf, key)
    }

    /// A layer with the signature of `image` by `key`, and the entry of this instance's log for it.
    pub(crate) fn signed(&self, key: &TestKey, certificate: Option<&[u8]>, image: &str) -> Layer {
        let payload = simple_signing(image);
        let signature = key.sign(&payload);
        let verifier = certificate.map_or_else(|| key.pem(), pem);
        let body = log::hashed_rekord(&payload, &signature, &verifier);
        let layer = Layer::new(SIMPLE_SIGNING, payload).annotated(SIGNATURE, &STANDARD.encode(signature));
        let layer = layer.annotated(ENTRY, &self.log.enter(&body).annotation());
        certificate.map_or(layer.clone(), |der| layer.annotated(CERTIFICATE, &pem(der)))
    }

    /// A layer with an attestation, whose entry's body is made by `body` from the envelope's bytes, its signature (base64)
    /// and the verifier (PEM).
    pub(crate) fn attested(&self, envelope: &Value, certificate: &[u8], body: impl FnOnce(&[u8], &str, &str) -> Value) -> Layer {
        let bytes = envelope.to_string().into_bytes();
        let body = body(&bytes, envelope["signatures"][0]["sig"].as_str().unwrap_or_default(), &pem(certificate));
        let entry = self.log.enter(&body).annotation();
        let dsse = super::signer::DSSE;
        Layer::new(dsse, bytes).annotated(SIGNATURE, "").annotated(CERTIFICATE, &pem(certificate)).annotated(ENTRY, &entry)
    }

    /// A bundle of version 0.3 with `statement` signed by `key`, logged as `dsse`.
    pub(crate) fn bundle(&self, key: &TestKey, certificate: Option<&[u8]>, statement: &Value) -> Value {
        let envelope = envelope(&[key], IN_TOTO, statement.to_string().as_bytes());
        let verifier = certificate.map_or_else(|| key.pem(), pem);
        let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
        let body = log::dsse(envelope.to_string().as_bytes(), signature, &verifier);
        let material = match certificate {
            Some(der) => {
                json!({"certificate": {"rawBytes": STANDARD.encode(der)}, "tlogEntries": [self.log.enter(&body).in_bundle("dsse")]})
            }
            None => json!({"publicKey": {"hint": ""}, "tlogEntries": [self.log.enter(&body).in_bundle("dsse")]}),
        };
        json!({"mediaType": BUNDLE, "verificationMaterial": material, "dsseEnvelope": envelope})
    }

    /// A bundle as [`Forge::bundle`] makes it, in the log of version 2, with the timestamps that `stampings` describe.
    pub(crate) fn tiled_bundle(&self, key: &TestKey, certificate: Option<&[u8]>, (statement, stampings): (&Value, &[Stamping])) -> Value {
        let payload = statement.to_string();
        let envelope = envelope(&[key], IN_TOTO, payload.as_bytes());
        let signed = format!("DSSEv1 {} {IN_TOTO} {} {payload}", IN_TOTO.len(), payload.len());
        let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
        let (material, verifier) = match certificate {
            Some(der) => (json!({"certificate": {"rawBytes": STANDARD.encode(der)}}), "x509Certificate"),
            None => (json!({"publicKey": {"hint": ""}}), "publicKey"),
        };
        let raw = certificate.map_or_else(|| key.spki(), <[u8]>::to_vec);
        let body = hashed_rekord_v2(signed.as_bytes(), signature, &json!({ verifier: {"rawBytes": STANDARD.encode(raw)} }));
        let signature = STANDARD.decode(signature).unwrap();
        let stamps: Vec<_> = stampings
            .iter()
            .map(|stamping| json!({"signedTimestamp": STANDARD.encode(self.timestamps.stamp(&signature, stamping))}))
            .collect();
        let mut material = material;
        material["tlogEntries"] = json!([self.tiled_log.enter(&body)]);
        material["timestampVerificationData"] = json!({ "rfc3161Timestamps": stamps });
        json!({"mediaType": BUNDLE, "verificationMaterial": material, "dsseEnvelope": envelope})
    }
}

pub(crate) use log::{dsse, hashed_rekord, intoto_0_0_1, intoto_0_0_2, rekord};

/// The certificates of an authority for TLS and of a server on the loopback interface, DER.
pub(crate) fn server_certificates(authority: &TestKey, server: &TestKey) -> (Vec<u8>, Vec<u8>) {
    certificate::server(authority, server)
}

/// A certificate as PEM.
pub(crate) fn pem(der: &[u8]) -> String {
    super::signer::pem(der).replace("PUBLIC KEY", "CERTIFICATE")
}
