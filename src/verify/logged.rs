//! Evidence that rests on certificates or transparency logs. Not judged yet, hence refused.

use super::evidence::{BundleEvidence, LegacyLayer, Reason};
use super::{Attestation, Signature, Trust, VerifyRequest};
use crate::oci::Digest;

const UNSUPPORTED: &str = "certificate identities and transparency logs are not supported yet";

/// Checks one layer of a `.sig` manifest.
pub(crate) fn legacy_image(_: &LegacyLayer, _: &Digest, _: &VerifyRequest, _: &Trust) -> Result<Signature, Reason> {
    Err(UNSUPPORTED.to_owned())
}

/// Checks one layer of an `.att` manifest.
pub(crate) fn legacy_attestation(_: &LegacyLayer, _: &Digest, _: &VerifyRequest, _: &Trust) -> Result<Attestation, Reason> {
    Err(UNSUPPORTED.to_owned())
}

/// Checks one bundle.
pub(crate) fn bundle(_: &BundleEvidence, _: &Digest, _: &VerifyRequest, _: &Trust) -> Result<Attestation, Reason> {
    Err(UNSUPPORTED.to_owned())
}
