//! Operands of the wrong kind: undefined, or an answer that says so; never an error, never a request.

use serde_json::{Value, json};

use super::{OCI, Scene, ask};

/// What is no reference at all, or not one by digest.
fn no_references() -> Vec<Value> {
    let long = format!("registry.example/{}@sha256:{}", "a".repeat(100_000), "0".repeat(64));
    let texts =
        ["", "@", "a b", "registry.example/a@sha256:00", "registry.example/a@sha512:00", "registry.example/a@", "\u{0}", long.as_str()];
    let kinds = [json!(5), json!(null), json!(true), json!([]), json!({}), json!([["x"]])];
    texts.into_iter().map(Value::from).chain(kinds).collect()
}

#[test]
fn what_is_no_reference_is_undefined_to_all_of_oci() {
    for (call, _) in OCI {
        for operand in no_references() {
            let evaluation = ask(call, &json!({ "ref": operand }));
            // A set of references leaves out those that are none, but not those that are no text.
            let expected = (call.contains("image_manifests") && operand.is_string()).then(|| json!({}));
            assert_eq!(evaluation.result(), expected.as_ref(), "{call} {operand}: {evaluation:?}");
            assert!(evaluation.error().is_none(), "{call} {operand}: {evaluation:?}");
        }
        assert_eq!(ask(call, &json!({})).result(), None, "{call}: without the operand");
    }
}

#[test]
fn paths_must_be_texts() {
    let scene = Scene::new();
    for (function, what) in [("blob_files", "layer"), ("image_files", "image")] {
        for paths in [json!("m"), json!([1]), json!({"m": 1}), json!(null)] {
            let evaluation = ask(&format!("ec.oci.{function}(input.ref, input.paths)"), &json!({"ref": scene.at(what), "paths": paths}));
            assert_eq!((evaluation.result(), evaluation.error()), (None, None), "{function} {paths}");
        }
    }
    let none = |function: &str, what: &str| {
        let evaluation = ask(&format!("ec.oci.{function}(input.ref, [])"), &json!({"ref": scene.at(what)}));
        evaluation.result().cloned()
    };
    assert_eq!(none("blob_files", "layer"), Some(json!({})));
    assert_eq!(none("image_files", "image"), Some(json!(null)));
    for references in [json!("x"), json!([1]), json!(null)] {
        let evaluation = ask("ec.oci.image_manifests(input.refs)", &json!({ "refs": references }));
        assert_eq!(evaluation.result(), None, "{references}");
    }
    assert_eq!(ask("ec.oci.image_manifests({r | some r in input.refs})", &json!({"refs": []})).result(), Some(&json!({})));
    assert_eq!(ask("ec.oci.image_manifests({r | some r in input.refs})", &json!({"refs": [1, scene.at("image")]})).result(), None);
}

#[test]
fn a_tag_is_a_reference_only_where_upstream_takes_one() {
    let scene = Scene::new();
    let tagged = |call: &str, tag: &str| {
        let input = json!({"ref": format!("{}/acme/app:{tag}", scene.registry.host())});
        let evaluation = ask(call, &input);
        assert!(evaluation.error().is_none(), "{call}: {evaluation:?}");
        evaluation.result().is_some()
    };
    for (call, what) in OCI {
        let by_digest_only = ["blob(", "parsed_blob(", "blob_files(", "image_files("].iter().any(|name| call.contains(name));
        assert_eq!(tagged(call, if what == "index" { "multi" } else { "v1" }), !by_digest_only, "{call}");
    }
}

#[test]
fn signatures_answer_with_what_is_wrong() {
    let opts = json!({"public_key": "x", "ignore_rekor": true});
    let errors = |function: &str, input: Value| {
        let evaluation = ask(&format!("ec.sigstore.{function}(input.ref, input.opts)"), &input);
        assert!(evaluation.error().is_none(), "{evaluation:?}");
        let result = evaluation.result().unwrap_or(&Value::Null).clone();
        assert_eq!(result["success"], false, "{input}: {result}");
        result["errors"][0].as_str().unwrap().to_owned()
    };
    for function in ["verify_image", "verify_attestation"] {
        for (operand, kind) in
            [(json!(5), "number"), (json!(null), "null"), (json!([]), "array"), (json!({}), "object"), (json!(true), "boolean")]
        {
            let error = errors(function, json!({"ref": operand, "opts": opts}));
            assert_eq!(error, format!("ref parameter: operand 0 must be string but got {kind}"));
        }
        for text in ["", "@", "registry.example/a", "registry.example/a:v1", "registry.example/a@sha512:00"] {
            let error = errors(function, json!({"ref": text, "opts": opts}));
            assert!(error.starts_with("new digest: "), "{text}: {error}");
        }
        let whole = format!("registry.example/acme/a@sha256:{}", "0".repeat(64));
        for (opts, kind) in [(json!("x"), "string"), (json!(null), "null"), (json!([]), "array"), (json!(1), "number")] {
            let error = errors(function, json!({"ref": whole, "opts": opts}));
            assert_eq!(error, format!("opts parameter: opts parameter: operand 1 must be object but got {kind}"));
        }
        for opts in [
            json!({}),
            json!({"ignore_rekor": "yes", "public_key": 5}),
            json!({"public_key": "spam://x"}),
            json!({"public_key": "-----BEGIN PUBLIC KEY-----"}),
        ] {
            let error = errors(function, json!({"ref": whole, "opts": opts}));
            assert!(error.starts_with("opts parameter: "), "{opts}: {error}");
        }
    }
}

#[test]
fn package_urls_are_judged_whatever_they_are() {
    let long = format!("pkg:npm/{}", "a".repeat(1 << 20));
    for (operand, valid) in [
        (json!("pkg:npm/%40scope/name@1.0?a=b#c"), true),
        (json!("pkg:npm/name"), true),
        (json!(long), true),
        (json!("npm/name"), false),
        (json!("pkg:"), false),
        (json!("pkg:npm"), false),
        (json!("pkg:npm/a@%zz"), false),
        (json!(""), false),
        (json!(5), false),
        (json!(null), false),
        (json!([]), false),
        (json!({}), false),
    ] {
        let input = json!({ "purl": operand });
        assert_eq!(ask("ec.purl.is_valid(input.purl)", &input).result(), Some(&json!(valid)), "{:.80}", operand.to_string());
        assert_eq!(ask("ec.purl.parse(input.purl)", &input).result().is_some(), valid, "{:.80}", operand.to_string());
    }
}
