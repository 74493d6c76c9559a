//! Content that is made to hurt: text that is none, documents that nest, claims that lie.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{INDEX, MANIFEST, Scene, ask, manifest};

#[test]
fn text_that_is_no_utf_8_is_replaced_in_a_blob_and_no_json() {
    let scene = Scene::new();
    let blob = scene.registry.push_blob("acme/app", b"a\xff\xfeb");
    let input = json!({"ref": scene.at(&blob)});
    let text = ask("ec.oci.blob(input.ref)", &input);
    assert!(text.result().and_then(Value::as_str).is_some_and(|text| text.starts_with('a') && text.ends_with('b')), "{text:?}");
    assert_eq!(ask("ec.oci.parsed_blob(input.ref)", &input).result(), None);
}

#[test]
fn compressed_blobs_have_another_digest_than_their_content() {
    let scene = Scene::new();
    for compressed in [super::gzip(b"{}"), vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0]] {
        let blob = scene.registry.push_blob("acme/app", &compressed);
        for function in ["blob", "parsed_blob"] {
            let evaluation = ask(&format!("ec.oci.{function}(input.ref)"), &json!({"ref": scene.at(&blob)}));
            assert_eq!((evaluation.result(), evaluation.error()), (None, None), "{function}");
        }
    }
}

#[test]
fn documents_that_are_none_are_undefined() {
    let scene = Scene::new();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let nested = format!("{{\"config\": {deep}, \"layers\": {deep}, \"manifests\": {deep}}}");
    let names = format!("{{{}}}", (0..20_000).map(|n| format!("\"k{n}\":[{{}}]")).collect::<Vec<_>>().join(","));
    for document in [
        "",
        "null",
        "[]",
        "{",
        "{\"a\":1}{}",
        "{\"schemaVersion\": \"x\"}",
        "\u{feff}{}",
        deep.as_str(),
        nested.as_str(),
        "{\"layers\": 5, \"manifests\": {}}",
    ] {
        let blob = scene.registry.push_blob("acme/app", document.as_bytes());
        let parsed = ask("ec.oci.parsed_blob(input.ref)", &json!({"ref": scene.at(&blob)}));
        assert!(parsed.error().is_none(), "{parsed:?}");
        for (media_type, function) in [(MANIFEST, "image_manifest"), (INDEX, "image_index")] {
            let digest = scene.registry.push_manifest("acme/app", None, (media_type, document.as_bytes()));
            for call in [format!("ec.oci.{function}(input.ref)"), "ec.oci.image_files(input.ref, [\"m\"])".to_owned()] {
                let evaluation = ask(&call, &json!({"ref": scene.at(&digest)}));
                assert!(evaluation.error().is_none(), "{call} {document:.60}: {evaluation:?}");
                assert!(evaluation.result().is_none_or(Value::is_object), "{call} {document:.60}: {evaluation:?}");
            }
        }
    }
    let blob = scene.registry.push_blob("acme/app", names.as_bytes());
    let counted = ask("count(ec.oci.parsed_blob(input.ref))", &json!({"ref": scene.at(&blob)}));
    assert_eq!(counted.result(), Some(&json!(20_000)));
}

#[test]
fn indexes_in_indexes_end() {
    let scene = Scene::new();
    let mut inner = scene.digests["image"].clone();
    for depth in 0..10 {
        let entry = json!({"mediaType": if depth == 0 { MANIFEST } else { INDEX }, "digest": inner, "size": 9,
            "platform": {"os": "linux", "architecture": "amd64"}});
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry], "annotations": {"depth": depth.to_string()}});
        inner = scene.registry.push_manifest("acme/app", None, (INDEX, index.to_string().as_bytes()));
    }
    let evaluation = ask("ec.oci.image_manifest(input.ref)", &json!({"ref": scene.at(&inner)}));
    assert_eq!((evaluation.result(), evaluation.error()), (None, None));
}

#[test]
fn an_image_of_many_layers_is_read_once_a_layer() {
    let scene = Scene::new();
    let layers = vec![scene.digests["layer"].as_str(); 200];
    let image = scene.registry.push_manifest("acme/app", None, (MANIFEST, manifest(&scene.digests["config"], &layers).as_bytes()));
    let begun = Instant::now();
    let evaluation = ask("ec.oci.image_files(input.ref, [\"m\"])", &json!({"ref": scene.at(&image)}));
    assert_eq!(evaluation.result(), Some(&json!({"m/a.yaml": {"k": 1}, "m/b.json": [2]})), "{evaluation:?}");
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_layer_that_is_not_there_makes_the_files_undefined() {
    let scene = Scene::new();
    for layers in [vec![format!("sha256:{}", "0".repeat(64))], vec!["sha256:zz".to_owned()], vec![String::new()]] {
        let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
        let image = scene.registry.push_manifest("acme/app", None, (MANIFEST, manifest(&scene.digests["config"], &layers).as_bytes()));
        let evaluation = ask("ec.oci.image_files(input.ref, [\"m\"])", &json!({"ref": scene.at(&image)}));
        assert_eq!((evaluation.result(), evaluation.error()), (None, None), "{layers:?}");
    }
}
