//! Evidence that two readers would read in two ways: it is refused, however right its signatures are.

use super::*;
use crate::testkit::signer::{BUNDLE, push_referrer};

/// What becomes of a good bundle whose text is changed.
fn written(change: impl Fn(String) -> String) -> String {
    let workshop = Workshop::new();
    let text = change(workshop.bundle().to_string());
    push_referrer(&workshop.registry, REPOSITORY, &workshop.image, &[Layer::new(BUNDLE, text.into_bytes())]);
    rejection(workshop.ask(Question::Image, Workshop::wanted(), required()))
}

fn replaced(from: &str, to: &str) -> String {
    written(|text| {
        assert!(text.contains(from), "{from} in {text}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn a_bundle_has_the_members_of_a_bundle_once_and_no_others() {
    let unknown = replaced(r#""dsseEnvelope":{"#, r#""DsseEnvelope":{},"dsseEnvelope":{"#);
    assert!(unknown.contains("unknown field `DsseEnvelope`"), "{unknown}");
    replaced(r#""payloadType":"#, r#""payloadtype":"x","payloadType":"#);
    replaced(r#""logIndex":"#, r#""LogIndex":"7","logIndex":"#);
    replaced(r#""integratedTime":"#, r#""integrated_time":"7","integratedTime":"#);
    replaced(r#""canonicalizedBody":"#, r#""canonicalizedBody":"e30=","canonicalizedBody":"#);
    replaced(r#""payload":"#, r#""payload":"e30=","payload":"#);
    replaced(r#""sig":"#, r#""sig":"AAAA","sig":"#);
    replaced(r#""keyId":"#, r#""keyId":"AAAA","keyId":"#);
    written(|text| format!("{text}{text}"));
    written(|text| format!("{text}x"));
    written(|text| format!("\u{feff}{text}"));
}

#[test]
fn an_object_is_no_list_and_a_text_no_number() {
    replaced(r#""payloadType":"application/vnd.in-toto+json""#, r#""payloadType":["application/vnd.in-toto+json"]"#);
    replaced(r#""kindVersion":{"kind":"dsse","version":"0.0.1"}"#, r#""kindVersion":["dsse","0.0.1"]"#);
    written(|text| text.replacen(r#""certificate":{"rawBytes":"#, r#""certificate":["#, 1).replacen("\"}", "\"]", 1));
    replaced(r#""mediaType":"application"#, r#""mediaType":3,"x":"application"#);
}

#[test]
fn an_entry_is_of_the_kind_that_its_log_signed() {
    for (kind, version) in
        [("intoto", "0.0.2"), ("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2"), ("dsse", "0.0.2"), ("rekord", "0.0.1")]
    {
        changed(|bundle| bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"] = json!({"kind": kind, "version": version}));
    }
    // The body is of another kind, and has the members that the bundle's word promises.
    let workshop = Workshop::new();
    let (leaf, mut bundle) = (workshop.leaf(), workshop.bundle());
    let signature = bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap().to_owned();
    let mut body = forge::dsse(bundle["dsseEnvelope"].to_string().as_bytes(), &signature, &forge::pem(&leaf));
    body["kind"] = json!("alpine");
    bundle["verificationMaterial"]["certificate"]["rawBytes"] =
        json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &leaf));
    bundle["verificationMaterial"]["tlogEntries"] = json!([workshop.forge.log.enter(&body).in_bundle("dsse")]);
    let reason = rejection(workshop.bundled(&bundle));
    assert!(reason.contains("log entry of kind alpine 0.0.1 is called dsse 0.0.1"), "{reason}");
}

#[test]
fn a_certificate_says_nothing_twice() {
    let (legacy, bundle) = issued(|leaf| leaf.claims = vec![(8, "https://other.example".to_owned())]);
    assert!(legacy.contains("1.3.6.1.4.1.57264.1.8 is there twice"), "{legacy}");
    assert!(bundle.contains("is there twice"), "{bundle}");
    issued(|leaf| leaf.claims = vec![(1, ISSUER.to_owned())]);
}

#[test]
fn a_certificate_may_be_known_by_a_name_that_is_no_address() {
    let workshop = Workshop::new();
    let leaf = workshop.forge.issue(&Leaf { names: vec![(2, IDENTITY.replace("https://", ""))], ..Leaf::default() }, &workshop.key);
    let wanted = Signer::Identity(IdentityMatcher {
        identity: vec![Matcher::Exact(IDENTITY.replace("https://", ""))],
        issuer: vec![Matcher::Exact(ISSUER.to_owned())],
    });
    workshop.image_signed_by(wanted.clone(), workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image)).unwrap();
    push_bundle(
        &workshop.registry,
        REPOSITORY,
        &workshop.image,
        &workshop.forge.bundle(&workshop.key, Some(&leaf), &statement(&workshop.image, "t")),
    );
    let answer = workshop.ask(Question::Image, wanted, required()).unwrap();
    let grounds: Vec<&[String]> = answer.verified.signatures().iter().map(|signature| &signature.grounds.identities[..]).collect();
    assert_eq!(grounds, [["ci.example/release".to_owned()]]);
}

#[test]
fn an_annotation_is_an_object() {
    let workshop = Workshop::new();
    let leaf = workshop.leaf();
    let layer = workshop.forge.signed(&workshop.key, Some(&leaf), &workshop.image);
    let entry: Value = serde_json::from_str(&layer.annotations[ENTRY]).unwrap();
    let payload = &entry["Payload"];
    let list = json!([entry["SignedEntryTimestamp"], payload]);
    rejection(workshop.image_signed(layer.clone().annotated(ENTRY, &list.to_string())));
    let inner = json!([payload["body"], payload["integratedTime"], payload["logIndex"], payload["logID"]]);
    let inner = json!({"SignedEntryTimestamp": entry["SignedEntryTimestamp"], "Payload": inner});
    rejection(workshop.image_signed(layer.clone().annotated(ENTRY, &inner.to_string())));
    rejection(workshop.image_signed(layer.clone().annotated(ENTRY, &format!("{entry}{entry}"))));
    rejection(workshop.image_signed(layer.annotated(ENTRY, "")));
}

#[test]
fn a_manifest_that_is_an_index_too_is_neither() {
    let asked = |change: fn(&mut Value)| {
        let scene = Scene::new();
        let layer = Layer::of_image(&scene.key, &scene.image);
        let digest = scene.registry.push_blob(REPOSITORY, &layer.payload);
        let layers =
            json!([{"mediaType": layer.media_type, "digest": digest, "size": layer.payload.len(), "annotations": layer.annotations}]);
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let mut manifest = json!({"schemaVersion": 2, "mediaType": media_type, "config": {}, "layers": layers});
        change(&mut manifest);
        let tag = format!("{}.sig", scene.image.replace(':', "-"));
        scene.registry.push_manifest(REPOSITORY, Some(&tag), (media_type, manifest.to_string().as_bytes()));
        scene.image()
    };
    asked(|_| {}).unwrap();
    asked(|manifest| drop(manifest.as_object_mut().unwrap().remove("mediaType"))).unwrap();
    asked(|manifest| manifest["mediaType"] = json!("application/vnd.docker.distribution.manifest.v2+json")).unwrap();
    let changes: [fn(&mut Value); 5] = [
        |manifest| manifest["manifests"] = json!([]),
        |manifest| manifest["fsLayers"] = json!([]),
        |manifest| manifest["mediaType"] = json!("application/vnd.oci.image.index.v1+json"),
        |manifest| manifest["mediaType"] = json!("text/plain"),
        |manifest| manifest["mediaType"] = json!(7),
    ];
    for change in changes {
        assert!(rejection(asked(change)).contains("manifest: "));
    }
}
