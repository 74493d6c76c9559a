//! The handler: distribution-spec, as far as clients that pull and push need it, and the faults on the way.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;

use super::fault::{Fault, Wrong};
use super::tally::{self, Request, Route};
use super::{Shared, body, content, upload};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MAX_UPLOAD: usize = 256 << 20;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

/// An answer before a fault gets at it.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(super) fn error(status: u16, code: &str) -> Self {
        Self::new(status, format!(r#"{{"errors":[{{"code":"{code}","message":"{code}"}}]}}"#)).with("Content-Type", "application/json")
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: HttpRequest) -> Response {
    let (parts, incoming) = request.into_parts();
    let uploaded = axum::body::to_bytes(incoming, MAX_UPLOAD).await.unwrap_or_default();
    let (route, repository, what) = tally::parse(parts.uri.path());
    let asked = Asked {
        method: parts.method,
        route,
        repository,
        what,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        if_none_match: parts.headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).map(str::to_owned),
        authorization: parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).map(str::to_owned),
        content_type: parts.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
        uploaded,
        number: shared.state().log.len(),
    };
    let (answer, fault) = decide(&shared, &asked);
    respond(answer, fault, &asked).await
}

pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) route: Route,
    pub(super) repository: String,
    pub(super) what: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) if_none_match: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) content_type: String,
    pub(super) uploaded: Bytes,
    /// Which request it is.
    pub(super) number: usize,
}

impl Asked {
    /// A field of the form that is the body.
    fn field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.uploaded).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// The true answer and the fault that befalls it, under one lock; the request is in the log before it is answered.
fn decide(shared: &Shared, asked: &Asked) -> (Answer, Option<Fault>) {
    let mut state = shared.state();
    let head = asked.method == Method::HEAD;
    let fault = if head || asked.method == Method::GET { state.faults.befalling(head, (asked.route, &asked.path)) } else { None };
    let pushes = !matches!(asked.method, Method::GET | Method::HEAD);
    let scope = format!("repository:{}:pull{}", asked.repository, if pushes { ",push" } else { "" });
    let challenge = state.access.challenge(&shared.host, &scope, asked.authorization.as_deref());
    let answer = match challenge {
        _ if asked.route == Route::Token => {
            let scope = asked.parameter("scope").or_else(|| asked.field("scope")).unwrap_or_default();
            let (status, document) = state.access.token(&scope, asked.authorization.as_deref());
            Answer::new(status, document).with("Content-Type", "application/json")
        }
        Some(challenge) => Answer::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge),
        None if pushes => upload::store(&mut state, asked),
        None => content(&state, asked),
    };
    let status = match fault.as_ref().map(|f| &f.wrong) {
        Some(Wrong::Status(status, _) | Wrong::EndlessStatus(status)) => *status,
        Some(Wrong::Redirect(_)) => 307,
        _ => answer.status,
    };
    state.log.push(Request {
        method: asked.method.to_string(),
        route: asked.route,
        path: asked.path.clone(),
        query: asked.query.clone(),
        form: if asked.uploaded.len() < 4096 { String::from_utf8_lossy(&asked.uploaded).into_owned() } else { String::new() },
        authorization: asked.authorization.clone(),
        status,
        sent: if head || status >= 300 { 0 } else { answer.body.len() },
    });
    (answer, fault)
}

fn content(state: &super::State, asked: &Asked) -> Answer {
    if asked.route == Route::Base {
        return Answer::new(200, "{}");
    }
    if asked.route == Route::Other || (asked.route == Route::Referrers && !state.referrers_api) {
        return Answer::new(404, "404 page not found\n").with("Content-Type", "text/plain");
    }
    let Some(repository) = state.content.repository(&asked.repository) else { return Answer::error(404, "NAME_UNKNOWN") };
    match asked.route {
        Route::Manifest | Route::Tag => {
            let digest = repository.tags.get(&asked.what).unwrap_or(&asked.what);
            match repository.manifests.get(digest) {
                Some((media_type, bytes)) => {
                    Answer::new(200, bytes.clone()).with("Content-Type", media_type).with("Docker-Content-Digest", digest)
                }
                None => Answer::error(404, "MANIFEST_UNKNOWN"),
            }
        }
        Route::Referrers => {
            let answer = referrers(&repository.referrers(&asked.what), state.page_size, asked);
            if state.entity_tags { tagged(answer, asked) } else { answer }
        }
        _ => match repository.blobs.get(&asked.what) {
            Some(bytes) => Answer::new(200, bytes.clone()).with("Content-Type", "application/octet-stream"),
            None => Answer::error(404, "BLOB_UNKNOWN"),
        },
    }
}

/// The answer with an entity tag; without its body for who has that already.
fn tagged(answer: Answer, asked: &Asked) -> Answer {
    let tag = format!("\"{}\"", content::digest_of(&answer.body));
    let seen = asked.if_none_match.as_ref() == Some(&tag);
    if seen { Answer::new(304, "").with("ETag", tag) } else { answer.with("ETag", tag) }
}

fn referrers(all: &[serde_json::Value], page_size: Option<usize>, asked: &Asked) -> Answer {
    let from = asked.parameter("from").and_then(|n| n.parse().ok()).unwrap_or(0);
    let to = all.len().min(from + page_size.unwrap_or(all.len()));
    let index = serde_json::json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": all[from..to] });
    let answer = Answer::new(200, index.to_string()).with("Content-Type", INDEX);
    if to < all.len() { answer.with("Link", format!("<{}?from={to}>; rel=\"next\"", asked.path)) } else { answer }
}

async fn respond(mut answer: Answer, fault: Option<Fault>, asked: &Asked) -> Response {
    let mut body = None;
    if let Some(fault) = &fault {
        match &fault.wrong {
            Wrong::Status(status, text) => answer = Answer::new(*status, text.clone()).with("Content-Type", "application/json"),
            Wrong::Silence => std::future::pending().await,
            Wrong::Slow(pause) => body = Some(body::slow(answer.body.clone(), *pause)),
            Wrong::Truncated => {
                body = Some(body::truncated(&answer.body));
                let length = answer.body.len().to_string();
                answer = answer.with("Content-Length", length);
            }
            Wrong::Endless => body = Some(body::endless()),
            Wrong::EndlessStatus(status) => (answer.status, body) = (*status, Some(body::endless())),
            Wrong::Claims(length) => {
                body = Some(body::truncated(&answer.body));
                answer = answer.with("Content-Length", length.to_string());
            }
            Wrong::Altered => answer.body = body::altered(&answer.body),
            Wrong::LyingHeader => answer = answer.with("Docker-Content-Digest", content::digest_of(b"other")),
            Wrong::MediaType(media_type) => answer = answer.with("Content-Type", media_type),
            Wrong::Redirect(base) => answer = Answer::new(307, "").with("Location", format!("{base}{}", asked.path)),
            Wrong::NextPage(link) => {
                let link = link.replace("{n}", &asked.number.to_string());
                answer = answer.with("Link", format!("<{link}>; rel=\"next\""));
            }
        }
        for (name, value) in fault.headers() {
            answer = answer.with(name, value);
        }
    }
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    if asked.method == Method::HEAD {
        return response.header("Content-Length", answer.body.len()).body(Body::empty()).unwrap();
    }
    response.body(body.unwrap_or_else(|| Body::from(answer.body))).unwrap()
}
