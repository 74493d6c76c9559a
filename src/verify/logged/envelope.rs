//! DSSE envelopes of cosign's `.att` layers, which may bear several signatures of which one is enough.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::verify::evidence::Reason;

const IN_TOTO: &str = "application/vnd.in-toto+json";
/// Most signatures of one envelope that are tried.
const MAX_SIGNATURES: usize = 32;

/// A DSSE envelope, its payload decoded.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Debug, Deserialize)]
pub(super) struct EnvelopeSignature {
    #[serde(default)]
    pub(super) keyid: String,
    pub(super) sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<EnvelopeSignature>,
}

impl Envelope {
    /// Reads the bytes of a layer.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Reason> {
        let wire: Wire = serde_json::from_slice(json).map_err(|error| malformed(&error))?;
        if wire.payload_type != IN_TOTO {
            return Err(format!("invalid payloadType {} on envelope. Expected {IN_TOTO}", wire.payload_type));
        }
        if wire.signatures.is_empty() {
            return Err("could not verify envelope: no signatures found".to_owned());
        }
        if wire.signatures.len() > MAX_SIGNATURES {
            return Err(format!("could not verify envelope: more than {MAX_SIGNATURES} signatures"));
        }
        let payload = STANDARD.decode(&wire.payload).map_err(|error| malformed(&error))?;
        Ok(Self { payload, signatures: wire.signatures })
    }

    /// The bytes that are signed: the pre-authentication encoding (DSSE v1.0.2, protocol.md).
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("DSSEv1 {} {IN_TOTO} {} ", IN_TOTO.len(), self.payload.len()).into_bytes();
        bytes.extend_from_slice(&self.payload);
        bytes
    }
}

fn malformed(error: &dyn std::fmt::Display) -> Reason {
    format!("malformed attestation data: {error}")
}
