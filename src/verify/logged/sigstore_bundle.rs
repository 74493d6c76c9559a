//! Sigstore bundles. The crate `sigstore-verify` decides; this wrapper closes what it leaves open against cosign.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sigstore_types::bundle::VerificationMaterialContent;
use sigstore_types::{Artifact, Bundle, DerCertificate, DerPublicKey, DsseEnvelope, KindVersion, MediaType, Sha256Hash, SignatureContent};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy};

use super::certificate::Leaf;
use super::{body, identity, prescan, uncommon_key};
use crate::oci::Digest;
use crate::verify::claims;
use crate::verify::dsse::IN_TOTO;
use crate::verify::evidence::Reason;
use crate::verify::{Attestation, Grounds, IdentityMatcher, LogRequirement, PublicKey, Signature, Signer, Trust, VerifyRequest};

pub(super) const INVALID_ENVELOPE: &str =
    "failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1";

pub(super) const NO_CERTIFICATE: &str = "no certificate found on signature";

/// Checks the attestation in a bundle of version 0.3 that came from a referrer of `image`.
pub(super) fn attestation(json: &[u8], image: &Digest, request: &VerifyRequest, trust: &Trust) -> Result<Attestation, Reason> {
    let mut bundle = parse(json)?;
    // A bundle that says it is older would get by with less proof.
    if bundle.media_type != MediaType::Bundle0_3 {
        return Err(format!("bundle of version 0.3 expected, got {}", bundle.media_type));
    }
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err("bundle does not contain a DSSE envelope".to_owned());
    };
    let (payload, envelope) = (envelope.payload.as_bytes().to_vec(), envelope.clone());
    let leaf = bundle.signing_certificate().is_some().then(|| leaf(&bundle)).transpose()?;
    let grounds = grounds(&bundle, leaf.as_ref(), request);
    match request.log {
        LogRequirement::Required { .. } => {
            witnessed(&mut bundle, trust)?;
            let claim = Claim { artifact: Sha256Hash::new(*image.as_bytes()).into(), leaf: leaf.as_ref(), signer: &request.signer };
            let decided = judged(&mut bundle, &claim, trust);
            decided.or_else(|reason| uncommon_key::attested(&bundle, &request.signer, trust).map_err(|_| reason))?;
        }
        LogRequirement::Ignored => unlogged(leaf.as_ref(), &envelope, &request.signer, trust)?,
    }
    let statement = claims::bundle_statement(&payload, image)?;
    let signature = Signature {
        keyid: envelope.signature.keyid.as_str().to_owned(),
        signature: STANDARD.encode(envelope.signature.sig.as_bytes()),
        grounds,
        ..Signature::default()
    };
    Ok(Attestation { statement: statement.into(), signatures: vec![signature] })
}

/// What a bundle names, once it is verified. Entries of logs that are not believed are among them: to forget too much does
/// no harm.
fn grounds(bundle: &Bundle, leaf: Option<&Leaf>, request: &VerifyRequest) -> Grounds {
    let mut grounds = Grounds::default();
    if request.log != LogRequirement::Ignored {
        grounds.log_indexes = bundle.verification_material.tlog_entries.iter().map(|entry| entry.log_index.get()).collect();
    }
    if let Some(leaf) = leaf {
        leaf.name_in(&mut grounds);
    }
    grounds
}

/// What a bundle must prove.
pub(super) struct Claim<'a> {
    /// What was signed.
    pub(super) artifact: Artifact<'a>,
    /// The bundle's certificate, where it has one. That it could be read is part of the proof: it says each thing once, and the
    /// crate takes the first of repeated extensions.
    pub(super) leaf: Option<&'a Leaf>,
    /// By whom.
    pub(super) signer: &'a Signer,
}

/// The typed bundle, if its JSON says one thing.
pub(super) fn parse(json: &[u8]) -> Result<Bundle, Reason> {
    prescan::refuse_ambiguity(json)?;
    let json = std::str::from_utf8(json).map_err(|error| format!("malformed bundle: {error}"))?;
    Bundle::from_json(json).map_err(|error| format!("malformed bundle: {error}"))
}

/// Leaves in a bundle of any version those witnesses that count. Nothing they say is checked yet.
pub(super) fn witnessed(bundle: &mut Bundle, trust: &Trust) -> Result<(), Reason> {
    refuse_duplicates(bundle)?;
    set_aside(bundle, trust)?;
    refuse_other_kinds(bundle)?;
    refuse_other_origins(bundle)
}

