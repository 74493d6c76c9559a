//! `vidimus explain` and `--receipts`: where each answer came from, and why it is what it is.

use super::*;

fn explain(scene: &Scene, name: &str) -> (i32, serde_json::Value) {
    let image = scene.image(name);
    let (run, _) = scene.run(&[&["explain", "-f", "json", &image], &KEY[..]].concat());
    (run.code, run.json())
}

#[test]
fn an_explanation_tells_what_is_remembered_and_what_the_evidence_says_now() {
    let scene = Scene::new();
    let (code, fresh) = explain(&scene, "web");
    assert_eq!((code, fresh["verdict"].as_str().unwrap(), &fresh["receipt"]), (0, "verified", &serde_json::Value::Null));
    assert_eq!(fresh["because"], "nothing is remembered; the evidence says so now");
    let exhibits = fresh["evidence"]["exhibits"].as_array().unwrap().clone();
    assert_eq!(exhibits[0]["kind"], "referrers");
    let layer = exhibits.iter().find(|exhibit| exhibit["kind"] == "signature layer").unwrap();
    assert_eq!(layer["finding"], "verified");
    assert!(layer["reference"].as_str().unwrap().starts_with(&format!("{}/acme/web@sha256:", scene.registry.host())));
    assert!(fresh["evidence"]["registry_requests"].as_u64().unwrap() >= 3);
    assert_eq!(scene.states(), Vec::<String>::new(), "it leaves nothing behind");

    scene.kind("web", &[]);
    let (code, remembered) = explain(&scene, "web");
    assert_eq!((code, &remembered["receipt"]["kind"], &remembered["stored"]["state"]), (0, &"hit".into(), &"good".into()));
    assert_eq!(remembered["because"], "it is remembered, and the evidence says the same now");
    assert_eq!(remembered["entry"], remembered["stored"]["name"]);
    scene.registry.fail(Route::Tag, 503);
    let (code, alone) = explain(&scene, "web");
    assert_eq!((code, &alone["because"]), (0, &"it is remembered; the evidence could not be asked for now".into()));
    scene.registry.heal();
    scene.run(&["cache", "revoke", "--all"]);
    let image = scene.image("web");
    let (text, _) = scene.run(&[&["explain", &image], &KEY[..]].concat());
    assert!(text.stdout.contains("remembered   nothing\n") && text.stdout.contains("verified    signature layer "), "{text:?}");
}

#[test]
fn a_rejection_and_an_unavailability_are_told_apart() {
    let scene = Scene::new();
    let (code, rejected) = explain(&scene, "rogue");
    assert_eq!((code, &rejected["verdict"], &rejected["evidence"]["verdict"]), (1, &"rejected".into(), &"rejected".into()));
    let layer = &rejected["evidence"]["exhibits"][1];
    assert_eq!(layer["finding"], "rejected");
    assert!(layer["reason"].as_str().unwrap().contains("invalid signature"), "{layer}");
    let (code, unsigned) = explain(&scene, "unsigned");
    assert_eq!((code, &unsigned["evidence"]["exhibits"][1]["finding"]), (1, &"absent".into()));
    scene.registry.fail(Route::Tag, 429);
    let (code, unavailable) = explain(&scene, "rogue");
    assert_eq!((code, &unavailable["verdict"]), (2, &"unavailable".into()));
    assert_eq!(unavailable["evidence"]["exhibits"][1]["finding"], "unavailable");
}

#[test]
fn mistakes_in_the_question_are_those_of_verify() {
    let scene = Scene::new();
    let (tag, _) = scene.run(&[&["explain", "registry.example/acme/web:v1"], &KEY[..]].concat());
    assert!(tag.refused().contains("exactly one '@'"), "{tag:?}");
    let (signer, _) = scene.run(&["explain", &scene.image("web")]);
    assert!(signer.refused().contains("the signer is not told"), "{signer:?}");
    let page = vidimus(&["explain", "--help"]);
    assert!(page.stdout.contains("Example") && page.stdout.contains("--cache-dir"), "{page:?}");
}

/// Feature 9: the source of each answer, and a 429 that no machine takes for a bad signature.
#[test]
fn every_component_tells_where_its_verdicts_came_from() {
    let scene = Scene::new();
    let receipts = |names: &[&str], flags: &[&str]| {
        let (run, _) = scene.eval(names, &[&["--receipts"], flags].concat());
        let name = scene.image(names[0]);
        run.component(&name)["receipts"].clone()
    };
    let fresh = receipts(&["web"], &[])[0].clone();
    assert_eq!((&fresh["kind"], &fresh["verdict"], &fresh["question"]), (&"fresh".into(), &"verified".into(), &"image".into()));
    assert_eq!((&fresh["image"], &fresh["log_required"]), (&scene.image("web").into(), &false.into()));
    assert!(fresh["registry_requests"].as_u64().unwrap() >= 3);
    let hit = receipts(&["web"], &[])[0].clone();
    assert_eq!((&hit["kind"], &hit["registry_requests"]), (&"hit".into(), &0.into()));
    for same in ["entry", "epoch", "signer", "verified_at", "expires_at", "expires_why"] {
        assert_eq!(fresh[same], hit[same], "{same}");
    }
    assert!(hit["age_ms"].as_u64().unwrap() > 0);
    let rejected = receipts(&["rogue"], &[])[0].clone();
    assert_eq!((&rejected["verdict"], rejected.get("kind")), (&"rejected".into(), None));
    assert!(rejected["reason"].as_str().unwrap().contains("invalid signature"));
    assert!(rejected["registry_requests"].as_u64().unwrap() >= 3, "what it cost to find that out: {rejected}");
    scene.registry.fail(Route::Tag, 429);
    assert_eq!(receipts(&["rogue"], &[])[0]["verdict"], "unavailable");
    let (without, _) = scene.eval(&["web"], &[]);
    assert_eq!(without.component(&scene.image("web")).get("receipts"), None);
    let image = format!("--image={}", scene.image("web"));
    let (text, _) = scene.run(&[&["eval", "-p", "rego", "--receipts", &image], &KEY[..]].concat());
    assert!(text.stdout.contains("receipt verified of ") && text.stdout.contains(": hit, checked at "), "{text:?}");
    scene.registry.heal();
    let image = format!("--image={}", scene.image("rogue"));
    let (text, _) = scene.run(&[&["eval", "-p", "rego", "--receipts", &image], &KEY[..]].concat());
    let told = text.stdout.lines().find(|line| line.contains("receipt rejected of ")).unwrap_or_default();
    assert!(told.ends_with(" registry requests)"), "{text:?}");
}
