//! Gathers the evidence beside one image, and hands each piece to a check as soon as it is there.
//!
//! Everything is hostile: counts and sizes are bounded before anything is fetched, and a piece that is broken never hides one
//! that is not. "Not there", "broken" and "could not be asked" stay apart.

use std::sync::{Mutex, PoisonError};

use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::sync::Semaphore;

use super::bundle;
use super::evidence::{BundleEvidence, LegacyLayer, Reason};
use super::exhibit::{Exhibit, Exhibits, Grounded};
use super::json::{self, AtMost, Object};
use super::log_search::{Search, Unfound};
use crate::oci::{Budget, Descriptor, Digest, ImageRef, ImageSource, Manifest, Pointer, SourceError};

/// Most layers of a `.sig` or `.att` manifest, as cosign has it.
const MAX_LAYERS: usize = 1000;
/// Most referrers that are looked at.
const MAX_REFERRERS: usize = 1000;
/// Fetches at the same time for one image.
const CONCURRENT: usize = 8;
/// Bytes of payloads held at the same time for one image: the largest payload fits.
const ROOM: u32 = 128 << 20;

/// What became of one piece of evidence.
#[derive(Debug)]
pub(crate) enum Piece<T> {
    /// It holds.
    Verified(T),
    /// It does not hold.
    Rejected(Reason),
    /// It holds, and says nothing that can be read.
    Malformed(Reason),
    /// It could not be asked for.
    Unavailable(String),
    /// It is something else than evidence.
    Other,
}

/// What one path gave.
#[derive(Debug)]
pub(crate) struct Path<T> {
    pub(crate) verified: Vec<T>,
    pub(crate) rejected: Vec<Reason>,
    pub(crate) malformed: Vec<Reason>,
    pub(crate) unavailable: Vec<String>,
    /// Why none of the pieces was looked at.
    pub(crate) fault: Option<Reason>,
}

/// Where evidence is gathered: one image at one source.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    source: &'a dyn ImageSource,
    image: &'a ImageRef,
    budget: &'a Budget,
    room: Semaphore,
    /// What was looked at, where that is to be told.
    exhibits: Option<Mutex<Exhibits>>,
    search: Option<Search<'a>>,
}

/// What an image manifest calls itself, where it does (image-spec, manifest.md; docker, schema 2).
const MANIFESTS: [&str; 2] = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

