//! Sources of images: what they answer, and what they refuse.

mod both;
mod credentials;
mod hostile;
mod layout;
mod paging;
mod reference;
mod registry;
mod requests;
mod sources;
mod tokens;

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use vidimus::oci::{Blocking, Budget, Credentials, Digest, ImageSource, Registry, RegistryOptions, Repository, SourceError};

use crate::testkit::TestRegistry;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Far enough for a slow machine; no test gets there.
const LONG: Duration = Duration::from_secs(30);

/// One bridge for all tests: connections belong to the runtime that opened them.
static BRIDGE: LazyLock<Blocking> = LazyLock::new(|| Blocking::new().unwrap());

fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    BRIDGE.run(Instant::now() + LONG, work).unwrap()
}

fn budget() -> Budget {
    Budget::lasting(LONG)
}

fn repository(text: &str) -> Repository {
    text.parse().unwrap()
}

fn digest(text: &str) -> Digest {
    text.parse().unwrap()
}

/// A client that nobody knows.
fn anonymous() -> Registry {
    client(Credentials::anonymous())
}

fn client(credentials: Credentials) -> Registry {
    Registry::new(RegistryOptions { credentials, plain_http: std::collections::BTreeSet::new() }).unwrap()
}

/// Docker's configuration file with `config`, and the credentials in it.
fn stored(config: &serde_json::Value) -> Credentials {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config.to_string()).unwrap();
    Credentials::from_docker_config(file.path()).unwrap()
}

/// A registry with one image, and everything needed to ask for it.
struct Scene {
    registry: TestRegistry,
    repository: Repository,
    image: Digest,
    blob: Digest,
}

impl Scene {
    fn new() -> Self {
        let registry = TestRegistry::start();
        let blob = registry.push_blob("acme/app", &[7; 4096]);
        let manifest = format!(r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","layers":[{{"digest":"{blob}","size":4096}}]}}"#);
        let image = registry.push_manifest("acme/app", Some("v1"), (IMAGE, manifest.as_bytes()));
        let repository = repository(&format!("{}/acme/app", registry.host()));
        Self { image: digest(&image), blob: digest(&blob), registry, repository }
    }

    /// Asks for the blob.
    fn blob(&self, source: &Registry, time: Duration) -> Result<Arc<[u8]>, SourceError> {
        let (source, repository, blob) = (source.clone(), self.repository.clone(), self.blob);
        run(async move { source.blob(&repository, &blob, 4096, &Budget::lasting(time)).await })
    }

    /// Asks for the manifest, by digest.
    fn manifest(&self, source: &Registry) -> Result<Option<Digest>, SourceError> {
        self.manifest_at(source, &vidimus::oci::Pointer::Digest(self.image))
    }

    fn manifest_at(&self, source: &Registry, pointer: &vidimus::oci::Pointer) -> Result<Option<Digest>, SourceError> {
        let (source, repository, pointer) = (source.clone(), self.repository.clone(), pointer.clone());
        run(async move { source.manifest(&repository, &pointer, &budget()).await.map(|m| m.map(|m| m.digest)) })
    }

    /// Asks who refers to the image; gives the digests.
    fn referrers(&self, source: &Registry) -> Result<Vec<String>, SourceError> {
        let (source, repository, image) = (source.clone(), self.repository.clone(), self.image);
        let found = run(async move { source.referrers(&repository, &image, &budget()).await })?;
        Ok(found.into_iter().map(|descriptor| descriptor.digest).collect())
    }

    /// Pushes `count` manifests that refer to the image.
    fn refer(&self, count: usize) -> Vec<String> {
        let mut pushed: Vec<_> = (0..count).map(|n| self.refer_once(n)).collect();
        pushed.sort();
        pushed
    }

    fn refer_once(&self, n: usize) -> String {
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","layers":[],"subject":{{"digest":"{}"}},"annotations":{{"n":"{n}"}}}}"#,
            self.image
        );
        self.registry.push_manifest("acme/app", None, (IMAGE, manifest.as_bytes()))
    }
}

fn reason(error: &SourceError) -> &str {
    match error {
        SourceError::Unavailable { reason, .. } | SourceError::Violation { reason, .. } => reason,
        _ => "",
    }
}

fn is_unavailable<T>(answer: &Result<T, SourceError>, part: &str) -> bool {
    matches!(answer, Err(SourceError::Unavailable { reason, .. }) if reason.contains(part))
}

fn is_violation<T>(answer: &Result<T, SourceError>, part: &str) -> bool {
    matches!(answer, Err(SourceError::Violation { reason, .. }) if reason.contains(part))
}
