//! A layer of cosign's legacy tags with its annotations read, and the proof that it was signed as the request wants.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::certificate::Leaf;
use super::entry::{Entry, Signer as Named};
use super::{identity, metadata, pem, signature};
use crate::verify::evidence::{LegacyLayer, Reason};
use crate::verify::{LogRequirement, Signature, Signer, Trust, VerifyRequest};

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
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

    /// The decoded signature annotation.
    pub(super) fn signature_bytes(&self) -> Result<Vec<u8>, Reason> {
        match STANDARD.decode(self.signature) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            Ok(_) => Err("invalid signature when validating ASN.1 encoded signature".to_owned()),
            Err(error) => Err(format!("malformed signature: {error}")),
        }
    }

    /// Checks that one of `signatures` is over `message`, by whom the request wants, when the request's log saw it.
    /// The order of the checks is cosign's.
    pub(super) fn proves(&self, message: &[u8], signatures: &[Vec<u8>], to: &Judge<'_>) -> Result<(), Reason> {
        let time = match &to.request.log {
            LogRequirement::Required { .. } => self.logged_at(to)?,
            LogRequirement::Ignored => Timestamp::now(),
        };
        let key = self.signing_key(time, to)?;
        if !signatures.iter().any(|signature| signature::verifies(key, message, signature)) {
            return Err(to.unsigned.to_owned());
        }
        self.leaf.as_ref().map_or(Ok(()), |leaf| to.valid_at(leaf, time))
    }

    /// When a trusted log saw exactly this attachment.
    fn logged_at(&self, to: &Judge<'_>) -> Result<Timestamp, Reason> {
        let entry =
            Entry::attached(&self.layer.annotations)?.ok_or_else(|| "rekor client not provided for online verification".to_owned())?;
        let seen = || {
            entry.describes(self.signature, &self.named(to.request)?, &self.layer.payload)?;
            entry.promised_by(to.trust)
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

    /// The key that must have signed, once it is known to belong to whom the request wants.
    fn signing_key<'b>(&'b self, time: Timestamp, to: &'b Judge<'_>) -> Result<&'b [u8], Reason> {
        match (&to.request.signer, &self.leaf) {
            (Signer::Key(key), Some(leaf)) if *key.spki != *leaf.spki => {
                Err("certificate on the signature is not that of the given key".to_owned())
            }
            (Signer::Key(key), _) => Ok(&key.spki),
            (Signer::Identity(_), None) => Err(NO_CERTIFICATE.to_owned()),
            (Signer::Identity(wanted), Some(leaf)) => {
                to.valid_at(leaf, time)?;
                to.trust.vouches_for(&leaf.certificate, &leaf.der, time)?;
                identity::check(wanted, leaf)?;
                Ok(&leaf.spki)
            }
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

/// By what an attachment is judged.
pub(super) struct Judge<'a> {
    pub(super) request: &'a VerifyRequest,
    pub(super) trust: &'a Trust,
    /// What to say where no signature verifies.
    pub(super) unsigned: &'static str,
}

impl Judge<'_> {
    fn valid_at(&self, leaf: &Leaf, time: Timestamp) -> Result<(), Reason> {
        leaf.valid_at(time).map_err(|reason| match self.request.log {
            LogRequirement::Ignored if leaf.not_after < time => "expected a signed timestamp to verify an expired certificate".to_owned(),
            _ => format!("checking expiry on certificate with bundle: {reason}"),
        })
    }
}
