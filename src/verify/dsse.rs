//! DSSE envelopes (secure-systems-lab/dsse): reading, the bytes that are signed, and who signed them.

use serde::Deserialize;

use super::Signature;
use super::base64;
use super::evidence::Reason;
use super::json::{self, AtMost, Object};
use super::key::KeyCheck;

/// The one payload type that counts.
pub(crate) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// Most signatures of one envelope that are looked at.
const MAX_SIGNATURES: usize = 100;

/// An envelope as it is written. A member given twice is an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    #[serde(default)]
    payload: Option<String>,
    #[serde(default)]
    payload_type: String,
    #[serde(default)]
    signatures: AtMost<Object<EnvelopeSignature>, MAX_SIGNATURES>,
}

/// One signature of an envelope.
#[derive(Debug, Deserialize)]
pub(crate) struct EnvelopeSignature {
    #[serde(default)]
    keyid: Option<String>,
    #[serde(default)]
    sig: String,
}

/// An envelope of which one signature at least is right: its payload may be read.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The decoded payload.
    pub(crate) payload: Vec<u8>,
    /// All signatures of the envelope, in its order, as conforma lists them.
    pub(crate) signatures: Vec<Signature>,
}

impl Envelope {
    /// Reads an envelope from the bytes of a layer.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        json::object(bytes).map_err(|error| format!("envelope: {error}"))
    }

    /// How many signatures there are.
    pub(crate) fn signature_count(&self) -> usize {
        self.signatures.total
    }

    /// Checks that one signature at least is `key`'s.
    pub(crate) fn open(self, key: &KeyCheck) -> Result<Opened, Reason> {
        let sealed = self.sealed()?;
        sealed.check(key)?;
        Ok(sealed.opened_unchecked())
    }

    /// The envelope with its payload decoded, and no signature checked.
    pub(crate) fn sealed(self) -> Result<Sealed, Reason> {
        if self.payload_type != IN_TOTO {
            let found: String = self.payload_type.chars().take(100).collect();
            return Err(format!("invalid payloadType {found} on envelope. Expected {IN_TOTO}"));
        }
        match self.signatures.total {
            0 => return Err("no signature found".to_owned()),
            1..=MAX_SIGNATURES => {}
            total => return Err(format!("too many signatures on envelope: {total} > {MAX_SIGNATURES}")),
        }
        let payload = base64::decode(self.payload.as_deref().unwrap_or_default())?;
        Ok(Sealed { payload, signatures: self.signatures.items.into_iter().map(|Object(signature)| signature).collect() })
    }
}

/// An envelope that may be anybody's: nothing in it is to be believed before [`Sealed::check`], or before somebody else has
/// checked its only signature over these very bytes.
#[derive(Debug)]
pub(crate) struct Sealed {
    payload: Vec<u8>,
    signatures: Vec<EnvelopeSignature>,
}

impl Sealed {
    /// The payload, whoever wrote it.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes of the only signature; `None` where there are several.
    pub(crate) fn only_signature(&self) -> Result<Option<Vec<u8>>, Reason> {
        match self.signatures.as_slice() {
            [only] => Ok(Some(base64::decode(&only.sig)?)),
            _ => Ok(None),
        }
    }

    /// Checks that one signature at least is `key`'s.
    pub(crate) fn check(&self, key: &KeyCheck) -> Result<(), Reason> {
        let signed = pae(IN_TOTO, &self.payload);
        let good = |s: &EnvelopeSignature| base64::decode(&s.sig).is_ok_and(|sig| key.verify(&signed, &sig).is_ok());
        if self.signatures.iter().any(good) {
            return Ok(());
        }
        Err("accepted signatures do not match threshold, Found: 0, Expected 1".to_owned())
    }

    /// The contents, once the signature was checked.
    pub(crate) fn opened_unchecked(self) -> Opened {
        Opened { payload: self.payload, signatures: self.signatures.into_iter().map(EnvelopeSignature::into_signature).collect() }
    }
}

impl EnvelopeSignature {
    fn into_signature(self) -> Signature {
        Signature { keyid: self.keyid.unwrap_or_default(), signature: self.sig, ..Signature::default() }
    }
}

/// Pre-authentication encoding: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    let mut signed = Vec::with_capacity(head.len() + payload.len());
    signed.extend_from_slice(head.as_bytes());
    signed.extend_from_slice(payload);
    signed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_bytes_are_those_of_the_specification() {
        // protocol.md, "Test vectors".
        assert_eq!(pae("http://example.com/HelloWorld", b"hello world"), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn an_envelope_that_repeats_a_member_or_trails_is_refused() {
        for bad in [r#"{"payload":"","payload":""}"#, r#"{"signatures":[{"sig":"","sig":""}]}"#, "{}{}", "[]", r#"["",""]"#, "null"] {
            Envelope::read(bad.as_bytes()).unwrap_err();
        }
    }
}
