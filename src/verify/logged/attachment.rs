//! A layer of cosign's legacy tags with its annotations read, and the proof that it was signed as the request wants.

use std::sync::Arc;

use jiff::Timestamp;

use super::certificate::Leaf;
use super::entry::{Entry, Signer as Named};
use super::{identity, metadata, pem};
use crate::verify::evidence::{LegacyLayer, Reason};
use crate::verify::key::KeyCheck;
use crate::verify::legacy::{CERTIFICATE, SIGNATURE};
use crate::verify::{LogRequirement, PublicKey, Signature, Signer, Trust, VerifyRequest};

const CHAIN: &str = "dev.sigstore.cosign/chain";

/// A layer and what its annotations say.
pub(super) struct Attachment<'a> {
    layer: &'a LegacyLayer,
    /// The signature annotation, base64; empty on attestations.
    pub(super) signature: &'a str,
    leaf: Option<Leaf>,
    chain: Vec<Vec<u8>>,
}

impl<'a> Attachment<'a> {
    /// Reads the annotations of `layer`.
    pub(super) fn of(layer: &'a LegacyLayer) -> Result<Self, Reason> {
        let annotation = |name: &str| layer.annotations.get(name).map_or("", String::as_str);
        let certificates = |name: &str| pem::certificates(annotation(name)).ok_or_else(|| format!("malformed annotation `{name}`"));
        let leaf = match annotation(CERTIFICATE) {
            "" => None,
            _ => match certificates(CERTIFICATE)?.into_iter().next() {
                Some(der) => Some(Leaf::from_der(der)?),
                None => return Err(format!("malformed annotation `{CERTIFICATE}`")),
            },
        };
        Ok(Self { layer, signature: annotation(SIGNATURE), leaf, chain: certificates(CHAIN)? })
    }

    /// Who signed, if that is whom the request wants, at a time at which they could: when the request's log saw it, or now.
    /// The order of the checks is cosign's.
    pub(super) fn signer(&self, request: &VerifyRequest, trust: &Trust) -> Result<KeyCheck, Reason> {
        let (time, logged) = match &request.log {
            LogRequirement::Required { .. } => (self.logged_at(request, trust)?, true),
            LogRequirement::Ignored => (Timestamp::now(), false),
        };
        let spki = match (&request.signer, &self.leaf) {
            (Signer::Key(key), Some(leaf)) if *key.spki != *leaf.spki => {
                return Err("certificate on the signature is not that of the given key".to_owned());
            }
            (Signer::Key(key), _) => Arc::clone(&key.spki),
            (Signer::Identity(_), None) => return Err(NO_CERTIFICATE.to_owned()),
            (Signer::Identity(wanted), Some(leaf)) => {
                valid_at(leaf, time, logged)?;
                trust.vouches_for(&leaf.certificate, &leaf.der, time)?;
                identity::check(wanted, leaf)?;
                leaf.spki.as_slice().into()
            }
        };
        if let Some(leaf) = &self.leaf {
            valid_at(leaf, time, logged)?;
        }
        KeyCheck::new(&PublicKey { spki }).map_err(|error| error.to_string())
    }

    /// When a trusted log saw exactly this attachment.
    fn logged_at(&self, request: &VerifyRequest, trust: &Trust) -> Result<Timestamp, Reason> {
        let entry =
            Entry::attached(&self.layer.annotations)?.ok_or_else(|| "rekor client not provided for online verification".to_owned())?;
        let seen = || {
            entry.describes(self.signature, &self.named(request)?, &self.layer.payload)?;
            entry.promised_by(trust)
        };
        seen().map_err(|reason| format!("error verifying bundle: {reason}"))?;
        Ok(entry.integrated_time)
    }

    /// Whom a log entry must name: the certificate where there is one, else the key.
    fn named<'b>(&'b self, request: &'b VerifyRequest) -> Result<Named<'b>, Reason> {
        match (&self.leaf, &request.signer) {
            (Some(leaf), _) => Ok(Named { label: "CERTIFICATE", der: &leaf.der }),
            (None, Signer::Key(key)) => Ok(Named { label: "PUBLIC KEY", der: &key.spki }),
            (None, Signer::Identity(_)) => Err(NO_CERTIFICATE.to_owned()),
        }
    }

    /// The entry of a result, with `signature` and `keyid` where the certificate has none.
    pub(super) fn result(&self, signature: &str, keyid: &str) -> Result<Signature, Reason> {
        let chain = self.chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
        let mut entry = Signature { keyid: keyid.to_owned(), signature: signature.to_owned(), chain, ..Signature::default() };
        if let Some(leaf) = &self.leaf {
            let id = leaf.key_id();
            if !id.is_empty() {
                entry.keyid = id;
            }
            entry.certificate = pem::encode("CERTIFICATE", &leaf.der);
            entry.metadata = metadata::of(leaf)?;
        }
        Ok(entry)
    }
}

const NO_CERTIFICATE: &str = "no certificate found on signature";

fn valid_at(leaf: &Leaf, time: Timestamp, logged: bool) -> Result<(), Reason> {
    leaf.valid_at(time).map_err(|reason| {
        if !logged && leaf.not_after < time {
            return "expected a signed timestamp to verify an expired certificate".to_owned();
        }
        format!("checking expiry on certificate with bundle: {reason}")
    })
}
