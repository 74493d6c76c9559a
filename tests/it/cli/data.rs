//! `-d`, as `opa eval -d`.

use super::{at, tree, vidimus};

fn data(sources: &[String]) -> super::Run {
    let flags: Vec<String> = sources.iter().flat_map(|source| ["-d".to_owned(), source.clone()]).collect();
    let files = tree(&[("a.json", "{}")]);
    let query = ["eval", "-q", "data", "-f", "json", &at(&files, "a.json")].map(str::to_owned);
    vidimus(&[&query[..], &flags].concat())
}

fn result(run: &super::Run) -> serde_json::Value {
    let mut data = run.json()["components"][0]["result"].clone();
    data["config"]["default_sigstore_opts"].take();
    data
}

#[test]
fn directories_become_paths_and_documents_are_merged() {
    let files = tree(&[
        ("d/top.json", r#"{"a": {"x": 1}}"#),
        ("d/more.yaml", "a:\n  y: 2\n"),
        ("d/roles/admin/list.json", "[1, 2]"),
        ("d/notes.txt", "ignored"),
        ("single.yml", "b: 3"),
    ]);
    let run = data(&[at(&files, "d"), at(&files, "single.yml"), format!("c.d:{}", at(&files, "single.yml"))]);
    let found = result(&run);
    assert_eq!(
        (&found["a"], &found["b"], &found["c"]),
        (&serde_json::json!({"x": 1, "y": 2}), &3.into(), &serde_json::json!({"d": {"b": 3}}))
    );
    assert_eq!(found["roles"]["admin"], serde_json::json!([1, 2]));
}

#[test]
fn all_of_data_can_be_asked_for() {
    let files = tree(&[("d/data.json", r#"{"given": 1}"#), ("p.rego", "package p\nq := input.n\nf(x) := x\n"), ("a.json", r#"{"n": 7}"#)]);
    let run = vidimus(&["eval", "-d", &at(&files, "d"), "-p", &at(&files, "p.rego"), "-q", "data", "-f", "json", &at(&files, "a.json")]);
    let mut found = run.component(&at(&files, "a.json"))["result"].clone();
    found.as_object_mut().unwrap().remove("config");
    assert_eq!(found, serde_json::json!({"given": 1, "p": {"q": 7}}), "{run:?}");
}

#[test]
fn modules_beside_data_are_loaded() {
    let files = tree(&[("d/lib/rules.rego", "package lib\nanswer := 42\n"), ("d/lib/data.json", r#"{"given": 1}"#), ("a.json", "{}")]);
    let run = vidimus(&["eval", "-d", &at(&files, "d"), "-q", "data.lib.answer + data.lib.given", "-f", "json", &at(&files, "a.json")]);
    assert_eq!(run.component(&at(&files, "a.json"))["result"], 43, "{run:?}");
}

#[test]
fn bad_data_is_refused_by_file_and_place() {
    let files = tree(&[("a.json", r#"{"x": 1}"#), ("b.json", r#"{"x": 2}"#), ("c.json", "{\n\"x\": }"), ("d.json", "[1]"), ("e.txt", "")]);
    let refused = |names: &[&str]| data(&names.iter().map(|name| at(&files, name)).collect::<Vec<_>>()).refused().to_owned();
    assert!(refused(&["a.json", "b.json"]).ends_with(&format!("`{}`: `data.x` is already defined by other data", at(&files, "b.json"))));
    assert!(refused(&["c.json"]).contains(&format!("{}:2:6: invalid JSON", at(&files, "c.json"))), "{}", refused(&["c.json"]));
    assert!(refused(&["d.json"]).contains("must be an object"));
    assert!(refused(&["e.txt"]).contains("data must be"));
    assert!(refused(&["missing.json"]).contains("cannot read"));
    assert!(refused(&["missing"]).contains("no such file"));
}

#[test]
fn signer_flags_fill_the_options_and_win_over_files() {
    let files =
        tree(&[("d.json", r#"{"config": {"default_sigstore_opts": {"public_key": "from the file"}, "other": 1}}"#), ("a.json", "{}")]);
    let query = ["eval", "-q", "data.config", "-f", "json", &at(&files, "a.json")].map(str::to_owned);
    let config = |flags: &[&str]| {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        vidimus(&[&query[..], &flags].concat()).component(&at(&files, "a.json"))["result"].clone()
    };
    let unset = config(&[]);
    assert_eq!(
        unset["default_sigstore_opts"],
        serde_json::json!({
            "certificate_identity": "", "certificate_identity_regexp": "", "certificate_oidc_issuer": "",
            "certificate_oidc_issuer_regexp": "", "ignore_rekor": false, "public_key": "", "rekor_url": ""
        })
    );
    assert_eq!(config(&["-d", &at(&files, "d.json")])["default_sigstore_opts"]["public_key"], "from the file");
    let given = config(&[
        "-d",
        &at(&files, "d.json"),
        "--certificate-identity=me",
        "--certificate-identity-regexp=^me$",
        "--certificate-oidc-issuer=https://issuer",
        "--certificate-oidc-issuer-regexp=issuer",
        "--rekor-url=https://rekor",
        "--ignore-rekor",
    ]);
    assert_eq!(given["other"], 1);
    assert_eq!(
        given["default_sigstore_opts"],
        serde_json::json!({
            "certificate_identity": "me", "certificate_identity_regexp": "^me$", "certificate_oidc_issuer": "https://issuer",
            "certificate_oidc_issuer_regexp": "issuer", "ignore_rekor": true, "public_key": "", "rekor_url": "https://rekor"
        })
    );
    let key = config(&["--key=fixtures/keyed/keys/release.pub", "--rekor-public-key=fixtures/keyed/keys/rogue.pub"]);
    assert!(key["default_sigstore_opts"]["public_key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    assert!(key["default_sigstore_opts"]["rekor_public_key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
}
