//! Bundles whose pair of key and hash `sigstore-verify` does not know, and cosign does: P-384 with SHA-256 (cosign up to
//! 3.0, conforma), P-521, Ed25519ph. Everything the crate would check is checked here.

use sigstore_types::{Bundle, DsseEnvelope, KindVersion, SignatureContent, TransparencyLogEntry};

use super::body::LoggedEnvelope;
use super::certificate::Leaf;
use super::entry::Entry;
use super::identity;
use super::inclusion::{Inclusion, LogAt};
use super::sigstore_bundle::{INVALID_ENVELOPE, leaf};
use crate::oci::Digest;
use crate::verify::dsse::IN_TOTO;
use crate::verify::evidence::Reason;
use crate::verify::spki::{self, KeyKind};
use crate::verify::{PublicKey, Signer, Trust};

/// Checks the envelope of a bundle of which what no root knows was set aside. Which image it is about is not looked at.
pub(super) fn attested(bundle: &Bundle, signer: &Signer, trust: &Trust) -> Result<(), Reason> {
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err("bundle does not contain a DSSE envelope".to_owned());
    };
    let (leaf, key) = match signer {
        Signer::Key(_) if bundle.signing_certificate().is_some() => return Err("expected key signature, not certificate".to_owned()),
        Signer::Key(key) => (None, key.clone()),
        Signer::Identity(_) => {
            let leaf = leaf(bundle)?;
            let key = PublicKey::of_spki(leaf.spki.as_slice());
            (Some(leaf), key)
        }
    };
    if !matches!(spki::read(key.spki()), Ok((KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519, _))) || envelope.payload_type != IN_TOTO {
        return Err(INVALID_ENVELOPE.to_owned());
    }
    let signed_by = leaf.as_ref().map_or(key.spki(), |leaf| &leaf.der);
    let check = key.check().map_err(|error| error.to_string())?;
    check.verify(&envelope.pae(), envelope.signature.sig.as_bytes()).map_err(|_| INVALID_ENVELOPE.to_owned())?;
    let entries = &bundle.verification_material.tlog_entries;
    if entries.is_empty() {
        return Err("not enough verified log entries from transparency log: 0 < 1".to_owned());
    }
    for entry in entries {
        let entry = seen(entry, trust)?;
        describes(&entry, envelope, signed_by)?;
        if let Some(leaf) = &leaf {
            issued(leaf, entry.integrated_time, signer, trust)?;
        }
    }
    for stamp in &bundle.verification_material.timestamp_verification_data.rfc3161_timestamps {
        let time = trust.stamped_at(&stamp.signed_timestamp, &envelope.signature.sig).ok_or("a timestamp of nobody trusted")?;
        if let Some(leaf) = &leaf {
            issued(leaf, time, signer, trust)?;
        }
    }
    Ok(())
}

/// An entry that a log of `trust` promised, and that is in its tree.
fn seen(entry: &TransparencyLogEntry, trust: &Trust) -> Result<Entry, Reason> {
    if entry.kind_version != KindVersion::DsseV001 {
        return Err("log entry of another kind than `dsse`".to_owned());
    }
    let logged = Entry::of(entry)?;
    logged.promised_by(trust)?;
    let proof = entry.inclusion_proof.as_ref().ok_or("inclusion proof missing in bundle")?;
    let inclusion = Inclusion {
        index: proof.log_index.get(),
        size: proof.tree_size,
        hashes: &proof.hashes,
        root: proof.root_hash,
        checkpoint: proof.checkpoint.envelope(),
    };
    inclusion.holds(&logged.body_bytes)?;
    inclusion.signed_by(&LogAt { id: &logged.log_id, time: logged.integrated_time }, trust)?;
    Ok(logged)
}

/// Checks that `entry` is about `envelope`, its signature and who made it. (The hash of the whole envelope is of a text that
/// no bundle holds.)
fn describes(entry: &Entry, envelope: &DsseEnvelope, signed_by: &[u8]) -> Result<(), Reason> {
    let logged = LoggedEnvelope::parse(&entry.body_bytes)?;
    let payload = Digest::of(envelope.payload.as_bytes()).hex();
    if logged.payload.algorithm != "sha256" || logged.payload.value != payload {
        return Err("the payload's hash is not that of the log entry".to_owned());
    }
    if logged.signature != envelope.signature.sig.as_bytes() || !entry.body.signed_by(signed_by) {
        return Err("signature or verifier is not that of the log entry".to_owned());
    }
    Ok(())
}

fn issued(leaf: &Leaf, time: jiff::Timestamp, signer: &Signer, trust: &Trust) -> Result<(), Reason> {
    let Signer::Identity(wanted) = signer else { return Ok(()) };
    leaf.valid_at(time)?;
    trust.vouches_for(&leaf.certificate, &leaf.der, time)?;
    identity::check(wanted, leaf)
}
