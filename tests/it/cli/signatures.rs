//! The policy that ships, over the fixtures: each component fails for a reason of its own.

use super::{KEYED, Run, keyed, vidimus, vidimus_with};
use crate::testkit::{Route, TestRegistry, fixture};

fn over_fixtures(flags: &[&str]) -> Run {
    vidimus(&[&["eval", "-p", "rego", "-f", "json", "fixtures/inputs"], &KEYED[..], flags].concat())
}

#[test]
fn each_component_gets_its_decision() {
    let run = over_fixtures(&[]);
    assert_eq!(run.code, 1, "{run:?}");
    for name in ["web", "api", "worker", "multiarch", "billing", "release"] {
        assert_eq!(run.component(&format!("fixtures/inputs/{name}.json"))["success"], true, "{name}");
    }
    for (name, code, reason) in [
        ("rogue", "signatures.image_signed", "no matching signatures"),
        ("unsigned", "signatures.image_signed", "no signatures found"),
        ("stale", "signatures.image_signed", "digest in claim"),
        ("key-rsa", "signatures.image_signed", "no matching signatures"),
        ("latest", "signatures.image_signed", "exactly one '@'"),
        ("absent", "signatures.image_signed", "no signatures found"),
        ("nothing", "signatures.image_named", "names no image"),
    ] {
        let component = run.component(&format!("fixtures/inputs/{name}.json"));
        assert_eq!(component.get("error"), None, "{name}");
        let violations = component["violations"].as_array().unwrap();
        assert_eq!((violations.len(), violations[0]["metadata"]["code"].as_str()), (1, Some(code)), "{component}");
        assert!(violations[0]["msg"].as_str().unwrap().contains(reason), "{component}");
        assert_eq!(violations[0]["location"]["file"], "rego/signatures.rego");
    }
    let stats = run.json()["stats"].clone();
    // Ten images, of which web, api and billing are also in the release; `multi` only there; one is no image.
    assert_eq!((stats["verifications"].as_u64(), stats["registry_requests"].as_u64()), (Some(11), Some(0)), "{stats}");
    assert_eq!(stats["memo"]["hits"].as_u64().unwrap() + stats["memo"]["coalesced"].as_u64().unwrap(), 3, "{stats}");
}

#[test]
fn without_a_signer_nothing_is_signed() {
    let run = vidimus(&["eval", "-p", "rego", "-f", "json", KEYED[0], "fixtures/inputs/web.json"]);
    assert_eq!(run.code, 1);
    assert!(run.component("fixtures/inputs/web.json")["violations"][0]["msg"].as_str().unwrap().contains("must be provided"), "{run:?}");
}

#[test]
fn key_references_in_policies_are_off_unless_they_are_allowed() {
    let options =
        |key: &str| format!("ec.sigstore.verify_image(input.image.ref, {{\"public_key\": \"{key}\", \"ignore_rekor\": true}}).errors");
    let run = |key: &str, flags: &[&str], environment: &[(&str, &str)]| {
        let query = options(key);
        let run =
            vidimus_with(&[&["eval", "-q", &query, "-f", "json", KEYED[0], "fixtures/inputs/web.json"], flags].concat(), environment, "");
        run.component("fixtures/inputs/web.json")["result"].clone()
    };
    let file = "fixtures/keyed/keys/release.pub";
    let pem = std::fs::read_to_string(fixture("keyed/keys/release.pub")).unwrap();
    assert!(run(file, &[], &[])[0].as_str().unwrap().contains("--allow-key-ref file"));
    assert_eq!(run(file, &["--allow-key-ref", "file"], &[]), serde_json::json!([]));
    assert!(run("env://KEY", &["--allow-key-ref", "file"], &[("KEY", &pem)])[0].as_str().unwrap().contains("--allow-key-ref env"));
    assert_eq!(run("env://KEY", &["--allow-key-ref", "env"], &[("KEY", &pem)]), serde_json::json!([]));
    assert!(run("env://KEY", &["--allow-key-ref", "env"], &[])[0].as_str().unwrap().contains("KEY"));
}

#[test]
fn a_registry_that_is_down_decides_nothing() {
    let registry = TestRegistry::start();
    registry.push_layouts(&fixture("keyed/registry/registry.example"));
    let image = |name: &str| keyed(name).replace("registry.example", registry.host());
    let (web, api, flags) = (image("web"), image("api"), ["-k", "fixtures/keyed/keys/release.pub", "--ignore-rekor", "-f", "json"]);
    let run = || vidimus(&[&["eval", "-p", "rego", "--image", &web, "--image", &api][..], &flags].concat());
    let up = run();
    assert_eq!(up.code, 0, "{up:?}");
    assert!(up.json()["stats"]["registry_requests"].as_u64().unwrap() > 0);
    registry.fail(Route::Tag, 503).fail(Route::Manifest, 503).fail(Route::Referrers, 503);
    let down = run();
    assert_eq!(down.code, 2);
    let component = down.component(&web);
    assert_eq!(component["error"]["kind"], "unavailable");
    assert_eq!(component["violations"].as_array().unwrap().len(), 1, "the violation stands beside the error");
}
