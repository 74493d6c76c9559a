//! `Answer`: the head of an answer, and its body within a bound.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::client::describe;
use crate::oci::{Budget, Digest, SourceError};

/// Most bytes read of a body that is not wanted, to keep its connection.
const MAX_DRAINED: u64 = 64 << 10;
/// Most bytes allocated on the word of a `Content-Length`.
const MAX_TRUSTED: u64 = 1 << 20;

/// An answer whose body is yet to come.
#[derive(Debug)]
pub(super) struct Answer {
    response: Response,
    /// Where it came from, after redirects.
    pub(super) url: Url,
    /// Whether that is another host than the one asked.
    pub(super) from_elsewhere: bool,
    /// One request of those under way to the registry, until the body is read.
    #[expect(dead_code, reason = "held for its drop")]
    place: Option<OwnedSemaphorePermit>,
}

impl Answer {
    pub(super) fn new(response: Response, url: Url) -> Self {
        Self { response, url, from_elsewhere: false, place: None }
    }

    /// Takes a place among the requests under way, until the answer is dropped.
    pub(super) fn holding(self, place: OwnedSemaphorePermit) -> Self {
        Self { place: Some(place), ..self }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A header, where it is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// `Content-Type` without its parameters.
    pub(super) fn media_type(&self) -> String {
        let value = self.header(&CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_owned()
    }

    /// The digest that the registry states, where it is one.
    pub(super) fn stated_digest(&self) -> Option<Digest> {
        self.header(&HeaderName::from_static("docker-content-digest"))?.parse().ok()
    }

    /// The body, of at most `max` bytes: judged by `Content-Length` before anything is held, and counted as it comes.
    pub(super) async fn read(&mut self, max: u64, what: &str, budget: &Budget) -> Result<Vec<u8>, SourceError> {
        let over = || SourceError::violation(what, format!("larger than {max} bytes"));
        let stated = self.response.content_length().unwrap_or(0);
        if stated > max {
            return Err(over());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(stated.min(MAX_TRUSTED)).unwrap_or(0));
        loop {
            let chunk = match tokio::time::timeout_at(budget.deadline().into(), self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => return Ok(bytes),
                Ok(Err(e)) => return Err(SourceError::unavailable(what, describe(e))),
                Err(_) => return Err(SourceError::unavailable(what, "timed out")),
            };
            if bytes.len() as u64 + chunk.len() as u64 > max {
                return Err(over());
            }
            bytes.extend_from_slice(&chunk);
        }
    }

    /// Reads what is left if it is little, so that the connection can be used again; gives it, or nothing.
    pub(super) async fn drain(&mut self, budget: &Budget) -> Vec<u8> {
        self.read(MAX_DRAINED, "", budget).await.unwrap_or_default()
    }

    /// The codes of an error document (distribution-spec, "Error codes"), for the few that look like one.
    pub(super) async fn error_codes(&mut self, budget: &Budget) -> Vec<String> {
        #[derive(Deserialize)]
        struct Document {
            errors: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            code: String,
        }
        let looks_right = |code: &String| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let body = self.drain(budget).await;
        let document = serde_json::from_slice::<Document>(&body).map(|d| d.errors).unwrap_or_default();
        document.into_iter().map(|entry| entry.code).filter(looks_right).take(8).collect()
    }
}
