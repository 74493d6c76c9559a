//! The decision over one image: which path is asked when, and what its answers come to.
//!
//! Bundles come first; where one verifies, its entries are the answer and `.sig` is not asked. Attestations are the union of
//! both paths. Where nothing verifies, one piece that could not be asked for makes the answer *unavailable*.

use super::evidence::{BundleEvidence, LegacyLayer, Reason};
use super::gather::{Piece, Place};
use super::key::KeyCheck;
use super::{Attestation, LogRequirement, Question, Signature, Signer, Trust, Verified, VerifyError, VerifyRequest};
use super::{bundle, claims, legacy, logged, wording};
use crate::oci::Digest;

/// One question, made ready to judge evidence.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    request: &'a VerifyRequest,
    trust: &'a Trust,
    /// Where a long-lived key alone decides.
    key: Option<&'a KeyCheck>,
}

/// A success, and whether it rests on everything that there is.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) verified: Verified,
    /// False where some evidence could not be asked for: the answer holds, but the next one may say more.
    pub(crate) complete: bool,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(request: &'a VerifyRequest, trust: &'a Trust) -> Result<Self, VerifyError> {
        let key = match (&request.signer, &request.log) {
            (Signer::Key(key), LogRequirement::Ignored) => Some(key.check().map_err(|error| VerifyError::Invalid(error.to_string()))?),
            _ => None,
        };
        Ok(Self { request, trust, key })
    }

    /// Gathers what there is at `place` and decides.
    pub(crate) async fn decide(&self, place: &Place<'_>) -> Result<Finding, VerifyError> {
        match self.request.question {
            Question::Image => self.image(place).await,
            Question::Attestation => self.attestations(place).await,
        }
    }

    async fn image(&self, place: &Place<'_>) -> Result<Finding, VerifyError> {
        let bundles = place.bundles(|evidence| self.bundle(evidence)).await;
        if !bundles.verified.is_empty() {
            // conforma wraps nothing but the payload here: one empty entry for each verified bundle.
            let signatures = bundles.verified.iter().map(Attestation::unnamed).collect();
            return Ok(Finding::signed(signatures, bundles.unavailable.is_empty()));
        }
        let layers = place.legacy("sig", |layer| self.signature(&layer)).await;
        let unavailable = [bundles.unavailable.as_slice(), layers.unavailable.as_slice()].concat();
        if !layers.verified.is_empty() {
            return Ok(Finding::signed(layers.verified, unavailable.is_empty()));
        }
        if !unavailable.is_empty() {
            return Err(VerifyError::Unavailable(wording::unavailable(&unavailable)));
        }
        Err(VerifyError::Rejected(wording::no_signature(&bundles, &layers)))
    }

    async fn attestations(&self, place: &Place<'_>) -> Result<Finding, VerifyError> {
        let bundles = place.bundles(|evidence| self.bundle(evidence));
        let layers = place.legacy("att", |layer| self.attestation(&layer));
        let (mut bundles, mut layers) = futures_util::future::join(bundles, layers).await;
        let malformed = [bundles.malformed.as_slice(), layers.malformed.as_slice()].concat();
        if !malformed.is_empty() {
            return Err(VerifyError::Rejected(wording::malformed(&malformed)));
        }
        let unavailable = [bundles.unavailable.as_slice(), layers.unavailable.as_slice()].concat();
        let mut attestations = std::mem::take(&mut bundles.verified);
        attestations.append(&mut layers.verified);
        if !attestations.is_empty() {
            let verified = Verified::new(Vec::new(), attestations);
            return Ok(Finding { verified, complete: unavailable.is_empty() });
        }
        if !unavailable.is_empty() {
            return Err(VerifyError::Unavailable(wording::unavailable(&unavailable)));
        }
        Err(VerifyError::Rejected(wording::no_attestation(&bundles, &layers)))
    }

    fn digest(&self) -> &Digest {
        self.request.image.digest()
    }

    fn bundle(&self, evidence: &BundleEvidence) -> Piece<Attestation> {
        let checked = match self.key {
            Some(key) => bundle::check(evidence, self.digest(), key),
            None => logged::bundle(evidence, self.digest(), self.request, self.trust),
        };
        match checked {
            Ok(attestation) if self.request.question == Question::Attestation => {
                readable(claims::bundle_statement_type(&attestation.statement), attestation)
            }
            Ok(attestation) => Piece::Verified(attestation),
            Err(reason) => Piece::Rejected(reason),
        }
    }

    fn signature(&self, layer: &LegacyLayer) -> Piece<Signature> {
        let checked = match self.key {
            Some(key) if !legacy::has_certificate(layer) => legacy::image(layer, self.digest(), key),
            _ => logged::legacy_image(layer, self.digest(), self.request, self.trust),
        };
        checked.map_or_else(Piece::Rejected, Piece::Verified)
    }

    fn attestation(&self, layer: &LegacyLayer) -> Piece<Attestation> {
        let checked = match self.key {
            Some(key) if !legacy::has_certificate(layer) => legacy::attestation(layer, self.digest(), key),
            _ => logged::legacy_attestation(layer, self.digest(), self.request, self.trust),
        };
        match checked {
            Ok(attestation) => readable(legacy::media_type(layer), attestation),
            Err(reason) => Piece::Rejected(reason),
        }
    }
}

/// A verified attestation that conforma cannot read fails the whole answer: it is never passed over.
fn readable(read: Result<(), Reason>, attestation: Attestation) -> Piece<Attestation> {
    match read {
        Ok(()) => Piece::Verified(attestation),
        Err(reason) => Piece::Malformed(reason),
    }
}

impl Finding {
    fn signed(signatures: Vec<Signature>, complete: bool) -> Self {
        Self { verified: Verified::new(signatures, Vec::new()), complete }
    }
}
