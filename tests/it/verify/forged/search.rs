//! The online search for entries that are not attached: off unless allowed, and believed no more than what is attached.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vidimus::verify::LogSearch;

use super::*;
use crate::testkit::forge::Entry;
use crate::testkit::site::{Page, Site};

const RETRIEVE: &str = "/api/v1/log/entries/retrieve";

/// A workshop whose log can be searched.
struct Searched {
    workshop: Workshop,
    site: Site,
}

impl Searched {
    fn new() -> Self {
        Self { workshop: Workshop::new(), site: Site::start() }
    }

    /// A layer that is signed by the workshop's key and has no entry, and the entry of the log for it.
    fn unlogged(&self) -> (Layer, Entry) {
        let Workshop { forge, key, image, .. } = &self.workshop;
        let layer = Layer::of_image(key, image);
        let signature = STANDARD.decode(&layer.annotations[SIGNATURE]).unwrap();
        let entry = forge.log.enter(&forge::hashed_rekord(&layer.payload, &signature, &key.pem()));
        (layer, entry)
    }

    /// What the log answers to any search.
    fn answers(&self, entries: &[(String, Value)]) -> &Self {
        let list: Vec<_> = entries.iter().map(|(uuid, entry)| json!({ uuid: entry })).collect();
        self.answers_with(Page::new(200, json!(list).to_string()))
    }

    fn answers_with(&self, page: Page) -> &Self {
        self.site.put(RETRIEVE, page);
        self
    }

    fn ask(&self, question: Question, signer: Signer) -> Result<Answer, VerifyError> {
        self.ask_if(LogSearch::Allowed, question, signer)
    }

    fn ask_if(&self, log_search: LogSearch, question: Question, signer: Signer) -> Result<Answer, VerifyError> {
        let image = format!("{}/{REPOSITORY}@{}", self.workshop.registry.host(), self.workshop.image).parse().unwrap();
        let config = VerifierConfig { log_search, ..VerifierConfig::default() };
        let verifier = Verifier::new(network(), self.workshop.trust(), config).unwrap();
        let log = LogRequirement::Required { log_key: None, search: Some(self.site.url("")) };
        verifier.verify(&VerifyRequest { image, question, signer, log }, soon())
    }

    fn image_signed(&self, layers: &[Layer]) -> Result<Answer, VerifyError> {
        push_legacy(&self.workshop.registry, REPOSITORY, (&self.workshop.image, "sig"), layers);
        self.ask(Question::Image, self.workshop.key_signer())
    }
}

fn listed(entry: &Entry) -> (String, Value) {
    (entry.uuid(), entry.in_answer())
}

/// What becomes of a signature whose entry in the answer is changed in one way.
fn answered(change: impl FnOnce(&mut (String, Value))) -> String {
    let searched = Searched::new();
    let (layer, entry) = searched.unlogged();
    let mut listed = listed(&entry);
    change(&mut listed);
    searched.answers(&[listed]);
    rejection(searched.image_signed(&[layer]))
}

#[test]
fn an_entry_that_the_log_has_is_found() {
    let searched = Searched::new();
    let (layer, entry) = searched.unlogged();
    searched.answers(&[listed(&entry)]);
    let answer = searched.image_signed(std::slice::from_ref(&layer)).unwrap();
    assert_eq!(answer.verified.signatures()[0].signature, layer.annotations[SIGNATURE]);
    let asked = searched.site.log();
    let [asked] = asked.as_slice() else { panic!("one search: {asked:?}") };
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", RETRIEVE));
    let question: Value = serde_json::from_slice(&asked.body).unwrap();
    let spec = &question["entries"][0]["spec"];
    assert_eq!(question["entries"][0]["kind"], "hashedrekord");
    assert_eq!(spec["data"]["hash"], json!({"algorithm": "sha256", "value": digest_of(&layer.payload).replace("sha256:", "")}));
    assert_eq!(spec["signature"]["content"], json!(layer.annotations[SIGNATURE]));
    assert_eq!(spec["signature"]["publicKey"]["content"], json!(STANDARD.encode(searched.workshop.key.pem())));
    assert_eq!(answer.receipt.registry_requests, 1 + u64::try_from(searched.workshop.registry.requests()).unwrap(), "it is counted");
}

