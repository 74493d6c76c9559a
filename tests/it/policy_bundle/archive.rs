//! What well-formed bundles hold.

use serde_json::{Value, json};
use vidimus::{BundleOptions, PolicyBundle, RegoVersion};

use super::{archive, read, refused};

const FILES: &[(&str, &str)] = &[
    ("/.manifest", r#"{"revision": "r1", "roots": ["a", "/b/c/"], "metadata": {"by": "us"}, "unknown": 1}"#),
    ("/a/p.rego", "package a.p\n\nx := data.a.k\n"),
    ("/data.json", r#"{"a": {"k": 1}, "b": {"c": {"l": [2]}}}"#),
    ("/b/c/d/data.yaml", "m: ~\n1: true\n"),
    ("/b/c/data.yml", "n: {o: 1.5}\n"),
    ("/b/c/other.json", "not json, not read"),
    ("/b/c/policy.wasm", "\0asm"),
];

#[test]
fn files_are_what_their_names_say() {
    let bundle = read(&archive(FILES)).unwrap();
    assert_eq!(
        Value::Object(bundle.data().clone()),
        json!({"a": {"k": 1}, "b": {"c": {"l": [2], "n": {"o": 1.5}, "d": {"m": null, "1": true}}}})
    );
    let names: Vec<&str> = bundle.modules().iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["/a/p.rego"]);
    let manifest = bundle.manifest();
    assert_eq!((manifest.revision.as_str(), manifest.roots.as_slice()), ("r1", &["a".to_owned(), "b/c".to_owned()][..]));
    assert_eq!(manifest.metadata["by"], "us");
    assert_eq!((bundle.wasm_modules().len(), bundle.wasm_modules()[0].bytes.as_ref()), (1, &b"\0asm"[..]));
    assert_eq!(bundle.data_files()[2].place, ["b", "c"]);
    assert_eq!(bundle.signatures(), None);
}

#[test]
fn a_directory_is_read_as_its_archive() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        let path = directory.path().join(name.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("linked.rego")).unwrap();
    let root = directory.path().to_str().unwrap();
    let bundle = PolicyBundle::open(root, &BundleOptions::default()).unwrap();
    assert_eq!(bundle.data(), read(&archive(FILES)).unwrap().data());
    assert_eq!(bundle.modules().len(), 1);
    assert_eq!(bundle.modules()[0].name, format!("{root}/a/p.rego"));
}

#[test]
fn what_is_to_be_ignored_is() {
    let options = BundleOptions { ignore: vec!["*_test.rego".parse().unwrap(), ".hidden".parse().unwrap()], ..BundleOptions::default() };
    let files = archive(&[("a.rego", "package a"), ("a_test.rego", "package a_test"), ("x/.hidden/data.json", "1")]);
    let bundle = PolicyBundle::from_archive("b", files.as_slice(), &options).unwrap();
    assert_eq!(bundle.modules().len(), 1);
    assert!(bundle.data().is_empty());
}

#[test]
fn modules_have_the_language_that_the_manifest_says() {
    let manifest = r#"{"rego_version": 0, "file_rego_versions": {"/new/*": 1, "*/v2.rego": 2}}"#;
    let files = [(".manifest", manifest), ("old/a.rego", "package a"), ("new/x/b.rego", "package b"), ("old/v2.rego", "package c")];
    let versions: Vec<_> = read(&archive(&files)).unwrap().modules().iter().map(|module| module.version).collect();
    assert_eq!(versions, [Some(RegoVersion::V0), Some(RegoVersion::V1), Some(RegoVersion::V2)]);
    assert!(refused(&[(".manifest", r#"{"rego_version": 3}"#)]).contains("unknown rego-version 3"));
    assert!(refused(&[(".manifest", r#"{"file_rego_versions": {"*": -1}}"#)]).contains("for file `*`"));
}

#[test]
fn roots_hold_what_is_theirs() {
    let rooted = |roots: &str, more: (&str, &str)| {
        let manifest = format!("{{\"roots\": {roots}}}");
        refused(&[(".manifest", &manifest), more])
    };
    assert!(rooted(r#"["a"]"#, ("x.rego", "package b")).contains("do not permit `package b` in module `x.rego`"));
    assert!(rooted(r#"["a/b"]"#, ("data.json", r#"{"a": {"b": 1, "c": 2}}"#)).contains("do not permit data at path `/a/c`"));
    assert!(rooted(r#"["ab"]"#, ("data.json", r#"{"a": 1}"#)).contains("/a"));
    assert!(rooted(r#"["a/b", "a"]"#, ("x", "")).contains("overlapped roots"));
    assert!(rooted("[]", ("data.json", r#"{"a": 1}"#)).contains("do not permit"));
    read(&archive(&[(".manifest", r#"{"roots": ["a/b"]}"#), ("data.json", r#"{"a": {"b": 1}}"#), ("x.rego", "package a.b.c")])).unwrap();
}

#[test]
fn resolvers_must_find_their_modules() {
    let with = |wasm: &str| {
        let manifest = format!("{{\"roots\": [\"a\"], \"wasm\": {wasm}}}");
        read(&archive(&[(".manifest", &manifest), ("/policy.wasm", "w"), ("/x/policy.wasm", "v")]))
    };
    let bundle = with(r#"[{"entrypoint": "a/p", "module": "/policy.wasm"}, {"entrypoint": "a/q", "module": "x/policy.wasm"}]"#).unwrap();
    let entrypoints: Vec<_> = bundle.wasm_modules().iter().map(|module| module.entrypoints.clone()).collect();
    assert_eq!(entrypoints, [["a/p"], ["a/q"]]);
    for (wasm, why) in [
        (r#"[{"entrypoint": "a/p", "module": "/absent.wasm"}]"#, "does not exist"),
        (r#"[{"entrypoint": "b/p", "module": "/policy.wasm"}]"#, "do not permit"),
        (r#"[{"entrypoint": "a/p", "module": "/policy.wasm"}, {"entrypoint": "a/p", "module": "/x/policy.wasm"}]"#, "more than one"),
    ] {
        assert!(with(wasm).unwrap_err().to_string().contains(why), "{wasm}");
    }
}

#[test]
fn bundles_do_not_share_what_they_own() {
    let bundle = |name: &str, roots: &str| {
        let manifest = format!("{{\"roots\": {roots}}}");
        PolicyBundle::from_archive(name, archive(&[(".manifest", &manifest)]).as_slice(), &BundleOptions::default()).unwrap()
    };
    PolicyBundle::check_overlap(&[bundle("x", r#"["a", "b/c"]"#), bundle("y", r#"["b/d", "ab"]"#)]).unwrap();
    let error = PolicyBundle::check_overlap(&[bundle("x", r#"["a", "b"]"#), bundle("y", r#"["b/c", "a"]"#)]).unwrap_err().to_string();
    assert_eq!(error, "detected overlapping roots in manifests for these bundles: [x, y] (b overlaps b/c, root a is in multiple bundles)");
    let error = PolicyBundle::check_overlap(&[bundle("x", r#"[""]"#), bundle("y", r#"["a"]"#)]).unwrap_err().to_string();
    assert!(error.contains("bundle(s) [x] specify empty root paths"), "{error}");
}
