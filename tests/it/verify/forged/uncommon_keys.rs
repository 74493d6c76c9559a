//! Bundles with pairs of key and hash that are rare: what cosign accepts is accepted, and nothing is checked less.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA256_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING};

use super::*;

type Change = fn(&mut Value);

fn keys() -> [TestKey; 6] {
    [
        TestKey::ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
        TestKey::p384_sha256(),
        TestKey::ecdsa(&ECDSA_P521_SHA512_ASN1_SIGNING),
        TestKey::ecdsa(&ECDSA_P521_SHA256_ASN1_SIGNING),
        TestKey::ed25519(),
        TestKey::ed25519ph(),
    ]
}

impl Workshop {
    fn bundled_by_key(&self, bundle: &Value) -> Result<Answer, VerifyError> {
        push_bundle(&self.registry, REPOSITORY, &self.image, bundle);
        self.ask(Question::Attestation, self.key_signer(), required())
    }
}

#[test]
fn a_bundle_by_any_key_that_cosign_makes_is_accepted() {
    for key in keys() {
        let workshop = Workshop { key, ..Workshop::new() };
        let by_key = workshop.forge.bundle(&workshop.key, None, &statement(&workshop.image, "t"));
        workshop.bundled_by_key(&by_key).unwrap();
        let by_certificate = Workshop { key: workshop.key, ..Workshop::new() };
        by_certificate.bundled(&by_certificate.bundle()).unwrap();
    }
}

#[test]
fn a_bundle_by_a_rare_key_is_checked_as_any_other() {
    let entry = |bundle: &mut Value, change: fn(&mut Value)| change(&mut bundle["verificationMaterial"]["tlogEntries"][0]);
    let changes: [(&str, Change); 9] = [
        ("time", |entry| entry["integratedTime"] = json!((LOGGED + 1).to_string())),
        ("index", |entry| entry["logIndex"] = json!("9")),
        ("promise", |entry| entry["inclusionPromise"]["signedEntryTimestamp"] = json!("MEUCIQ==")),
        ("no promise", |entry| drop(entry.as_object_mut().unwrap().remove("inclusionPromise"))),
        ("hashes", |entry| entry["inclusionProof"]["hashes"] = json!([])),
        ("size", |entry| entry["inclusionProof"]["treeSize"] = json!("3")),
        ("root", |entry| entry["inclusionProof"]["rootHash"] = entry["inclusionProof"]["hashes"][0].clone()),
        ("no head", |entry| entry["inclusionProof"]["checkpoint"] = json!({})),
        ("kind", |entry| entry["kindVersion"] = json!({"kind": "intoto", "version": "0.0.2"})),
    ];
    for certified in [false, true] {
        let key = TestKey::p384_sha256();
        let workshop = Workshop { key, ..Workshop::new() };
        let leaf = certified.then(|| workshop.leaf());
        let signer = || if certified { Workshop::wanted() } else { workshop.key_signer() };
        let good = workshop.forge.bundle(&workshop.key, leaf.as_deref(), &statement(&workshop.image, "t"));
        let ask = |bundle: &Value| {
            let alone = Workshop { forge: Forge::new(), registry: TestRegistry::start(), image: String::new(), key: TestKey::p256() };
            let image = push_image(&alone.registry, REPOSITORY, "v1");
            push_bundle(&alone.registry, REPOSITORY, &image, bundle);
            let verifier = Verifier::new(network(), workshop.trust(), VerifierConfig::default()).unwrap();
            let image = format!("{}/{REPOSITORY}@{image}", alone.registry.host()).parse().unwrap();
            verifier.verify(&VerifyRequest { image, question: Question::Image, signer: signer(), log: required() }, soon())
        };
        ask(&good).unwrap();
        for (name, change) in changes {
            let mut bad = good.clone();
            entry(&mut bad, change);
            assert!(matches!(ask(&bad), Err(VerifyError::Rejected(_))), "{name}");
        }
        let mut unsigned = good.clone();
        unsigned["dsseEnvelope"]["payload"] = json!("e30=");
        rejection(ask(&unsigned));
        let other = workshop.forge.bundle(&workshop.key, leaf.as_deref(), &statement(&workshop.image, "t"));
        let mut borrowed = good;
        borrowed["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"].clone();
        rejection(ask(&borrowed));
    }
}

#[test]
fn a_certificate_of_a_rare_key_is_checked_as_any_other() {
    let issued = |change: fn(&mut Leaf)| {
        let workshop = Workshop { key: TestKey::p384_sha256(), ..Workshop::new() };
        let mut leaf = Leaf::default();
        change(&mut leaf);
        let leaf = workshop.forge.issue(&leaf, &workshop.key);
        rejection(workshop.bundled(&workshop.forge.bundle(&workshop.key, Some(&leaf), &statement(&workshop.image, "t"))))
    };
    issued(|leaf| leaf.names = vec![(6, "https://elsewhere.example".to_owned())]);
    issued(|leaf| leaf.issuer_v2 = Some("https://other.example".to_owned()));
    issued(|leaf| leaf.issued_by = Some(TestKey::p256()));
    issued(|leaf| leaf.usage = "1.3.6.1.5.5.7.3.1");
    issued(|leaf| leaf.stamp = Stamp::Missing);
    issued(|leaf| leaf.stamp = Stamp::Borrowed);
    issued(|leaf| leaf.validity = (LOGGED + 1, LOGGED + 600));
    issued(|leaf| leaf.validity = (ISSUED - 600, LOGGED - 1));
}
