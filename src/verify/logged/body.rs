//! What a Rekor v1 log entry says was signed, by whom: `hashedrekord` and `rekord` 0.0.1, `dsse` 0.0.1, `intoto` 0.0.1
//! and 0.0.2. The bodies are those of rekor's `pkg/types/*/*_schema.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::verify::evidence::Reason;
use crate::verify::{json, pem};

/// Kind and version of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    HashedRekord,
    Rekord,
    Dsse,
    IntotoV1,
    IntotoV2,
}

/// The parts of a body that bind it to a signature.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) kind: Kind,
    /// Algorithm and hexadecimal value of the digest over the attachment's bytes.
    pub(super) hash: Hash,
    /// The signature as logged, base64; only of the kinds that log one over the attachment's bytes.
    pub(super) signature: Option<String>,
    /// The certificates or keys of those who signed, PEM text.
    verifiers: Vec<Vec<u8>>,
}

/// A digest in a body.
#[derive(Debug, Deserialize)]
pub(super) struct Hash {
    pub(super) algorithm: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer<'a> {
    kind: String,
    api_version: String,
    #[serde(borrow)]
    spec: &'a serde_json::value::RawValue,
}

#[derive(Deserialize)]
struct Rekord {
    data: Data,
    signature: RekordSignature,
}

#[derive(Deserialize)]
struct Data {
    hash: Hash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RekordSignature {
    content: String,
    public_key: Content,
}

#[derive(Deserialize)]
struct Content {
    content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dsse {
    envelope_hash: Hash,
    signatures: Vec<DsseSignature>,
}

#[derive(Deserialize)]
struct DsseSignature {
    verifier: String,
}

/// What a `dsse` 0.0.1 body says of an envelope's parts.
pub(super) struct LoggedEnvelope {
    /// Of the decoded payload.
    pub(super) payload: Hash,
    /// The one signature, decoded.
    pub(super) signature: Vec<u8>,
}

impl LoggedEnvelope {
    /// Reads the body of an entry of one signature.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Reason> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Spec {
            payload_hash: Hash,
            signatures: Vec<Signed>,
        }
        #[derive(Deserialize)]
        struct Signed {
            signature: String,
        }
        let outer: Outer<'_> = json::object(json).map_err(|error| malformed(&error))?;
        if (outer.kind.as_str(), outer.api_version.as_str()) != ("dsse", "0.0.1") {
            return Err(format!("unsupported log entry kind: {} {}", outer.kind, outer.api_version));
        }
        let Spec { payload_hash: payload, signatures } = read(outer.spec.get())?;
        match signatures.as_slice() {
            [only] => Ok(Self { payload, signature: decode(&only.signature)? }),
            _ => Err(malformed(&"one signature expected")),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoV1 {
    content: IntotoV1Content,
    public_key: String,
}

#[derive(Deserialize)]
struct IntotoV1Content {
    hash: Hash,
}

#[derive(Deserialize)]
struct IntotoV2 {
    content: IntotoV2Content,
}

#[derive(Deserialize)]
struct IntotoV2Content {
    hash: Hash,
    envelope: IntotoV2Envelope,
}

#[derive(Deserialize)]
struct IntotoV2Envelope {
    signatures: Vec<IntotoV2Signature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoV2Signature {
    public_key: String,
}

impl Body {
    /// Reads the canonical JSON of a body.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Reason> {
        let outer: Outer<'_> = json::object(json).map_err(|error| malformed(&error))?;
        let spec = outer.spec.get();
        match (outer.kind.as_str(), outer.api_version.as_str()) {
            ("hashedrekord", "0.0.1") => Self::rekord(Kind::HashedRekord, read(spec)?),
            ("rekord", "0.0.1") => Self::rekord(Kind::Rekord, read(spec)?),
            ("dsse", "0.0.1") => {
                let dsse: Dsse = read(spec)?;
                let verifiers = dsse.signatures.iter().map(|signature| decode(&signature.verifier)).collect::<Result<_, _>>()?;
                Ok(Self { kind: Kind::Dsse, hash: dsse.envelope_hash, signature: None, verifiers })
            }
            ("intoto", "0.0.1") => {
                let intoto: IntotoV1 = read(spec)?;
                let verifiers = vec![decode(&intoto.public_key)?];
                Ok(Self { kind: Kind::IntotoV1, hash: intoto.content.hash, signature: None, verifiers })
            }
            ("intoto", "0.0.2") => {
                let content = read::<IntotoV2>(spec)?.content;
                let signatures = &content.envelope.signatures;
                let verifiers = signatures.iter().map(|signature| decode(&signature.public_key)).collect::<Result<_, _>>()?;
                Ok(Self { kind: Kind::IntotoV2, hash: content.hash, signature: None, verifiers })
            }
            (kind, version) => Err(format!("unsupported log entry kind: {kind} {version}")),
        }
    }

    fn rekord(kind: Kind, rekord: Rekord) -> Result<Self, Reason> {
        let verifiers = vec![decode(&rekord.signature.public_key.content)?];
        Ok(Self { kind, hash: rekord.data.hash, signature: Some(rekord.signature.content), verifiers })
    }

    /// Whether one of those who signed has the certificate or key `der`.
    pub(super) fn signed_by(&self, der: &[u8]) -> bool {
        let contents = |text: &Vec<u8>| Some(pem::first(std::str::from_utf8(text).ok()?)?.der);
        self.verifiers.iter().filter_map(contents).any(|contents| contents == der)
    }

    /// Those who signed, as they are logged, for an error's text.
    pub(super) fn verifiers_text(&self) -> String {
        self.verifiers.iter().map(|pem| String::from_utf8_lossy(pem)).collect::<Vec<_>>().join("")
    }
}

/// What a body says of its own kind and version.
pub(super) fn kind_of(json: &[u8]) -> Result<(String, String), Reason> {
    let outer: Outer<'_> = json::object(json).map_err(|error| malformed(&error))?;
    Ok((outer.kind, outer.api_version))
}

fn read<'a, T: Deserialize<'a>>(spec: &'a str) -> Result<T, Reason> {
    serde_json::from_str(spec).map_err(|error| malformed(&error))
}

fn decode(base64: &str) -> Result<Vec<u8>, Reason> {
    STANDARD.decode(base64).map_err(|error| malformed(&error))
}

fn malformed(error: &dyn std::fmt::Display) -> Reason {
    format!("malformed log entry body: {error}")
}
