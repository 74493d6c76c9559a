//! The verifier, from outside: what it accepts, why it refuses, what it asks for and what it remembers.

mod attacks;
mod beginning;
mod bundles;
mod claims;
mod forged;
mod keyed;
mod keyless;
mod keys;
mod layers;
mod memory;
mod paths;
mod refresh;
mod unavailable;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vidimus::oci::{Credentials, ImageSource, Registry, RegistryOptions};
use vidimus::verify::{
    Answer, LogRequirement, NoKeyReferences, PublicKey, Question, Signer, SignerOptions, Trust, Verifier, VerifierConfig, VerifyError,
    VerifyRequest,
};

use crate::testkit::TestRegistry;
use crate::testkit::signer::{Layer, TestKey, push_image, push_legacy};

/// Far enough for a slow machine; no test gets there.
const LONG: Duration = Duration::from_secs(30);

const REPOSITORY: &str = "acme/web";

fn soon() -> Instant {
    Instant::now() + LONG
}

/// A client that nobody knows.
fn network() -> Arc<dyn ImageSource> {
    Arc::new(Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap())
}

fn verifier(source: Arc<dyn ImageSource>) -> Verifier {
    Verifier::new(source, Trust::public_good().unwrap(), VerifierConfig::default()).unwrap()
}

/// One image in a registry, one key, and a verifier that asks there.
struct Scene {
    registry: TestRegistry,
    verifier: Verifier,
    key: TestKey,
    image: String,
}

impl Scene {
    fn new() -> Self {
        Self::signed_by(TestKey::p256())
    }

    fn signed_by(key: TestKey) -> Self {
        let registry = TestRegistry::start();
        let image = push_image(&registry, REPOSITORY, "v1");
        Self { registry, verifier: verifier(network()), key, image }
    }

    /// Puts layers at the tag that ends in `suffix`.
    fn attach(&self, suffix: &str, layers: &[Layer]) {
        push_legacy(&self.registry, REPOSITORY, (&self.image, suffix), layers);
    }

    /// Signs the image the legacy way.
    fn sign(&self) {
        self.attach("sig", &[Layer::of_image(&self.key, &self.image)]);
    }

    fn request(&self, question: Question) -> VerifyRequest {
        let image = format!("{}/{REPOSITORY}@{}", self.registry.host(), self.image).parse().unwrap();
        let signer = Signer::Key(PublicKey::from_pem(&self.key.pem()).unwrap());
        VerifyRequest { image, question, signer, log: LogRequirement::Ignored }
    }

    fn ask(&self, question: Question) -> Result<Answer, VerifyError> {
        self.verifier.verify(&self.request(question), soon())
    }

    fn image(&self) -> Result<Answer, VerifyError> {
        self.ask(Question::Image)
    }

    fn attestation(&self) -> Result<Answer, VerifyError> {
        self.ask(Question::Attestation)
    }
}

/// The reason of a rejection; anything else is a failure of the test.
fn rejection(answer: Result<Answer, VerifyError>) -> String {
    match answer {
        Err(VerifyError::Rejected(reason)) => reason,
        other => panic!("expected a rejection, got {other:?}"),
    }
}

fn unavailability(answer: Result<Answer, VerifyError>) -> String {
    match answer {
        Err(VerifyError::Unavailable(reason)) => reason,
        other => panic!("expected an unavailability, got {other:?}"),
    }
}
