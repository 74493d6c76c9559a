//! A made-up sigstore whose evidence differs from good evidence by one fault each.

mod ambiguous;
mod bundles;
mod certificates;
mod entries;
mod roots;
mod search;
mod tiled;
mod timestamps;
mod uncommon_keys;

use serde_json::{Value, json};
use vidimus::verify::{IdentityMatcher, Matcher, Signature};

use super::*;
use crate::testkit::forge::{self, ENTRY, Forge, IDENTITY, ISSUED, ISSUER, LOGGED, Leaf, Log, Stamp, Stamping};
use crate::testkit::signer::{DSSE, IN_TOTO, SIGNATURE, digest_of, envelope, push_bundle, statement};

/// An image of a registry whose signers have their certificates from a made-up sigstore.
struct Workshop {
    forge: Forge,
    registry: TestRegistry,
    image: String,
    key: TestKey,
}

impl Workshop {
    fn new() -> Self {
        let registry = TestRegistry::start();
        let image = push_image(&registry, REPOSITORY, "v1");
        Self { forge: Forge::new(), registry, image, key: TestKey::p256() }
    }

    fn leaf(&self) -> Vec<u8> {
        self.forge.issue(&Leaf::default(), &self.key)
    }

    fn wanted() -> Signer {
        let exact = |text: &str| vec![Matcher::Exact(text.to_owned())];
        Signer::Identity(IdentityMatcher { identity: exact(IDENTITY), issuer: exact(ISSUER) })
    }

    fn key_signer(&self) -> Signer {
        Signer::Key(PublicKey::from_pem(&self.key.pem()).unwrap())
    }

    fn trust(&self) -> Trust {
        Trust::from_json(&self.forge.trusted_root().to_string()).unwrap()
    }

    fn ask(&self, question: Question, signer: Signer, log: LogRequirement) -> Result<Answer, VerifyError> {
        let image = format!("{}/{REPOSITORY}@{}", self.registry.host(), self.image).parse().unwrap();
        let verifier = Verifier::new(network(), self.trust(), VerifierConfig::default()).unwrap();
        verifier.verify(&VerifyRequest { image, question, signer, log }, soon())
    }

    fn image_signed(&self, layer: Layer) -> Result<Answer, VerifyError> {
        self.image_signed_by(Self::wanted(), layer)
    }

    fn image_signed_by(&self, signer: Signer, layer: Layer) -> Result<Answer, VerifyError> {
        push_legacy(&self.registry, REPOSITORY, (&self.image, "sig"), &[layer]);
        self.ask(Question::Image, signer, required())
    }

    fn image_attested(&self, layer: Layer) -> Result<Answer, VerifyError> {
        push_legacy(&self.registry, REPOSITORY, (&self.image, "att"), &[layer]);
        self.ask(Question::Attestation, Self::wanted(), required())
    }

    fn bundled(&self, bundle: &Value) -> Result<Answer, VerifyError> {
        push_bundle(&self.registry, REPOSITORY, &self.image, bundle);
        self.ask(Question::Image, Self::wanted(), required())
    }

    fn bundle(&self) -> Value {
        self.forge.bundle(&self.key, Some(&self.leaf()), &statement(&self.image, "t"))
    }
}

fn required() -> LogRequirement {
    LogRequirement::Required { log_key: None, search: None }
}

/// What becomes of a bundle that is changed in one way.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let workshop = Workshop::new();
    let mut bundle = workshop.bundle();
    change(&mut bundle);
    rejection(workshop.bundled(&bundle))
}

/// What becomes of a signature by a certificate that is different in one way.
fn issued(change: impl FnOnce(&mut Leaf)) -> (String, String) {
    let workshop = Workshop::new();
    let mut leaf = Leaf::default();
    change(&mut leaf);
    let leaf = workshop.forge.issue(&leaf, &workshop.key);
    let legacy = rejection(workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)));
    let bundle = workshop.forge.bundle(&workshop.key, Some(&leaf), &statement(&workshop.image, "t"));
    (legacy, rejection(workshop.bundled(&bundle)))
}

fn attestation(workshop: &Workshop) -> Value {
    envelope(&[&workshop.key], IN_TOTO, statement(&workshop.image, "t").to_string().as_bytes())
}

fn rekord_of(workshop: &Workshop, layer: &Layer, leaf: &[u8]) -> String {
    use base64::Engine as _;
    let signature = base64::engine::general_purpose::STANDARD.decode(&layer.annotations[SIGNATURE]).unwrap();
    workshop.forge.log.enter(&forge::rekord(&layer.payload, &signature, &forge::pem(leaf))).annotation()
}

#[test]
fn good_evidence_is_accepted_in_every_form() {
    let workshop = Workshop::new();
    let leaf = workshop.leaf();
    let good = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    workshop.image_signed(good).unwrap();
    workshop.bundled(&workshop.bundle()).unwrap();
    let keyed = workshop.forge.signed(&workshop.key, None, &workshop.image);
    workshop.image_signed_by(workshop.key_signer(), keyed).unwrap();
}
