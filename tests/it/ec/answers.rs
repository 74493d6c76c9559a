//! What registries answer: 404 is a fact, what could not be asked makes the component an error, and nothing goes on for ever.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vidimus::ErrorKind;

use super::{OCI, Scene, ask};
use crate::testkit::{Fault, Route, Wrong};

#[test]
fn all_is_there_at_first() {
    let scene = Scene::new();
    for (call, what) in OCI {
        let evaluation = ask(call, &json!({"ref": scene.at(what)}));
        assert!(evaluation.result().is_some() && evaluation.error().is_none(), "{call}: {evaluation:?}");
    }
    let files = ask("ec.oci.image_files(input.ref, [\"m\"])", &json!({"ref": scene.at("image")}));
    assert_eq!(files.result(), Some(&json!({"m/a.yaml": {"k": 1}, "m/b.json": [2]})));
}

/// What is not there: undefined, an empty collection for the builtins that list.
#[test]
fn absent_is_a_fact() {
    let scene = Scene::new();
    let nothing = format!("sha256:{}", "0".repeat(64));
    for (call, _) in OCI {
        for reference in [scene.at(&nothing), scene.at(&nothing).replace("acme/app", "no/such")] {
            let evaluation = ask(call, &json!({ "ref": reference }));
            let expected = match call {
                call if call.contains("image_manifests") => Some(json!({})),
                call if call.contains("tag_refs") || call.contains("referrers") => Some(json!([])),
                _ => None,
            };
            assert_eq!(evaluation.result(), expected.as_ref(), "{call}");
            assert!(evaluation.error().is_none(), "{call}: {evaluation:?}");
        }
    }
}

/// Injects a fault everywhere, and hands over what each builtin gives.
fn each_with(wrong: &Wrong, mut check: impl FnMut(&str, Option<&Value>, Option<ErrorKind>)) {
    for (call, what) in OCI {
        let scene = Scene::new();
        for route in [Route::Manifest, Route::Tag, Route::Blob, Route::Referrers] {
            scene.registry.inject(Fault::new(wrong.clone()).on(route));
        }
        let evaluation = ask(call, &json!({"ref": scene.at(what)}));
        check(call, evaluation.result(), evaluation.error().map(|error| error.kind));
    }
}

#[test]
fn what_could_not_be_asked_is_no_pass() {
    let wrongs = [401, 403, 408, 429, 500, 503].map(|status| Wrong::Status(status, String::new()));
    for wrong in wrongs.into_iter().chain([Wrong::Truncated, Wrong::Redirect("ftp://elsewhere.example".to_owned())]) {
        each_with(&wrong, |call, result, error| {
            let expected = match call {
                call if call.contains("image_manifests") => Some(json!({})),
                // As upstream: a tag that could not be asked for is only left out.
                call if call.contains("tag_refs") => Some(json!([])),
                _ => None,
            };
            assert_eq!((result, error), (expected.as_ref(), Some(ErrorKind::Unavailable)), "{wrong:?}: {call}");
        });
    }
}

#[test]
fn content_that_is_not_what_was_asked_for_is_undefined() {
    for wrong in [Wrong::Altered, Wrong::Claims(1 << 30), Wrong::Claims(1 << 60)] {
        each_with(&wrong, |call, result, _| {
            // A list of referrers has no digest that would tell.
            let lists = ["image_manifests", "tag_refs", "referrers"].iter().any(|name| call.contains(name));
            assert!(result.is_none_or(|value| lists && (*value == json!({}) || *value == json!([]))), "{wrong:?}: {call}: {result:?}");
        });
    }
}

#[test]
fn a_stream_without_end_is_cut() {
    let begun = Instant::now();
    for (call, what) in OCI.into_iter().filter(|(call, _)| !call.contains("_files")) {
        let scene = Scene::new();
        for route in [Route::Manifest, Route::Tag, Route::Blob, Route::Referrers] {
            scene.registry.inject(Fault::new(Wrong::Endless).on(route));
        }
        let evaluation = ask(call, &json!({"ref": scene.at(what)}));
        assert!(evaluation.result().is_none_or(|value| *value == json!({}) || *value == json!([])), "{call}: {evaluation:?}");
    }
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[test]
fn the_same_question_has_one_answer_in_an_evaluation() {
    let scene = Scene::new();
    let query = "count([x | some i in numbers.range(1, 50); x := ec.oci.descriptor(input.ref).digest; i > 0])";
    assert_eq!(ask(query, &json!({"ref": scene.at("image")})).result(), Some(&json!(50)));
    assert_eq!(scene.registry.requests_to(Route::Manifest), 1);
}
