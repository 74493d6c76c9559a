//! Feature 1: what an answer rests on is in its key, resolved: rotated keys and replaced roots are misses at once.

use std::sync::Mutex;

use serde_json::json;
use vidimus::memo::{EmbeddedStore, Seal, Vault};
use vidimus::verify::{KeyReference, KeyReferences, UnreadKey};
use vidimus::{CompileOptions, Component, Engine, EngineConfig, EvaluateOptions};

use super::*;
use crate::testkit::forge::Forge;

/// One key file whose bytes change.
#[derive(Debug, Clone, Default)]
struct Rotating(Arc<Mutex<String>>);

impl KeyReferences for Rotating {
    fn read(&self, _reference: &KeyReference<'_>) -> Result<String, UnreadKey> {
        Ok(self.0.lock().unwrap().clone())
    }
}

#[test]
fn rotating_the_bytes_behind_an_unchanged_reference_is_a_miss_at_once() {
    let scene = Scene::new(|_| {});
    let (keys, next) = (Rotating::default(), TestKey::p256());
    scene.key.pem().clone_into(&mut keys.0.lock().unwrap());
    let config = EngineConfig { key_references: Arc::new(keys.clone()), ..EngineConfig::new(network(), Trust::public_good().unwrap()) };
    let engine = Engine::new(config).unwrap();
    let query = r#"ec.sigstore.verify_image(input.ref, {"public_key": "cosign.pub", "ignore_rekor": true}).success"#;
    let policy = engine.compile(&[], &CompileOptions { query: Some(query.to_owned()), ..CompileOptions::default() }).unwrap();
    let reference = format!("{}/{REPOSITORY}@{}", scene.registry.host(), scene.image);
    let component = Component::new("it", json!({ "ref": reference })).unwrap();
    let ask = || policy.evaluate(&component, &EvaluateOptions::lasting(Duration::from_mins(1))).result().cloned();
    assert_eq!((ask(), ask()), (Some(json!(true)), Some(json!(true))));
    assert_eq!((engine.stats().verifications, engine.stats().memo.hits), (1, 1));
    next.pem().clone_into(&mut keys.0.lock().unwrap());
    assert_eq!(ask(), Some(json!(false)), "the very next call");
    assert_eq!((engine.stats().verifications, engine.stats().memo.hits), (2, 1));
    scene.key.pem().clone_into(&mut keys.0.lock().unwrap());
    assert_eq!(ask(), Some(json!(true)));
    assert_eq!((engine.stats().verifications, engine.stats().memo.hits), (2, 2), "and back: the old key's answer is still its own");
}

#[test]
fn two_verifiers_with_other_roots_share_nothing_though_they_share_a_store() {
    let scene = Scene::new(|_| {});
    let directory = tempfile::tempdir().unwrap();
    let vault = || {
        let store = EmbeddedStore::open(directory.path()).unwrap();
        Arc::new(Vault::new(store, Seal::new(&[7; 32]), |warning| panic!("{warning}")))
    };
    let roots = [Forge::new(), Forge::new()].map(|forge| forge.trusted_root().to_string());
    let verifier = |root: &str| {
        let config = VerifierConfig { vault: Some(vault()), ..VerifierConfig::default() };
        Verifier::new(network(), Trust::from_json(root).unwrap(), config).unwrap()
    };
    let [one, other] = roots;
    let request = scene.request(&scene.image);
    let first = verifier(&one);
    let epoch = first.verify(&request, soon()).unwrap().receipt.epoch;
    assert!(first.flush(soon()));
    drop(first);
    let second = verifier(&other).verify(&request, soon()).unwrap();
    assert_eq!(second.receipt.kind, ReceiptKind::Fresh);
    assert_ne!(second.receipt.epoch, epoch);
    let again = verifier(&one).verify(&request, soon()).unwrap();
    assert_eq!((again.receipt.kind, again.receipt.epoch), (ReceiptKind::Hit, epoch), "the first one's own is still there");
}
