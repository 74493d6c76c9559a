//! `Exchange`: a question to a registry and its answer, with all that lies between: scheme, authentication, redirects.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_NONE_MATCH, LOCATION};
use url::Url;

use super::access::{Access, Authorization};
use super::body::Answer;
use super::challenge::Challenge;
use super::client::{Client, RequestCounts};
use super::origin::{Origins, Scheme};
use super::{RegistryOptions, redirect};
use crate::oci::{Budget, Repository, SourceError};

/// What is wanted of an address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// What is there.
    Content,
    /// What is there, unless it is still that of this entity tag (RFC 9110, section 13.1.2).
    ContentUnless(&'a str),
    /// The head of the answer: what is said of the content.
    Head,
}

/// A question below `/v2/<repository>/`.
pub(super) struct Question<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) repository: &'a Repository,
    pub(super) path: String,
    pub(super) accept: &'a [&'a str],
    /// What it is about, for errors.
    pub(super) what: &'a str,
    pub(super) budget: &'a Budget,
}

/// The HTTP side of a source: one client, and what was learnt of each registry.
pub(super) struct Exchange {
    client: Arc<Client>,
    origins: Origins,
    access: Access,
}

impl Exchange {
    pub(super) fn new(client: Client, options: RegistryOptions) -> Self {
        let client = Arc::new(client);
        let RegistryOptions { credentials, plain_http } = options;
        let origins = Origins::new(Arc::clone(&client), plain_http.clone());
        Self { origins, access: Access::new(Arc::clone(&client), credentials, plain_http), client }
    }

    pub(super) fn counts(&self) -> RequestCounts {
        self.client.counts()
    }

    pub(super) fn origins(&self) -> &Origins {
        &self.origins
    }

    pub(super) fn credential_scope(&self, repository: &Repository) -> String {
        self.access.credential_scope(repository)
    }

    /// Asks `question` at the registry's address for it.
    pub(super) async fn get(&self, question: &Question<'_>) -> Result<Answer, SourceError> {
        let host = question.repository.host();
        let scheme = self.origins.scheme(host, question.budget).await;
        let text = format!("{}://{host}/v2/{}/{}", scheme.as_str(), question.repository.path(), question.path);
        let url = Url::parse(&text).map_err(|e| SourceError::unavailable(question.what, format!("`{host}` cannot be reached: {e}")))?;
        let answer = self.get_at(question, url, scheme).await?;
        self.origins.answered(host, scheme);
        Ok(answer)
    }

    /// Asks `question` at `url`, which is on the registry itself; authenticates when challenged, and once more when a
    /// token that was good is not any longer.
    pub(super) async fn get_at(&self, question: &Question<'_>, url: Url, scheme: Scheme) -> Result<Answer, SourceError> {
        let known = self.origins.challenge(question.repository.host());
        let authorization = match &known {
            // What one repository asks for, another may give to anybody.
            Some(Challenge::Basic) if self.access.is_anonymous(question.repository) => None,
            Some(challenge) => Some(self.access.answer(question, challenge, scheme).await?),
            None => None,
        };
        let mut answer = self.follow(question, url.clone(), authorization.as_ref()).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.client.count_challenge();
        let refused = |reason: &str| SourceError::unavailable(question.what, format!("status 401 Unauthorized{reason}"));
        if answer.from_elsewhere {
            return Err(refused(" after a redirect to another host"));
        }
        let challenge = Challenge::read(answer.headers()).map_err(|reason| refused(&format!(": {reason}")))?;
        answer.drain(question.budget).await;
        drop(answer);
        if let Some(used) = &authorization {
            if matches!((used, &challenge), (Authorization::Fixed(_), Challenge::Basic)) {
                return Err(refused(" with the stored credentials"));
            }
            self.access.forget(question.repository, used);
        }
        self.origins.challenged(question.repository.host(), &challenge);
        let authorization = self.access.answer(question, &challenge, scheme).await?;
        let answer = self.follow(question, url, Some(&authorization)).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.client.count_challenge();
            self.access.forget(question.repository, &authorization);
            return Err(refused(" after authentication"));
        }
        Ok(answer)
    }

    /// Sends the request and follows redirects, with the authorization as long as it stays where it began.
    async fn follow(&self, question: &Question<'_>, url: Url, authorization: Option<&Authorization>) -> Result<Answer, SourceError> {
        let unavailable = |reason: String| SourceError::unavailable(question.what, reason);
        let place =
            self.origins.place(question.repository.host(), question.budget).await.map_err(|reason| unavailable(reason.to_owned()))?;
        let (begun, mut at) = (url.origin(), url);
        for _ in 0..=redirect::MOST {
            let accept = HeaderValue::from_str(&question.accept.join(", ")).map_err(|e| unavailable(e.to_string()))?;
            let request = match question.wanted {
                Wanted::Head => self.client.head(at.clone()),
                Wanted::Content | Wanted::ContentUnless(_) => self.client.get(at.clone()),
            };
            let mut request = request.map_err(|failure| unavailable(failure.reason()))?.header(ACCEPT, accept);
            if let Wanted::ContentUnless(tag) = question.wanted {
                request = request.header(IF_NONE_MATCH, tag);
            }
            if let Some(authorization) = authorization.filter(|_| at.origin() == begun) {
                request = request.header(AUTHORIZATION, authorization.header());
            }
            let sent = || question.budget.count_request();
            let response =
                self.client.send(request, question.budget.deadline(), sent).await.map_err(|failure| unavailable(failure.reason()))?;
            let mut answer = Answer::new(response, at.clone());
            if !redirect::is(answer.status()) {
                answer.from_elsewhere = at.origin() != begun;
                return Ok(answer.holding(place));
            }
            at = redirect::next(&at, answer.header(&LOCATION)).map_err(unavailable)?;
            answer.drain(question.budget).await;
        }
        Err(unavailable(format!("more than {} redirects", redirect::MOST)))
    }
}

/// The error for a status that is no answer to the question.
pub(super) async fn unexpected(what: &str, mut answer: Answer, budget: &Budget) -> SourceError {
    let status = answer.status();
    let codes = answer.error_codes(budget).await;
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    SourceError::unavailable(what, format!("status {status}{codes}"))
}
