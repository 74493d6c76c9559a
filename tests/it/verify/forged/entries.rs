//! Log entries beside layers: of every kind, about something else, changed, of other keys.

use super::*;

#[test]
fn entries_of_every_kind_cosign_knows_are_accepted() {
    for body in [forge::dsse, forge::intoto_0_0_1, forge::intoto_0_0_2] {
        let workshop = Workshop::new();
        let layer = workshop.forge.attested(&attestation(&workshop), &workshop.leaf(), body);
        let answer = workshop.image_attested(layer).unwrap();
        assert_eq!(answer.verified.attestations()[0].signatures[0].metadata["Fulcio Issuer"], ISSUER);
    }
    let workshop = Workshop::new();
    let leaf = workshop.leaf();
    let layer = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let entry = rekord_of(&workshop, &layer, &leaf);
    workshop.image_signed(layer.annotated(ENTRY, &entry)).unwrap();
}

#[test]
fn an_envelope_with_two_signatures_needs_one_that_is_right() {
    let workshop = Workshop::new();
    let payload = statement(&workshop.image, "t").to_string();
    let both = |keys: [&TestKey; 2]| envelope(&keys, IN_TOTO, payload.as_bytes());
    let (other, leaf) = (TestKey::p256(), workshop.leaf());
    for body in [forge::dsse, forge::intoto_0_0_1, forge::intoto_0_0_2] {
        workshop.image_attested(workshop.forge.attested(&both([&other, &workshop.key]), &leaf, body)).unwrap();
        let wrong = workshop.forge.attested(&both([&other, &other]), &leaf, body);
        assert!(rejection(workshop.image_attested(wrong)).contains("accepted signatures do not match threshold"));
    }
}

#[test]
fn an_entry_of_something_else_never_helps() {
    let workshop = Workshop::new();
    let leaf = workshop.leaf();
    let good = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let other_image = workshop.forge.signed(&workshop.key, Some(&leaf), &digest_of(b"other"));
    let again = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let other_leaf = workshop.forge.signed(&workshop.key, Some(&workshop.leaf()), &workshop.image);
    let attested = workshop.forge.attested(&attestation(&workshop), &leaf, forge::dsse);
    for (entry, why) in [
        (&other_image, "signature in bundle does not match"),
        (&again, "signature in bundle does not match"),
        (&other_leaf, "signature in bundle does not match"),
        (&attested, "signature in bundle does not match"),
    ] {
        let reason = rejection(workshop.image_signed(good.clone().annotated(ENTRY, &entry.annotations[ENTRY])));
        assert!(reason.contains(why), "{reason}");
    }
    for body in [forge::dsse, forge::intoto_0_0_1, forge::intoto_0_0_2] {
        let mine = workshop.forge.attested(&attestation(&workshop), &leaf, body);
        let theirs = workshop.forge.attested(&attestation(&workshop), &leaf, body);
        let reason = rejection(workshop.image_attested(mine.clone().annotated(ENTRY, &theirs.annotations[ENTRY])));
        assert!(reason.contains("error verifying bundle: matching bundle to payload"), "{reason}");
        let reason = rejection(workshop.image_attested(mine.annotated(ENTRY, &good.annotations[ENTRY])));
        assert!(reason.contains("error verifying bundle: signature in bundle does not match"), "{reason}");
    }
}

#[test]
fn the_entry_of_another_signature_never_helps_a_key() {
    let workshop = Workshop::new();
    let good = workshop.forge.signed(&workshop.key, None, &workshop.image);
    let thief = TestKey::p256();
    let stolen = workshop.forge.signed(&thief, None, &workshop.image).annotated(ENTRY, &good.annotations[ENTRY]);
    rejection(workshop.image_signed_by(workshop.key_signer(), stolen));
    let other = workshop.forge.signed(&workshop.key, None, &digest_of(b"other"));
    let borrowed = Layer::of_image(&workshop.key, &workshop.image).annotated(ENTRY, &other.annotations[ENTRY]);
    rejection(workshop.image_signed_by(workshop.key_signer(), borrowed));
    let unlogged = Layer::of_image(&workshop.key, &workshop.image);
    let reason = rejection(workshop.image_signed_by(workshop.key_signer(), unlogged));
    assert!(reason.ends_with("rekor client not provided for online verification"), "{reason}");
    let reason = rejection(workshop.image_signed_by(Signer::Key(PublicKey::from_pem(&thief.pem()).unwrap()), good));
    assert!(reason.contains("comparing public key PEMs, expected -----BEGIN PUBLIC KEY-----"), "{reason}");
}