/// The log signed what kind of entry it is; what the bundle says beside it must be the same, since the crate reads by that.
fn refuse_other_kinds(bundle: &Bundle) -> Result<(), Reason> {
    for entry in &bundle.verification_material.tlog_entries {
        let (kind, version) = body::kind_of(entry.canonicalized_body.as_bytes())?;
        if (kind.as_str(), version.as_str()) != (entry.kind_version.kind(), entry.kind_version.version()) {
            let shown: String = format!("{kind} {version}").chars().take(100).collect();
            return Err(format!("log entry of kind {shown} is called {} {}", entry.kind_version.kind(), entry.kind_version.version()));
        }
    }
    Ok(())
}

/// A head of a log of version 2 must name that log, in its text and in the line of its signature: the crate takes any
/// trusted key's word for any log.
fn refuse_other_origins(bundle: &Bundle) -> Result<(), Reason> {
    let tiled = bundle.verification_material.tlog_entries.iter().filter(|entry| entry.kind_version == KindVersion::HashedRekordV002);
    for entry in tiled {
        let Some(head) = entry.inclusion_proof.as_ref().and_then(|proof| proof.checkpoint.checkpoint()) else { continue };
        let id = entry.log_id.key_id.as_bytes();
        let own = head.signatures().iter().any(|line| id.starts_with(line.key_id.as_bytes()) && line.name == head.origin());
        if !own {
            return Err(format!("verifying checkpoint: `{}` is not signed as the log of the entry", head.origin()));
        }
    }
    Ok(())
}

/// Decides; where that comes to nothing, once more without the timestamps that cosign does not look at. (All that the first
/// decision accepts is trusted: it looks at every timestamp.)
pub(super) fn judged(bundle: &mut Bundle, claim: &Claim<'_>, trust: &Trust) -> Result<(), Reason> {
    let decided = decide(bundle, claim, trust);
    if decided.is_ok() || !set_timestamps_aside(bundle, trust)? {
        return decided;
    }
    decide(bundle, claim, trust)
}

/// Lets `sigstore-verify` decide over the typed bundle, then asks whose certificate it was.
pub(super) fn decide(bundle: &Bundle, claim: &Claim<'_>, trust: &Trust) -> Result<(), Reason> {
    let artifact = claim.artifact.clone();
    match claim.signer {
        Signer::Key(key) => {
            let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki().to_vec()));
            trust.verifier().verify(artifact, bundle, &policy).map(drop).map_err(|error| reason(&error))
        }
        Signer::Identity(wanted) => {
            let leaf = claim.leaf.filter(|leaf| Some(&*leaf.der) == bundle.signing_certificate().map(DerCertificate::as_bytes));
            let leaf = leaf.ok_or(NO_CERTIFICATE)?;
            let policy = VerificationPolicy::any_identity();
            let seen = trust.verifier().verify(artifact, bundle, &policy).map_err(|error| reason(&error))?;
            let named = seen.identity().map_or("", |name| name.as_str());
            if identity::matches(wanted, named, seen.issuer().unwrap_or_default()) {
                return Ok(());
            }
            // The crate tells the first name only, and the reason must name them all.
            identity::check(wanted, leaf)
        }
    }
}

/// Checks an envelope without asking any log: the certificate, if it is one, must be valid now.
fn unlogged(leaf: Option<&Leaf>, envelope: &DsseEnvelope, signer: &Signer, trust: &Trust) -> Result<(), Reason> {
    if envelope.payload_type != IN_TOTO {
        return Err(format!("invalid payloadType {} on envelope", envelope.payload_type));
    }
    let key = match signer {
        Signer::Key(key) if leaf.is_none() => key.clone(),
        Signer::Key(_) => return Err("expected key signature, not certificate".to_owned()),
        Signer::Identity(wanted) => certified_now(wanted, leaf.ok_or(NO_CERTIFICATE)?, trust)?,
    };
    let key = key.check().map_err(|error| error.to_string())?;
    key.verify(&envelope.pae(), envelope.signature.sig.as_bytes()).map_err(|_| INVALID_ENVELOPE.to_owned())
}

