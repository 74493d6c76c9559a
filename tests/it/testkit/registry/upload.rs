//! Pushes: manifests, and blobs in one piece or several, so that real clients can fill the registry.

use axum::http::Method;

use super::State;
use super::serve::{Answer, Asked};
use super::tally::Route;

/// The repository that holds what is not yet complete.
const UNFINISHED: &str = "\0uploads";

pub(super) fn store(state: &mut State, asked: &Asked) -> Answer {
    match (asked.route, &asked.method) {
        (Route::Tag, &Method::PUT) => {
            let digest = state.content.push_manifest(&asked.repository, Some(&asked.what), (&asked.content_type, &asked.uploaded));
            created(&digest, &asked.path)
        }
        (Route::Manifest, &Method::PUT) => {
            let digest = state.content.push_manifest(&asked.repository, None, (&asked.content_type, &asked.uploaded));
            if digest == asked.what { created(&digest, &asked.path) } else { Answer::error(400, "DIGEST_INVALID") }
        }
        (Route::Upload, &Method::POST) => match asked.parameter("digest") {
            Some(digest) => finish(state, asked, &digest),
            None => Answer::new(202, "").with("Location", format!("/v2/{}/blobs/uploads/{}", asked.repository, state.log.len())),
        },
        (Route::Upload, &Method::PATCH) => {
            let mut so_far = state.content.take(UNFINISHED, &asked.what);
            so_far.extend_from_slice(&asked.uploaded);
            let last = so_far.len().saturating_sub(1);
            state.content.put(UNFINISHED, &asked.what, so_far);
            Answer::new(202, "").with("Location", &asked.path).with("Range", format!("0-{last}"))
        }
        (Route::Upload, &Method::PUT) => match asked.parameter("digest") {
            Some(digest) => finish(state, asked, &digest),
            None => Answer::error(400, "DIGEST_INVALID"),
        },
        _ => Answer::error(405, "UNSUPPORTED"),
    }
}

fn finish(state: &mut State, asked: &Asked, digest: &str) -> Answer {
    let mut bytes = state.content.take(UNFINISHED, &asked.what);
    bytes.extend_from_slice(&asked.uploaded);
    let stored = state.content.push_blob(&asked.repository, &bytes);
    if stored == digest {
        created(digest, &format!("/v2/{}/blobs/{digest}", asked.repository))
    } else {
        Answer::error(400, "DIGEST_INVALID")
    }
}

fn created(digest: &str, location: &str) -> Answer {
    Answer::new(201, "").with("Location", location).with("Docker-Content-Digest", digest)
}
