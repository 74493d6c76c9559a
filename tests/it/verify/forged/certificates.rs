//! Certificates: whose they are, who issued and saw them, and when.

use super::*;

#[test]
fn a_certificate_is_told_under_conformas_names() {
    let workshop = Workshop::new();
    let claims: Vec<_> = (2..=6).chain(9..=21).map(|number| (number, format!("claim {number}"))).collect();
    let names = vec![(6, IDENTITY.to_owned()), (1, "a@ci.example".to_owned()), (2, "ci.example".to_owned())];
    let leaf = workshop.forge.issue(&Leaf { names, claims, ..Leaf::default() }, &workshop.key);
    let answer = workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)).unwrap();
    let [Signature { keyid, certificate, chain, metadata, .. }] = answer.verified.signatures() else { panic!("one signature") };
    assert_eq!((keyid.as_str(), certificate.as_str(), chain.len()), ("ab".repeat(20).as_str(), forge::pem(&leaf).as_str(), 0));
    let expected = json!({
        "Issuer": "CN=intermediate", "Serial Number": "5a01", "Not Before": "2023-11-14T22:13:20Z", "Not After": "2023-11-14T22:23:20Z",
        "Subject Alternative Name": format!("DNS Names:ci.example; Email Addresses:a@ci.example; URIs:{IDENTITY}"),
        "Fulcio Issuer": ISSUER, "Fulcio Issuer (V2)": ISSUER,
        "Fulcio GitHub Workflow Trigger": "claim 2", "Fulcio GitHub Workflow SHA": "claim 3", "Fulcio GitHub Workflow Name": "claim 4",
        "Fulcio GitHub Workflow Repository": "claim 5", "Fulcio GitHub Workflow Ref": "claim 6", "Fulcio Build Signer URI": "claim 9",
        "Fulcio Build Signer Digest": "claim 10", "Fulcio Runner Environment": "claim 11", "Fulcio Source Repository URI": "claim 12",
        "Fulcio Source Repository Digest": "claim 13", "Fulcio Source Repository Ref": "claim 14",
        "Fulcio Source Repository Identifier": "claim 15", "Fulcio Source Repository Owner URI": "claim 16",
        "Fulcio Source Repository Owner Identifier": "claim 17", "Fulcio Build Config URI": "claim 18",
        "Fulcio Build Config Digest": "claim 19", "Fulcio Build Trigger": "claim 20", "Fulcio Run Invocation URI": "claim 21",
    });
    assert_eq!(json!(metadata), expected);
}

#[test]
fn any_name_of_a_certificate_may_be_the_wanted_one() {
    let workshop = Workshop::new();
    let names = vec![(1, "first@ci.example".to_owned()), (2, "ci.example".to_owned()), (6, IDENTITY.to_owned())];
    let leaf = workshop.forge.issue(&Leaf { names, ..Leaf::default() }, &workshop.key);
    workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)).unwrap();
    workshop.bundled(&workshop.forge.bundle(&workshop.key, Some(&leaf), &statement(&workshop.image, "t"))).unwrap();
}

#[test]
fn another_identity_or_issuer_is_rejected_and_told() {
    let told = "none of the expected identities matched what was in the certificate, got subjects [a b] with issuer";
    let (legacy, bundle) = issued(|leaf| leaf.names = vec![(6, "a".to_owned()), (1, "b".to_owned())]);
    assert!(legacy.contains(&format!("{told} {ISSUER}")) && bundle.contains(&format!("{told} {ISSUER}")), "{legacy} {bundle}");
    let (legacy, bundle) = issued(|leaf| leaf.issuer_v2 = Some("https://other.example".to_owned()));
    let told = format!("got subjects [{IDENTITY}] with issuer https://other.example");
    assert!(legacy.contains(&told) && bundle.contains(&told), "extension .8 counts: {legacy} {bundle}");
    let (legacy, bundle) = issued(|leaf| (leaf.issuer, leaf.issuer_v2) = (None, None));
    assert!(legacy.contains("none of the expected") && bundle.contains("none of the expected"), "{legacy} {bundle}");
}

#[test]
fn a_certificate_of_nobody_trusted_is_rejected() {
    let (legacy, bundle) = issued(|leaf| leaf.issued_by = Some(TestKey::p256()));
    assert!(legacy.contains("certificate chain") && bundle.contains("certificate chain"), "{legacy} {bundle}");
    let (legacy, bundle) = issued(|leaf| leaf.usage = "1.3.6.1.5.5.7.3.1");
    assert!(legacy.contains("certificate chain") && bundle.contains("certificate chain"), "{legacy} {bundle}");
}