/// The key of a certificate that is valid now and belongs to whom is wanted.
fn certified_now(wanted: &IdentityMatcher, leaf: &Leaf, trust: &Trust) -> Result<PublicKey, Reason> {
    let now = Timestamp::now();
    if leaf.not_after < now {
        return Err("expected a signed timestamp to verify an expired certificate".to_owned());
    }
    leaf.valid_at(now)?;
    trust.vouches_for(&leaf.certificate, &leaf.der, now)?;
    identity::check(wanted, leaf)?;
    Ok(PublicKey::of_spki(leaf.spki.as_slice()))
}

pub(super) fn leaf(bundle: &Bundle) -> Result<Leaf, Reason> {
    let certificate = bundle.signing_certificate().ok_or(NO_CERTIFICATE)?;
    Leaf::from_der(certificate.as_bytes().to_vec())
}

/// A witness must not be counted twice (CVE-2026-49834).
fn refuse_duplicates(bundle: &Bundle) -> Result<(), Reason> {
    let material = &bundle.verification_material;
    let mut entries = HashSet::new();
    if !material.tlog_entries.iter().all(|entry| entries.insert((entry.log_id.key_id.as_bytes(), entry.log_index))) {
        return Err("duplicate tlog entries found".to_owned());
    }
    let mut timestamps = HashSet::new();
    let tokens = &material.timestamp_verification_data.rfc3161_timestamps;
    if !tokens.iter().all(|timestamp| timestamps.insert(timestamp.signed_timestamp.as_bytes())) {
        return Err("duplicate timestamps found".to_owned());
    }
    Ok(())
}

/// Sets aside entries of logs outside the root, which cosign does not look at and the crate would stumble over. Every entry
/// that stays must have what its version demands.
fn set_aside(bundle: &mut Bundle, trust: &Trust) -> Result<(), Reason> {
    let needs_proof = bundle.media_type != MediaType::Bundle0_1;
    let material = &mut bundle.verification_material;
    material.tlog_entries.retain(|entry| trust.knows_log(entry.log_id.key_id.as_bytes()));
    if material.tlog_entries.is_empty() {
        return Err("not enough verified log entries from transparency log: 0 < 1".to_owned());
    }
    if needs_proof && material.tlog_entries.iter().any(|entry| entry.inclusion_proof.is_none()) {
        return Err("inclusion proof missing in bundle (required for bundle v0.2+)".to_owned());
    }
    match &material.content {
        VerificationMaterialContent::X509CertificateChain { certificates } if certificates.is_empty() => {
            Err("malformed bundle: empty certificate chain".to_owned())
        }
        _ => Ok(()),
    }
}

/// Sets aside, beside a promise that tells the time, the timestamps of authorities outside the root; tells whether there
/// were any. A trusted timestamp stays, and may contradict.
fn set_timestamps_aside(bundle: &mut Bundle, trust: &Trust) -> Result<bool, Reason> {
    let signature = match &bundle.content {
        SignatureContent::DsseEnvelope(envelope) => &envelope.signature.sig,
        SignatureContent::MessageSignature(message) => &message.signature,
        _ => return Err("malformed bundle: unknown content".to_owned()),
    };
    let material = &mut bundle.verification_material;
    let tells_time = material.tlog_entries.iter().any(|entry| {
        entry.kind_version != KindVersion::HashedRekordV002 && entry.inclusion_promise.is_some() && entry.integrated_time.is_some()
    });
    let timestamps = &mut material.timestamp_verification_data.rfc3161_timestamps;
    let before = timestamps.len();
    if tells_time {
        timestamps.retain(|timestamp| trust.stamped_at(&timestamp.signed_timestamp, signature).is_some());
    }
    Ok(timestamps.len() < before)
}

/// The crate's reason in cosign's words, where cosign has words for it.
fn reason(error: &sigstore_verify::Error) -> Reason {
    use sigstore_verify::{CertificateError, Error};
    match error {
        Error::SignatureInvalid(why) if why.contains("DSSE") => INVALID_ENVELOPE.to_owned(),
        Error::SignatureInvalid(_) => "invalid signature when validating ASN.1 encoded signature".to_owned(),
        Error::ArtifactMismatch(_) => format!("no matching subject digest found: {error}"),
        Error::Certificate(CertificateError::Sct(why)) if why.contains("missing SCT") => {
            "certificate does not include required embedded SCT and no detached SCT was set".to_owned()
        }
        Error::Certificate(CertificateError::Expired { time, not_after }) => {
            format!("certificate expired before signatures were entered in log: {not_after} is before {time}")
        }
        other => other.to_string(),
    }
}
