//! Bundles that `opa sign` signed, and what becomes of them when they are changed.

use std::io::Read as _;

use flate2::read::GzDecoder;
use vidimus::{BundleKey, BundleOptions, PolicyBundle};

use super::archive;
use crate::testkit::fixture;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(&format!("bundles/{name}"))).unwrap()
}

/// The files of a signed bundle, to be changed.
fn files(name: &str) -> Vec<(String, String)> {
    let content = bytes(name);
    let mut archive = tar::Archive::new(GzDecoder::new(content.as_slice()));
    let mut files = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        if entry.header().entry_type().is_file() {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            files.push((path, text));
        }
    }
    files
}

fn key(name: &str, algorithm: &str) -> BundleKey {
    BundleKey::new(&String::from_utf8(bytes(name)).unwrap(), algorithm).unwrap()
}

fn rs256() -> BundleKey {
    key("rs256.pub", "RS256")
}

fn open(content: &[u8], key: BundleKey) -> Result<PolicyBundle, String> {
    PolicyBundle::from_archive("b", content, &BundleOptions { key: Some(key), ..BundleOptions::default() })
        .map_err(|error| error.to_string())
}

/// What is said of the bundle signed with RS256 once its files were changed.
fn changed(change: impl FnOnce(&mut Vec<(String, String)>)) -> Result<PolicyBundle, String> {
    let mut files = files("rs256.tar.gz");
    change(&mut files);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    open(&archive(&files), rs256())
}

fn file<'a>(files: &'a mut [(String, String)], name: &str) -> &'a mut String {
    &mut files.iter_mut().find(|(found, _)| found == name).unwrap().1
}

#[test]
fn what_opa_signed_is_verified() {
    open(&bytes("rs256.tar.gz"), rs256()).unwrap();
    open(&bytes("hs256.tar.gz"), BundleKey::new("a-shared-secret", "HS256").unwrap()).unwrap();
    let mut scoped = key("es256.pub", "ES256");
    scoped.scope = "write".to_owned();
    let bundle = open(&bytes("es256-scope-write.tar.gz"), scoped).unwrap();
    assert_eq!(bundle.signatures().map(<[String]>::len), Some(1));
    changed(|files| files.reverse()).unwrap();
}

#[test]
fn another_key_algorithm_or_scope_is_refused() {
    let signed = bytes("rs256.tar.gz");
    for key in [key("es256.pub", "ES256"), key("rs256.pub", "RS512"), key("rs256.pub", "PS256"), key("rs256.pub", "HS256")] {
        assert!(open(&signed, key).unwrap_err().contains("failed to verify JWT signature"));
    }
    let wrong = BundleKey::new("another-secret", "HS256").unwrap();
    assert!(open(&bytes("hs256.tar.gz"), wrong).unwrap_err().contains("invalid signature"));
    assert_eq!(open(&bytes("es256-scope-write.tar.gz"), key("es256.pub", "ES256")).unwrap_err(), "scope mismatch");
    let mut scoped = rs256();
    scoped.scope = "write".to_owned();
    assert_eq!(open(&signed, scoped).unwrap_err(), "scope mismatch");
    let mut nameless = rs256();
    nameless.id = String::new();
    assert_eq!(open(&signed, nameless).unwrap_err(), "verification key ID is empty");
}

#[test]
fn every_change_is_seen() {
    for name in ["p.rego", "a/b/data.json", "c/data.yaml", ".manifest", "README.txt"] {
        let error = changed(|files| *file(files, name) = file(files, name).replacen(['1', 'k', 'r'], "2", 1)).unwrap_err();
        assert!(error.contains(&format!("`{name}`: digest mismatch")), "{name}: {error}");
        let error = changed(|files| files.retain(|(found, _)| found != name)).unwrap_err();
        assert!(error.contains(&format!("file(s) [{name}] specified in bundle signatures but not found")), "{name}: {error}");
    }
    let error = changed(|files| files.push(("more.rego".to_owned(), "package more".to_owned()))).unwrap_err();
    assert_eq!(error, "file `more.rego` not included in bundle signature");
    let error = changed(|files| file(files, ".signatures.json").insert(40, 'A')).unwrap_err();
    assert!(error.contains("failed to verify JWT signature"), "{error}");
}

#[test]
fn the_form_of_json_is_not_signed() {
    changed(|files| {
        let data = file(files, "a/b/data.json");
        *data = data.replace(' ', "\n\n ");
    })
    .unwrap();
    changed(|files| *file(files, "p.rego") += "\n").unwrap_err();
}

#[test]
fn a_signature_is_required_where_a_key_is_given() {
    assert_eq!(open(&bytes("unsigned.tar.gz"), rs256()).unwrap_err(), "bundle missing .signatures.json file");
    for (signatures, why) in [
        ("{}", "missing JWT"),
        (r#"{"signatures": []}"#, "missing JWT"),
        (r#"{"signatures": ["a.b.c", "a.b.c"]}"#, "multiple JWTs"),
        (r#"{"signatures": ["a.b"]}"#, "failed to verify"),
        (r#"{"signatures": ["..."]}"#, "failed to verify"),
        (r#"{"signatures": ["a.b.c"], "plugin": "x"}"#, "no verifier exists under id `x`"),
        ("[]", "`.signatures.json`: "),
    ] {
        let error = changed(|files| signatures.clone_into(file(files, ".signatures.json"))).unwrap_err();
        assert!(error.contains(why), "{signatures}: {error}");
    }
}

#[test]
fn without_a_key_signatures_are_not_looked_at() {
    let mut files = files("rs256.tar.gz");
    *file(&mut files, "p.rego") = "package a.q".to_owned();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    PolicyBundle::from_archive("b", archive(&files).as_slice(), &BundleOptions::default()).unwrap();
}

#[test]
fn what_is_excluded_may_change() {
    let mut excluding = rs256();
    excluding.exclude = vec!["*.rego".parse().unwrap(), "c/*".parse().unwrap()];
    let mut changed = files("rs256.tar.gz");
    *file(&mut changed, "p.rego") = "package a.q".to_owned();
    *file(&mut changed, "c/data.yaml") = "x: 1".to_owned();
    let changed: Vec<(&str, &str)> = changed.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    open(&archive(&changed), excluding.clone()).unwrap();
    let without: Vec<(&str, &str)> = changed.into_iter().filter(|(name, _)| *name != "p.rego").collect();
    assert!(open(&archive(&without), excluding).unwrap_err().contains("not found in the target bundle"));
}

#[test]
fn a_key_must_be_one() {
    BundleKey::new("x", "none").unwrap_err();
    BundleKey::new("no pem", "RS256").unwrap_err();
    BundleKey::new("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "ES256").unwrap_err();
    assert!(!format!("{:?}", BundleKey::new("hidden-secret", "HS512").unwrap()).contains("hidden"));
}
