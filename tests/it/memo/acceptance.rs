//! The ten features that no peer has (those that concern the cache), each shown at a verifier over a registry with faults and
//! under a clock that the tests set. Persistence has its own tests, of the store and of the command line.

mod canary;
mod credentials;
mod expiry;
mod leader;
mod receipts;
mod refresh;
mod revalidation;
mod revocation;
mod revocations;
mod stale;
mod trust_epoch;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use vidimus::memo::TimesToLive;
use vidimus::oci::{Credentials, ImageSource, Registry, RegistryOptions};
use vidimus::verify::{
    Answer, LogRequirement, PreparedRequest, PublicKey, Question, ReceiptKind, Signer, Trust, Verifier, VerifierConfig, VerifyError,
    VerifyRequest,
};

use super::clock::FakeClock;
use crate::testkit::TestRegistry;
use crate::testkit::signer::{Layer, TestKey, push_image, push_legacy};

const REPOSITORY: &str = "acme/web";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Lets others work until `done` says so; a test that hangs here would hang for a slow machine only.
fn wait_until(done: impl Fn() -> bool) {
    let end = soon();
    while !done() {
        assert!(Instant::now() < end, "waited in vain");
        thread::yield_now();
    }
}

/// A client that nobody knows.
fn network() -> Arc<dyn ImageSource> {
    Arc::new(Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap())
}

/// A signed image in a registry, and a verifier that remembers for an hour.
struct Scene {
    registry: TestRegistry,
    clock: FakeClock,
    verifier: Verifier,
    key: TestKey,
    image: String,
}

impl Scene {
    fn new(change: impl FnOnce(&mut VerifierConfig)) -> Self {
        Self::asking(network(), change)
    }

    fn asking(source: Arc<dyn ImageSource>, change: impl FnOnce(&mut VerifierConfig)) -> Self {
        let (registry, clock, key) = (TestRegistry::start(), FakeClock::new(), TestKey::p256());
        let mut config = VerifierConfig { times_to_live: TimesToLive::new(Some(Duration::from_secs(HOUR))), ..VerifierConfig::default() };
        config.clock = Arc::new(clock.clone());
        change(&mut config);
        let verifier = Verifier::new(source, Trust::public_good().unwrap(), config).unwrap();
        let image = push_image(&registry, REPOSITORY, "v1");
        let scene = Self { registry, clock, verifier, key, image };
        scene.sign(&scene.image);
        scene
    }

    fn sign(&self, image: &str) {
        push_legacy(&self.registry, REPOSITORY, (image, "sig"), &[Layer::of_image(&self.key, image)]);
    }

    /// Puts something at the image's tag that is no signature of it.
    fn unsign(&self) {
        push_legacy(&self.registry, REPOSITORY, (&self.image, "sig"), &[Layer::of_image(&TestKey::p256(), &self.image)]);
    }

    fn request(&self, image: &str) -> VerifyRequest {
        let image = format!("{}/{REPOSITORY}@{image}", self.registry.host()).parse().unwrap();
        let signer = Signer::Key(PublicKey::from_pem(&self.key.pem()).unwrap());
        VerifyRequest { image, question: Question::Image, signer, log: LogRequirement::Ignored }
    }

    fn ask(&self) -> Result<Answer, VerifyError> {
        self.verifier.verify(&self.request(&self.image), soon())
    }

    /// How the answer was come by; anything but a success is a failure of the test.
    fn kind(&self) -> ReceiptKind {
        self.ask().unwrap().receipt.kind
    }

    /// The registry is down, as far as one can ask.
    fn registry_goes_down(&self) {
        self.registry.inject(crate::testkit::Fault::status(503));
    }
}

fn is_unavailable(answer: &Result<Answer, VerifyError>) -> bool {
    matches!(answer, Err(VerifyError::Unavailable(_)))
}

fn is_rejected(answer: &Result<Answer, VerifyError>) -> bool {
    matches!(answer, Err(VerifyError::Rejected(_)))
}