#[test]
fn an_attestation_and_a_certificate_are_searched_too() {
    let searched = Searched::new();
    let (workshop, leaf) = (&searched.workshop, searched.workshop.leaf());
    for body in [forge::dsse, forge::intoto_0_0_1] {
        let mut layer = workshop.forge.attested(&attestation(workshop), &leaf, body);
        layer.annotations.remove(ENTRY);
        let envelope: Value = serde_json::from_slice(&layer.payload).unwrap();
        let entry = workshop.forge.log.enter(&body(&layer.payload, envelope["signatures"][0]["sig"].as_str().unwrap(), &forge::pem(&leaf)));
        searched.answers(&[listed(&entry)]);
        push_legacy(&workshop.registry, REPOSITORY, (&workshop.image, "att"), &[layer]);
        searched.ask(Question::Attestation, Workshop::wanted()).unwrap();
    }
    let question: Value = serde_json::from_slice(&searched.site.log()[0].body).unwrap();
    let kinds: Vec<_> = question["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["dsse", "intoto"]);
}

#[test]
fn nothing_is_searched_unless_it_is_allowed_and_needed() {
    let searched = Searched::new();
    let (layer, entry) = searched.unlogged();
    searched.answers(&[listed(&entry)]);
    push_legacy(&searched.workshop.registry, REPOSITORY, (&searched.workshop.image, "sig"), std::slice::from_ref(&layer));
    let reason = rejection(searched.ask_if(LogSearch::Off, Question::Image, searched.workshop.key_signer()));
    assert!(reason.contains("rekor client not provided for online verification: ") && reason.contains("--allow-rekor-search"), "{reason}");
    let attached = layer.clone().annotated(ENTRY, &entry.annotation());
    searched.image_signed(&[attached]).unwrap();
    let unsigned = Layer::of_image(&TestKey::p256(), &searched.workshop.image);
    let reason = rejection(searched.image_signed(&[unsigned]));
    assert!(reason.contains("invalid signature"), "{reason}");
    assert!(searched.site.log().is_empty(), "{:?}", searched.site.log());
}

#[test]
fn the_entry_of_another_signature_is_not_taken() {
    let searched = Searched::new();
    let (layer, _) = searched.unlogged();
    let (_, other_signature) = searched.unlogged();
    let thief = TestKey::p256();
    let by_another = Layer::of_image(&thief, &searched.workshop.image);
    let signature = STANDARD.decode(&layer.annotations[SIGNATURE]).unwrap();
    let enter = |body: &Value| searched.workshop.forge.log.enter(body);
    let other_key = enter(&forge::hashed_rekord(&by_another.payload, &signature, &thief.pem()));
    let other_image = enter(&forge::hashed_rekord(b"another image", &signature, &searched.workshop.key.pem()));
    for (entry, why) in [
        (other_signature, "signature in bundle does not match"),
        (other_key, "comparing public key PEMs"),
        (other_image, "matching bundle to payload"),
    ] {
        searched.answers(&[listed(&entry)]);
        let reason = rejection(searched.image_signed(std::slice::from_ref(&layer)));
        assert!(reason.contains("no valid tlog entries found") && reason.contains(why), "{reason}");
    }
    searched.answers(&[]);
    let reason = rejection(searched.image_signed(&[layer]));
    assert!(reason.contains("signature not found in transparency log"), "{reason}");
}

#[test]
fn an_entry_that_nothing_proves_is_not_taken() {
    let proof = |change: fn(&mut Value)| answered(|(_, entry)| change(&mut entry["verification"]["inclusionProof"]));
    assert!(answered(|(uuid, _)| *uuid = "00".repeat(32)).contains("computed leaf hash did not match UUID"));
    assert!(answered(|(uuid, _)| uuid.truncate(20)).contains("computed leaf hash did not match UUID"));
    assert!(answered(|(_, entry)| entry["verification"]["signedEntryTimestamp"] = json!("MEUCIQ==")).contains("unable to verify SET"));
    assert!(answered(|(_, entry)| entry["verification"]["signedEntryTimestamp"] = Value::Null).contains("unable to verify SET"));
    assert!(answered(|(_, entry)| entry["verification"] = Value::Null).contains("inclusion proof not provided"));
    assert!(answered(|(_, entry)| entry["verification"]["inclusionProof"] = Value::Null).contains("inclusion proof not provided"));
    assert!(answered(|(_, entry)| entry["integratedTime"] = json!(LOGGED + 1)).contains("unable to verify SET"));
    assert!(answered(|(_, entry)| entry["logIndex"] = json!(7)).contains("unable to verify SET"));
    assert!(answered(|(_, entry)| entry["logID"] = json!("00".repeat(32))).contains("rekor log public key not found"));
    assert!(proof(|proof| proof["hashes"] = json!([])).contains("verifying inclusion proof"));
    assert!(proof(|proof| proof["hashes"] = json!(vec!["00".repeat(32); 65])).contains("too many hashes"));
    assert!(proof(|proof| proof["rootHash"] = json!("00".repeat(32))).contains("verifying inclusion proof"));
    assert!(proof(|proof| proof["logIndex"] = json!(2)).contains("verifying inclusion proof"));
    assert!(proof(|proof| proof["checkpoint"] = json!("log.example\n2\nAAAA\n")).contains("verifying checkpoint"));
    let of_another = |proof: &mut Value| {
        let stranger = Log::new(TestKey::p256()).enter(&json!({"strange": "body"}));
        proof["checkpoint"] = stranger.in_answer()["verification"]["inclusionProof"]["checkpoint"].clone();
    };
    assert!(proof(of_another).contains("verifying checkpoint"));
}

#[test]
fn the_earliest_entry_that_holds_counts() {
    let mut searched = Searched::new();
    let leaf = searched.workshop.leaf();
    let mut layer = searched.workshop.forge.signed(&searched.workshop.key, Some(&leaf), &searched.workshop.image);
    layer.annotations.remove(ENTRY);
    let signature = STANDARD.decode(&layer.annotations[SIGNATURE]).unwrap();
    let body = forge::hashed_rekord(&layer.payload, &signature, &forge::pem(&leaf));
    let mut enter_at = |time| {
        searched.workshop.forge.log.time = time;
        searched.workshop.forge.log.enter(&body)
    };
    // The later one is outside of the certificate's ten minutes.
    let (late, good) = (enter_at(LOGGED + 6000), enter_at(LOGGED));
    let mut broken = enter_at(LOGGED - 1);
    broken.promise[20] ^= 1;
    push_legacy(&searched.workshop.registry, REPOSITORY, (&searched.workshop.image, "sig"), &[layer]);
    searched.answers(&[listed(&late), listed(&broken), listed(&good)]);
    searched.ask(Question::Image, Workshop::wanted()).unwrap();
    searched.answers(&[listed(&late)]);
    rejection(searched.ask(Question::Image, Workshop::wanted()));
}

#[test]
fn a_log_that_gives_no_answer_decides_nothing() {
    let searched = Searched::new();
    let (layer, _) = searched.unlogged();
    push_legacy(&searched.workshop.registry, REPOSITORY, (&searched.workshop.image, "sig"), &[layer]);
    let elsewhere = Site::start();
    for page in [
        Page::new(500, "[]"),
        Page::new(429, "[]"),
        Page::new(404, "[]"),
        Page::new(200, "<html>"),
        Page::new(200, "{}"),
        Page::new(200, r#"[{"x": {"body": 1}}]"#),
        Page::new(200, vec![b' '; 5 << 20]),
        Page::redirect(&elsewhere.url(RETRIEVE)),
    ] {
        searched.answers_with(page);
        let reason = unavailability(searched.ask(Question::Image, searched.workshop.key_signer()));
        assert!(reason.contains("searching log query: "), "{reason}");
    }
    assert!(elsewhere.log().is_empty());
}

#[test]
fn a_crowd_of_layers_does_not_flood_the_log() {
    let searched = Searched::new();
    let layers: Vec<_> = (0..20).map(|_| searched.unlogged().0).collect();
    searched.answers(&[]);
    let reason = rejection(searched.image_signed(&layers));
    assert!(reason.contains("more than 16 are not searched"), "{reason}");
    assert_eq!(searched.site.log().len(), 16);
}