#[test]
fn a_certificate_that_no_log_has_seen_is_rejected() {
    let missing = "certificate does not include required embedded SCT and no detached SCT was set";
    let (legacy, bundle) = issued(|leaf| leaf.stamp = Stamp::Missing);
    assert!(legacy.contains(missing) && bundle.contains(missing), "{legacy} {bundle}");
    for stamp in [Stamp::Unknown(Box::new(TestKey::p256())), Stamp::Borrowed] {
        let (legacy, bundle) = issued(|leaf| leaf.stamp = stamp);
        assert!(legacy.contains("signed certificate timestamp") && bundle.contains("signed certificate timestamp"), "{legacy} {bundle}");
    }
}

#[test]
fn a_signature_logged_outside_the_certificates_time_is_rejected() {
    for validity in [(ISSUED - 600, LOGGED - 1), (LOGGED + 1, ISSUED + 600)] {
        let (legacy, bundle) = issued(|leaf| leaf.validity = validity);
        assert!(legacy.contains("certificate") && bundle.contains("certificate"), "{legacy} {bundle}");
    }
    let workshop = Workshop::new();
    let leaf = workshop.forge.issue(&Leaf { validity: (LOGGED, LOGGED), ..Leaf::default() }, &workshop.key);
    workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)).unwrap();
}

#[test]
fn an_authority_that_had_expired_vouches_for_nobody() {
    for expire in [|forge: &mut Forge| forge.intermediate_validity.1 = LOGGED - 1, |forge: &mut Forge| forge.root_validity.1 = LOGGED - 1] {
        let mut workshop = Workshop::new();
        expire(&mut workshop.forge);
        let leaf = workshop.leaf();
        rejection(workshop.image_signed(workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)));
        rejection(workshop.bundled(&workshop.bundle()));
        let odd = workshop.forge.attested(&attestation(&workshop), &leaf, forge::intoto_0_0_1);
        rejection(workshop.image_attested(odd));
    }
}

#[test]
fn a_certificate_beside_a_key_must_be_that_keys() {
    let workshop = Workshop::new();
    let leaf = workshop.leaf();
    let own = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    workshop.image_signed_by(workshop.key_signer(), own).unwrap();
    let other = workshop.forge.issue(&Leaf::default(), &TestKey::p256());
    let foreign = workshop.forge.signed(&workshop.key, Some(&other), &workshop.image);
    let reason = rejection(workshop.image_signed_by(workshop.key_signer(), foreign));
    assert!(reason.contains("certificate on the signature is not that of the given key"), "{reason}");
}

#[test]
fn without_a_log_a_certificate_must_be_valid_now() {
    let workshop = Workshop::new();
    let now = jiff::Timestamp::now().as_second();
    let ignored = |workshop: &Workshop| workshop.ask(Question::Image, Workshop::wanted(), LogRequirement::Ignored);
    let (old, young) = (workshop.leaf(), Leaf { validity: (now - 60, now + 600), ..Leaf::default() });
    let young = workshop.forge.issue(&young, &workshop.key);
    let signed = |leaf: &[u8]| {
        let mut layer = workshop.forge.signed(&workshop.key, Some(leaf), &workshop.image);
        layer.annotations.remove(ENTRY);
        push_legacy(&workshop.registry, REPOSITORY, (&workshop.image, "sig"), &[layer]);
        ignored(&workshop)
    };
    signed(&young).unwrap();
    assert!(rejection(signed(&old)).ends_with("expected a signed timestamp to verify an expired certificate"));
    let workshop = Workshop::new();
    let young = workshop.forge.issue(&Leaf { validity: (now - 60, now + 600), ..Leaf::default() }, &workshop.key);
    let mut bundle = workshop.forge.bundle(&workshop.key, Some(&young), &statement(&workshop.image, "t"));
    bundle["verificationMaterial"]["tlogEntries"] = json!([]);
    push_bundle(&workshop.registry, REPOSITORY, &workshop.image, &bundle);
    ignored(&workshop).unwrap();
    rejection(workshop.ask(Question::Image, Workshop::wanted(), required()));
}