#[test]
fn an_entry_changed_in_any_part_is_rejected() {
    use crate::testkit::forge::Entry;
    let changes: [fn(&mut Entry); 6] = [
        |entry| entry.time += 1,
        |entry| entry.index += 1,
        |entry| entry.body.push(b' '),
        |entry| entry.log_id[0] ^= 1,
        |entry| entry.promise[20] ^= 1,
        |entry| entry.promise.clear(),
    ];
    for change in changes {
        let workshop = Workshop::new();
        let leaf = workshop.leaf();
        for kind in [forge::dsse, forge::intoto_0_0_1] {
            let envelope = attestation(&workshop);
            let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
            let mut entry = workshop.forge.log.enter(&kind(envelope.to_string().as_bytes(), signature, &forge::pem(&leaf)));
            let layer = workshop.forge.attested(&envelope, &leaf, kind);
            workshop.image_attested(layer.clone().annotated(ENTRY, &entry.annotation())).unwrap();
            change(&mut entry);
            rejection(workshop.image_attested(layer.annotated(ENTRY, &entry.annotation())));
        }
    }
}

#[test]
fn a_log_is_trusted_in_its_window_only() {
    let mut workshop = Workshop::new();
    workshop.forge.log.time = 1_500_000_000;
    let leaf = Leaf { validity: (1_499_999_999, 1_500_000_600), ..Leaf::default() };
    let leaf = workshop.forge.issue(&leaf, &workshop.key);
    rejection(workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)));
    rejection(workshop.image_attested(workshop.forge.attested(&attestation(&workshop), &leaf, forge::intoto_0_0_1)));
    rejection(workshop.bundled(&workshop.forge.bundle(&workshop.key, Some(&leaf), &statement(&workshop.image, "t"))));
}

#[test]
fn a_log_key_of_the_request_replaces_the_logs_of_the_root() {
    let mut workshop = Workshop::new();
    let own = Log::new(TestKey::p256());
    let log_key = PublicKey::from_pem(&own.key.pem()).unwrap();
    let leaf = workshop.leaf();
    let by_root = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let known = std::mem::replace(&mut workshop.forge.log, own);
    let by_own = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let bundle_by_own = workshop.bundle();
    workshop.forge.log = known;
    let ask = || {
        let log = LogRequirement::Required { log_key: Some(log_key.clone()), search: None };
        workshop.ask(Question::Image, Workshop::wanted(), log)
    };
    push_legacy(&workshop.registry, REPOSITORY, (&workshop.image, "sig"), &[by_root]);
    rejection(ask());
    push_legacy(&workshop.registry, REPOSITORY, (&workshop.image, "sig"), &[by_own]);
    ask().unwrap();
    push_bundle(&workshop.registry, REPOSITORY, &workshop.image, &bundle_by_own);
    let answer = ask().unwrap();
    let [signature] = answer.verified.signatures() else { panic!("by the bundle: {answer:?}") };
    assert_eq!((signature.signature.as_str(), signature.grounds.log_indexes.as_slice()), ("", &[0][..]), "by the bundle");
}

#[test]
fn keys_of_every_kind_are_logged() {
    let p384 = || TestKey::ecdsa(&aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1_SIGNING);
    for key in [p384(), TestKey::p384_sha256(), TestKey::rsa(aws_lc_rs::rsa::KeySize::Rsa2048), TestKey::ed25519(), TestKey::ed25519ph()] {
        let workshop = Workshop { key, ..Workshop::new() };
        let signed = workshop.forge.signed(&workshop.key, None, &workshop.image);
        workshop.image_signed_by(workshop.key_signer(), signed).unwrap();
        let attested = workshop.forge.attested(&attestation(&workshop), &workshop.leaf(), forge::dsse);
        workshop.image_attested(attested).unwrap();
    }
}

#[test]
fn the_layer_of_an_attestation_must_be_one() {
    let workshop = Workshop::new();
    let layer = workshop.forge.attested(&attestation(&workshop), &workshop.leaf(), forge::dsse);
    let reason = rejection(workshop.image_attested(Layer { media_type: "application/json".to_owned(), ..layer }));
    assert!(reason.contains(DSSE), "{reason}");
}
