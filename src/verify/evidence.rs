//! What is found beside an image and may prove something: layers of cosign's legacy tags, and sigstore bundles.
//!
//! Everything here was fetched, hashed and bounded; nothing here is believed yet.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a piece of evidence does not hold, in cosign's words.
pub(crate) type Reason = String;

/// One layer of a `.sig` or `.att` manifest.
#[derive(Debug, Clone)]
pub(crate) struct LegacyLayer {
    /// Media type in the descriptor; cosign does not look at it, conforma does for attestations.
    pub(crate) media_type: String,
    /// The exact bytes of the layer, of the digest and size that the descriptor states.
    pub(crate) payload: Arc<[u8]>,
    /// Annotations of the descriptor: signature, certificate, chain, log entry.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A sigstore bundle of version 0.3 or later, from a referrer of the image.
#[derive(Debug, Clone)]
pub(crate) struct BundleEvidence {
    /// The exact bytes of the bundle.
    pub(crate) json: Arc<[u8]>,
}