/// An image manifest, as far as evidence lies in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageManifest {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    layers: AtMost<Object<Descriptor>, MAX_LAYERS>,
    #[serde(default)]
    manifests: Option<IgnoredAny>,
    #[serde(default)]
    fs_layers: Option<IgnoredAny>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(source: &'a dyn ImageSource, image: &'a ImageRef, budget: &'a Budget) -> Self {
        Self { source, image, budget, room: Semaphore::new(ROOM as usize), exhibits: None, search: None }
    }

    /// The same place, which can tell what was looked at.
    pub(crate) fn telling(self) -> Self {
        Self { exhibits: Some(Mutex::default()), ..self }
    }

    /// What was looked at.
    pub(crate) fn exhibits(self) -> Vec<Exhibit> {
        self.exhibits.map(|exhibits| exhibits.into_inner().unwrap_or_else(PoisonError::into_inner).all()).unwrap_or_default()
    }

    fn note<T: Grounded>(&self, kind: &'static str, what: &str, piece: &Piece<T>) {
        let Some(exhibits) = &self.exhibits else { return };
        let reference = format!("{}@{what}", self.image.repository());
        exhibits.lock().unwrap_or_else(PoisonError::into_inner).note(kind, reference, piece);
    }

    /// A place that could not be looked at, or has nothing.
    fn nothing<T: Grounded>(&self, (kind, reference): (&'static str, impl FnOnce() -> String), path: Path<T>) -> Path<T> {
        let Some(exhibits) = &self.exhibits else { return path };
        let (mut exhibits, reference) = (exhibits.lock().unwrap_or_else(PoisonError::into_inner), reference());
        match (&path.fault, path.unavailable.first()) {
            (Some(reason), _) => exhibits.note(kind, reference, &Piece::<T>::Rejected(reason.clone())),
            (None, Some(reason)) => exhibits.note(kind, reference, &Piece::<T>::Unavailable(reason.clone())),
            (None, None) => exhibits.absent(kind, reference),
        }
        path
    }

    /// The same place, where log entries that are not attached are searched.
    pub(crate) fn searching(self, search: Option<Search<'a>>) -> Self {
        Self { search, ..self }
    }

    /// Every layer of the manifest at cosign's tag for the image (`sha256-<hex>.<suffix>`).
    pub(crate) async fn legacy<T: Grounded + Send>(&self, suffix: &str, check: impl Fn(LegacyLayer) -> Piece<T> + Sync) -> Path<T> {
        let name = format!("sha256-{}.{suffix}", self.image.digest().hex());
        let tag = Pointer::Tag(name);
        let place = ("tag", || tag.name_in(self.image.repository()));
        let manifest = match self.source.manifest(self.image.repository(), &tag, self.budget).await {
            Ok(Some(manifest)) => manifest,
            Ok(None) | Err(SourceError::Absent { .. }) => return self.nothing(place, Path::empty()),
            Err(error) => return self.nothing(place, Path::failed(error)),
        };
        let layers = match read_layers(&manifest) {
            Ok(layers) => layers,
            Err(reason) => return self.nothing(place, Path { fault: Some(reason), ..Path::empty() }),
        };
        let (check, kind) = (&check, if suffix == "att" { "attestation layer" } else { "signature layer" });
        let pieces = layers.into_iter().map(|layer| async move {
            let digest = layer.digest.clone();
            let piece = match self.blob(&layer).await {
                Ok(blob) => {
                    let annotations = layer.annotations.unwrap_or_default();
                    let layer = LegacyLayer { media_type: layer.media_type, payload: blob.bytes, annotations };
                    self.completed(layer).await.map_or_else(Failed::into_piece, check)
                }
                Err(failed) => failed.into_piece(),
            };
            self.note(kind, &digest, &piece);
            piece
        });
        Path::of(looked_at(pieces).await)
    }

    /// Every sigstore bundle among the image's referrers.
    pub(crate) async fn bundles<T: Grounded + Send>(&self, check: impl Fn(&BundleEvidence) -> Piece<T> + Sync) -> Path<T> {
        let place = ("referrers", || self.image.to_string());
        let referrers = match self.source.referrers(self.image.repository(), self.image.digest(), self.budget).await {
            Ok(referrers) => referrers,
            Err(SourceError::Absent { .. }) => return self.nothing(place, Path::empty()),
            Err(error) => return self.nothing(place, Path::failed(error)),
        };
        if referrers.is_empty() {
            return self.nothing(place, Path::empty());
        }
        if referrers.len() > MAX_REFERRERS {
            let reason = format!("number of referrers ({}) exceeded the limit ({MAX_REFERRERS})", referrers.len());
            return self.nothing(place, Path { fault: Some(reason), ..Path::empty() });
        }
        let check = &check;
        let pieces = referrers.into_iter().map(|referrer| async move {
            let piece = match self.bundle(&referrer).await {
                Ok(Some(blob)) if bundle::counts(&blob.bytes) => check(&BundleEvidence { json: blob.bytes }),
                Ok(_) => Piece::Other,
                Err(failed) => failed.into_piece(),
            };
            self.note("bundle", &referrer.digest, &piece);
            piece
        });
        Path::of(looked_at(pieces).await)
    }

    /// The blob of a referrer that could be a bundle: exactly one layer, of a bundle's media type.
    async fn bundle(&self, referrer: &Descriptor) -> Result<Option<Blob<'_>>, Failed> {
        let Ok(digest) = referrer.digest.parse::<Digest>() else { return Ok(None) };
        let manifest = match self.source.manifest(self.image.repository(), &Pointer::Digest(digest), self.budget).await {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // "If the size of the content differs from the descriptor's, the content should not be trusted" (descriptor.md).
        if u64::try_from(referrer.size) != Ok(manifest.bytes.len() as u64) {
            return Ok(None);
        }
        match read_layers(&manifest).unwrap_or_default().as_slice() {
            [layer] if layer.media_type.starts_with(bundle::MEDIA_TYPE_PREFIX) => self.blob(layer).await.map(Some),
            _ => Ok(None),
        }
    }

    /// The layer with its log entry, searched where that is allowed.
    async fn completed(&self, mut layer: LegacyLayer) -> Result<LegacyLayer, Failed> {
        if let Some(search) = &self.search {
            search.complete(&mut layer, self.budget).await?;
        }
        Ok(layer)
    }

    /// The content that `descriptor` states, of exactly the size that it states.
    async fn blob(&self, descriptor: &Descriptor) -> Result<Blob<'_>, Failed> {
        let size = u32::try_from(descriptor.size).ok().filter(|size| u64::from(*size) <= Budget::MAX_PAYLOAD);
        let Some(size) = size else {
            return Err(Failed::Rejected(format!("size of layer ({}) exceeded the limit ({})", descriptor.size, Budget::MAX_PAYLOAD)));
        };
        let digest: Digest = descriptor.digest.parse().map_err(|error| Failed::Rejected(format!("digest of layer: {error}")))?;
        let room = self.room.acquire_many(size).await.map_err(|_| Failed::Unavailable("verification ended".to_owned()))?;
        let bytes = self.source.blob(self.image.repository(), &digest, u64::from(size), self.budget).await?;
        if bytes.len() as u64 != u64::from(size) {
            return Err(Failed::Rejected(format!("size of layer: expected {size}, got {}", bytes.len())));
        }
        Ok(Blob { bytes, _room: room })
    }
}

