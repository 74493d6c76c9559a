//! A layer of cosign's legacy tags with its annotations read, and the proof that it was signed as the request wants.

use jiff::Timestamp;

use super::certificate::Leaf;
use super::converted::Signed;
use super::entry::{Entry, Signer as Named};
use super::sigstore_bundle::{self, Claim, NO_CERTIFICATE};
use super::{identity, metadata, pem};
use crate::verify::evidence::{LegacyLayer, Reason};
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

    /// The log entry that describes this attachment; `None` where none is asked for.
    pub(super) fn entry(&self, request: &VerifyRequest) -> Result<Option<Entry>, Reason> {
        if request.log == LogRequirement::Ignored {
            return Ok(None);
        }
        let entry = Entry::attached(&self.layer.annotations).map_err(|reason| in_bundle(&reason))?;
        let entry = entry.ok_or_else(|| not_attached(request))?;
        let named = self.named(request)?;
        entry.describes(self.signature, &named, &self.layer.payload).map_err(|reason| in_bundle(&reason))?;
        Ok(Some(entry))
    }

    /// The key that must have signed. Whose it is, is not known yet.
    pub(super) fn key(&self, request: &VerifyRequest) -> Result<PublicKey, Reason> {
        match (&request.signer, &self.leaf) {
            (Signer::Key(key), Some(leaf)) if *key.spki() != *leaf.spki => {
                Err("certificate on the signature is not that of the given key".to_owned())
            }
            (Signer::Key(key), _) => Ok(key.clone()),
            (Signer::Identity(_), Some(leaf)) => Ok(PublicKey::of_spki(leaf.spki.as_slice())),
            (Signer::Identity(_), None) => Err(NO_CERTIFICATE.to_owned()),
        }
    }

    /// Checks that `signed` was signed by whom the request wants, at a time at which they could: when a log of `trust` saw
    /// it, or now. The order of the checks is cosign's.
    pub(super) fn proves(&self, signed: &Signed<'_>, entry: Option<&Entry>, to: &Judge<'_>) -> Result<(), Reason> {
        if let Some(entry) = entry
            && let Some(kind) = signed.kind(entry, to.key.spki())
            && (self.leaf.is_none() || matches!(to.request.signer, Signer::Identity(_)))
        {
            let bundle = signed.bundle(entry, kind, self.leaf.as_ref())?;
            let claim = Claim { artifact: signed.artifact(), leaf: self.leaf.as_ref(), signer: &to.request.signer };
            return sigstore_bundle::decide(&bundle, &claim, to.trust);
        }
        let time = match entry {
            Some(entry) => {
                entry.promised_by(to.trust).map_err(|reason| in_bundle(&reason))?;
                entry.integrated_time
            }
            None => Timestamp::now(),
        };
        if let Some(leaf) = &self.leaf {
            valid_at(leaf, time, entry.is_some())?;
            if let Signer::Identity(wanted) = &to.request.signer {
                to.trust.vouches_for(&leaf.certificate, &leaf.der, time)?;
                identity::check(wanted, leaf)?;
            }
        }
        let key = to.key.check().map_err(|error| error.to_string())?;
        match signed {
            Signed::Payload { bytes, signature } => key.verify(bytes, signature),
            Signed::Envelope { sealed, .. } => sealed.check(key),
        }
    }

    /// Whom a log entry must name: the certificate where there is one, else the key.
    pub(super) fn named<'b>(&'b self, request: &'b VerifyRequest) -> Result<Named<'b>, Reason> {
        match (&self.leaf, &request.signer) {
            (Some(leaf), _) => Ok(Named { label: "CERTIFICATE", der: &leaf.der }),
            (None, Signer::Key(key)) => Ok(Named { label: "PUBLIC KEY", der: key.spki() }),
            (None, Signer::Identity(_)) => Err(NO_CERTIFICATE.to_owned()),
        }
    }

    /// The entry of a result, with `signature` and `keyid` where the certificate has none.
    pub(super) fn result(&self, signature: &str, keyid: &str, logged: Option<&Entry>) -> Result<Signature, Reason> {
        let chain = self.chain.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
        let mut entry = Signature { keyid: keyid.to_owned(), signature: signature.to_owned(), chain, ..Signature::default() };
        entry.grounds.log_indexes = logged.and_then(|logged| u64::try_from(logged.log_index).ok()).into_iter().collect();
        if let Some(leaf) = &self.leaf {
            leaf.name_in(&mut entry.grounds);
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

/// By what an attachment is judged.
pub(super) struct Judge<'a> {
    pub(super) request: &'a VerifyRequest,
    pub(super) trust: &'a Trust,
    pub(super) key: &'a PublicKey,
}

/// Why an entry that is not attached is not there.
fn not_attached(request: &VerifyRequest) -> Reason {
    let searched = match &request.log {
        LogRequirement::Required { search: Some(_), .. } => {
            ": no log entry is attached, and `rekor_url` is not searched for one (--allow-rekor-search)"
        }
        _ => "",
    };
    format!("rekor client not provided for online verification{searched}")
}

fn in_bundle(reason: &str) -> Reason {
    format!("error verifying bundle: {reason}")
}

fn valid_at(leaf: &Leaf, time: Timestamp, logged: bool) -> Result<(), Reason> {
    leaf.valid_at(time).map_err(|reason| {
        if !logged && leaf.not_after < time {
            return "expected a signed timestamp to verify an expired certificate".to_owned();
        }
        format!("checking expiry on certificate with bundle: {reason}")
    })
}
