//! `Tokens`: tokens for repositories, asked for once at a time and kept until shortly before they expire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use super::access::basic;
use super::body::Answer;
use super::client::{Client, Failure};
use crate::oci::credentials::Credential;
use crate::oci::flight::Flights;
use crate::oci::{Budget, Repository, SourceError};

/// Most bytes of a token service's answer.
const MAX_DOCUMENT: u64 = 64 << 10;
/// Most tokens kept; with more, those that expired go, and if none did, all.
const MAX_TOKENS: usize = 4096;
/// Longest that a token service may take, whoever waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a token lasts whose service does not say (distribution, "Token Authentication Specification").
const LASTS: u64 = 60;
/// Longest that a token is kept, whatever its service says.
const LASTS_AT_MOST: u64 = 3600;

/// What a token is asked for with.
pub(super) struct TokenRequest {
    pub(super) repository: Repository,
    pub(super) realm: Url,
    pub(super) service: Option<String>,
    pub(super) credential: Credential,
}

struct Token {
    value: Arc<str>,
    fresh_until: Instant,
}

type Kept = Arc<Mutex<HashMap<Repository, Token>>>;

pub(super) struct Tokens {
    client: Arc<Client>,
    kept: Kept,
    flights: Flights<Repository, Result<Arc<str>, SourceError>>,
}

fn lock(kept: &Mutex<HashMap<Repository, Token>>) -> MutexGuard<'_, HashMap<Repository, Token>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tokens {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, kept: Arc::default(), flights: Flights::default() }
    }

    /// The token for pulling from a repository: one that is kept, else the one being asked for, else a new one.
    pub(super) async fn get(&self, request: TokenRequest, budget: &Budget) -> Result<Arc<str>, SourceError> {
        let repository = request.repository.clone();
        if let Some(token) = lock(&self.kept).get(&repository).filter(|token| Instant::now() < token.fresh_until) {
            return Ok(Arc::clone(&token.value));
        }
        let flight = self.flights.join(&repository, || {
            budget.count_request();
            fetch(Arc::clone(&self.client), Arc::clone(&self.kept), request)
        });
        let late = |_| SourceError::unavailable(&what(&repository), "timed out");
        tokio::time::timeout_at(budget.deadline().into(), flight).await.map_err(late)?
    }

    /// Forgets the token of `header` (`Bearer ..`), unless another has taken its place.
    pub(super) fn forget(&self, repository: &Repository, header: &[u8]) {
        let mut kept = lock(&self.kept);
        if kept.get(repository).is_some_and(|token| header.strip_prefix(b"Bearer ") == Some(token.value.as_bytes())) {
            kept.remove(repository);
        }
    }
}

fn what(repository: &Repository) -> String {
    format!("token for {repository}")
}

/// Asks for a token and keeps it.
async fn fetch(client: Arc<Client>, kept: Kept, request: TokenRequest) -> Result<Arc<str>, SourceError> {
    // Others may wait for this, so its deadline is its own.
    let budget = Budget::lasting(PATIENCE);
    let what = what(&request.repository);
    let asked = Instant::now();
    client.count_token();
    let mut answer = ask(&client, &request, &budget).await.map_err(|reason| SourceError::unavailable(&what, reason))?;
    if answer.status() != StatusCode::OK {
        let status = answer.status();
        answer.drain(&budget).await;
        return Err(SourceError::unavailable(&what, format!("status {status}")));
    }
    let (value, lasts) = read(&answer.read(MAX_DOCUMENT, &what, &budget).await?).map_err(|reason| SourceError::violation(&what, reason))?;
    let token = Token { value: Arc::clone(&value), fresh_until: asked + lasts };
    let mut kept = lock(&kept);
    if kept.len() >= MAX_TOKENS {
        kept.retain(|_, token| asked < token.fresh_until);
        if kept.len() >= MAX_TOKENS {
            kept.clear();
        }
    }
    kept.insert(request.repository, token);
    Ok(value)
}

/// The request: GET with the password, or `OAuth2` with an identity token. Redirects are not followed: the challenge named
/// the service, and nobody else gets the credential.
async fn ask(client: &Client, request: &TokenRequest, budget: &Budget) -> Result<Answer, String> {
    let scope = format!("repository:{}:pull", request.repository.path());
    let service = request.service.as_deref().map(|service| ("service", service));
    let http = if let Credential::IdentityToken(token) = &request.credential {
        let form = [("grant_type", "refresh_token"), ("client_id", "vidimus"), ("refresh_token", token), ("scope", &scope)];
        let form = Serializer::new(String::new()).extend_pairs(form.into_iter().chain(service)).finish();
        client.post(request.realm.clone()).map_err(Failure::reason)?.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
    } else {
        let mut url = request.realm.clone();
        url.query_pairs_mut().extend_pairs(service.into_iter().chain([("scope", scope.as_str())]));
        let http = client.get(url).map_err(Failure::reason)?;
        match &request.credential {
            Credential::Basic { name, password } => http.header(AUTHORIZATION, basic(name, password)?),
            _ => http,
        }
    };
    let response = client.send(http, budget.deadline(), || {}).await.map_err(Failure::reason)?;
    Ok(Answer::new(response, request.realm.clone()))
}

/// The token in a service's answer, and how long it is good for, less what the way to the registry may take.
fn read(document: &[u8]) -> Result<(Arc<str>, Duration), String> {
    #[derive(Deserialize)]
    struct Document {
        token: Option<String>,
        access_token: Option<String>,
        expires_in: Option<u64>,
    }
    // Not serde's words: they quote what they stumble over, and that may be the token.
    let document: Document = serde_json::from_slice(document).map_err(|_| "not a token document".to_owned())?;
    let given = [document.token, document.access_token].into_iter().flatten().find(|token| !token.is_empty());
    let lasts = document.expires_in.filter(|seconds| *seconds > 0).unwrap_or(LASTS).min(LASTS_AT_MOST);
    let early = (lasts / 10).clamp(1, 10);
    Ok((given.ok_or("a token document without a token")?.into(), Duration::from_secs(lasts - early)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_either_name_and_given_up_early() {
        let read = |text: &str| read(text.as_bytes()).map(|(token, lasts)| (token.to_string(), lasts.as_secs()));
        assert_eq!(read(r#"{"token":"a"}"#), Ok(("a".to_owned(), 54)));
        assert_eq!(read(r#"{"token":"","access_token":"b","expires_in":300}"#), Ok(("b".to_owned(), 290)));
        assert_eq!(read(r#"{"token":"a","expires_in":0}"#), Ok(("a".to_owned(), 54)));
        assert_eq!(read(r#"{"token":"a","expires_in":18446744073709551615}"#), Ok(("a".to_owned(), 3590)));
        for bad in ["", "{}", r#"{"token":""}"#, r#"{"token":7}"#, r#"["secret"]"#] {
            assert!(!read(bad).unwrap_err().contains("secret"), "{bad}");
        }
    }
}