/// Every piece, some at a time, in their order. Lets go of the thread now and then, though nothing is waited for: it may be
/// that of a caller, who has a deadline.
async fn looked_at<T>(mut pieces: impl ExactSizeIterator<Item = impl Future<Output = Piece<T>>>) -> Vec<Piece<T>> {
    if pieces.len() == 1
        && let Some(only) = pieces.next()
    {
        return vec![only.await];
    }
    let (mut looking, mut found) = (stream::iter(pieces).buffered(CONCURRENT), Vec::new());
    while let Some(piece) = looking.next().await {
        found.push(piece);
        if found.len().is_multiple_of(CONCURRENT) {
            tokio::task::yield_now().await;
        }
    }
    found
}

/// A blob that occupies its room until it is dropped.
struct Blob<'a> {
    bytes: std::sync::Arc<[u8]>,
    _room: tokio::sync::SemaphorePermit<'a>,
}

/// Why there is no blob.
enum Failed {
    Rejected(Reason),
    Unavailable(String),
}

impl Failed {
    fn into_piece<T>(self) -> Piece<T> {
        match self {
            Self::Rejected(reason) => Piece::Rejected(reason),
            Self::Unavailable(reason) => Piece::Unavailable(reason),
        }
    }
}

impl From<SourceError> for Failed {
    fn from(error: SourceError) -> Self {
        let text = error.to_string();
        match error {
            SourceError::Unavailable { .. } => Self::Unavailable(text),
            SourceError::Absent { .. } | SourceError::Violation { .. } => Self::Rejected(text),
        }
    }
}

impl From<Unfound> for Failed {
    fn from(unfound: Unfound) -> Self {
        match unfound {
            Unfound::Rejected(reason) => Self::Rejected(reason),
            Unfound::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

fn read_layers(manifest: &Manifest) -> Result<Vec<Descriptor>, Reason> {
    let ImageManifest { media_type, layers, manifests, fs_layers } =
        json::object(&manifest.bytes).map_err(|error| format!("manifest: {error}"))?;
    // What is a manifest to one reader and an index to another is neither (GHSA-77vh-xpmg-72qh).
    let other = media_type.as_deref().is_some_and(|own| !own.is_empty() && !MANIFESTS.contains(&own));
    if other || manifests.is_some() || fs_layers.is_some() {
        return Err("manifest: it is not, or not only, an image manifest".to_owned());
    }
    if layers.total > MAX_LAYERS {
        return Err(format!("number of layers ({}) exceeded the limit ({MAX_LAYERS})", layers.total));
    }
    Ok(layers.items.into_iter().map(|Object(layer)| layer).collect())
}

impl<T> Path<T> {
    /// A path that has nothing to show.
    pub(crate) fn empty() -> Self {
        Self { verified: Vec::new(), rejected: Vec::new(), malformed: Vec::new(), unavailable: Vec::new(), fault: None }
    }

    fn failed(error: SourceError) -> Self {
        match error.into() {
            Failed::Rejected(reason) => Self { fault: Some(reason), ..Self::empty() },
            Failed::Unavailable(reason) => Self { unavailable: vec![reason], ..Self::empty() },
        }
    }

    fn of(pieces: Vec<Piece<T>>) -> Self {
        let mut path = Self::empty();
        for piece in pieces {
            match piece {
                Piece::Verified(found) => path.verified.push(found),
                Piece::Rejected(reason) => path.rejected.push(reason),
                Piece::Malformed(reason) => path.malformed.push(reason),
                Piece::Unavailable(reason) => path.unavailable.push(reason),
                Piece::Other => {}
            }
        }
        path
    }
}
