//! Entries of a log of version 2: heads, places in the tree and bodies that are wrong in one part.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::testkit::forge::TiledLog;

/// A good bundle of a certificate, or of the key alone.
fn good(workshop: &Workshop, certified: bool) -> Value {
    let leaf = certified.then(|| workshop.leaf());
    workshop.forge.tiled_bundle(&workshop.key, leaf.as_deref(), (&statement(&workshop.image, "t"), &[Stamping::default()]))
}

fn ask(workshop: &Workshop, certified: bool, bundle: &Value) -> Result<Answer, VerifyError> {
    push_bundle(&workshop.registry, REPOSITORY, &workshop.image, bundle);
    workshop.ask(Question::Image, if certified { Workshop::wanted() } else { workshop.key_signer() }, required())
}

/// What becomes of a bundle whose entry is changed, by a certificate and by a key.
fn entered(change: impl Fn(&mut Value, &Workshop)) {
    for certified in [true, false] {
        let workshop = Workshop::new();
        let mut bundle = good(&workshop, certified);
        change(&mut bundle["verificationMaterial"]["tlogEntries"][0], &workshop);
        rejection(ask(&workshop, certified, &bundle));
    }
}

fn root_of(entry: &Value) -> [u8; 32] {
    STANDARD.decode(entry["inclusionProof"]["rootHash"].as_str().unwrap()).unwrap().try_into().unwrap()
}

fn under(entry: &mut Value, head: &str) {
    entry["inclusionProof"]["checkpoint"]["envelope"] = json!(head);
}

#[test]
fn a_tiled_log_is_believed_with_certificates_and_keys() {
    for certified in [true, false] {
        let workshop = Workshop::new();
        ask(&workshop, certified, &good(&workshop, certified)).unwrap();
    }
}

#[test]
fn a_head_must_be_signed_by_the_log_as_itself() {
    entered(|entry, workshop| {
        let stranger = TiledLog { key: TestKey::ed25519(), origin: workshop.forge.tiled_log.origin.clone() };
        let head = stranger.head(root_of(entry));
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let (other, mut head) = (TestKey::ed25519(), workshop.forge.tiled_log.head(root_of(entry)));
        head.key = &other;
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let mut head = workshop.forge.tiled_log.head(root_of(entry));
        head.hint = vec![0; 4];
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let mut head = workshop.forge.tiled_log.head(root_of(entry));
        head.origin = "other.example";
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let mut head = workshop.forge.tiled_log.head(root_of(entry));
        head.name = "other.example";
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let text = workshop.forge.tiled_log.head(root_of(entry)).text();
        under(entry, text.split_once("\n\n").unwrap().0);
    });
    entered(|entry, _| under(entry, ""));
}

#[test]
fn a_head_must_be_of_this_tree() {
    entered(|entry, workshop| {
        let mut head = workshop.forge.tiled_log.head(root_of(entry));
        head.size = 3;
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let head = workshop.forge.tiled_log.head([7; 32]);
        under(entry, &head.text());
    });
    entered(|entry, workshop| {
        let mut head = workshop.forge.tiled_log.head(root_of(entry));
        head.size = 0;
        under(entry, &head.text());
    });
}

#[test]
fn an_entry_must_be_where_the_proof_says() {
    for index in ["0", "2", "-1", "18446744073709551616", "x"] {
        entered(|entry, _| entry["logIndex"] = json!(index));
    }
    entered(|entry, _| entry["inclusionProof"]["hashes"] = json!([]));
    entered(|entry, _| entry["inclusionProof"]["hashes"] = json!([STANDARD.encode([7; 32])]));
    entered(|entry, _| entry["inclusionProof"]["hashes"] = json!(["AAAA"]));
    entered(|entry, _| drop(entry.as_object_mut().unwrap().remove("inclusionProof")));
    entered(|entry, _| entry["logId"]["keyId"] = json!(STANDARD.encode([7; 32])));
    entered(|entry, workshop| entry["logId"]["keyId"] = json!(STANDARD.encode(workshop.forge.log.id())));
    entered(|entry, _| entry["kindVersion"] = json!({"kind": "hashedrekord", "version": "0.0.1"}));
    entered(|entry, _| entry["kindVersion"] = json!({"kind": "dsse", "version": "0.0.2"}));
}

/// What becomes of a bundle whose entry was truly made, about something else.
fn about(change: impl Fn(&mut Value)) {
    entered(|entry, workshop| {
        let mut body: Value = serde_json::from_slice(&STANDARD.decode(entry["canonicalizedBody"].as_str().unwrap()).unwrap()).unwrap();
        change(&mut body["spec"]["hashedRekordV002"]);
        *entry = workshop.forge.tiled_log.enter(&body);
    });
}

#[test]
fn an_entry_must_be_about_this_signature() {
    about(|rekord| rekord["data"]["digest"] = json!(STANDARD.encode([7; 32])));
    about(|rekord| rekord["data"]["algorithm"] = json!("SHA2_512"));
    about(|rekord| rekord["signature"]["content"] = json!("MEUCIQ=="));
    about(|rekord| {
        let stranger = json!({"rawBytes": STANDARD.encode(TestKey::p256().spki())});
        rekord["signature"]["verifier"] = json!({"keyDetails": "PKIX_ECDSA_P256_SHA_256", "publicKey": stranger});
    });
    about(|rekord| rekord["signature"]["verifier"] = json!({"keyDetails": "PKIX_ECDSA_P256_SHA_256"}));
    about(|rekord| {
        let verifier = json!({"rawBytes": "AAAA"});
        rekord["signature"]["verifier"] =
            json!({"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": verifier, "publicKey": verifier});
    });
    let workshop = Workshop::new();
    let (mut mine, theirs) = (good(&workshop, true), good(&workshop, true));
    mine["verificationMaterial"]["tlogEntries"] = theirs["verificationMaterial"]["tlogEntries"].clone();
    rejection(ask(&workshop, true, &mine));
}
