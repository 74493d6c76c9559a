//! `Access`: what is shown to a registry that asks who is there, and the rules on what may be shown where.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use super::challenge::Challenge;
use super::client::Client;
use super::exchange::Question;
use super::origin::Scheme;
use super::realm;
use super::token::{TokenRequest, Tokens};
use crate::oci::credentials::{Credential, Credentials};
use crate::oci::reference::is_loopback;
use crate::oci::{RegistryHost, Repository, SourceError};

/// The value of an `Authorization` header.
#[derive(Clone)]
pub(super) enum Authorization {
    /// As stored: it is good or it is not.
    Fixed(HeaderValue),
    /// A token that was given out, and can be again.
    Token(HeaderValue),
}

impl Authorization {
    pub(super) fn header(&self) -> HeaderValue {
        match self {
            Self::Fixed(value) | Self::Token(value) => value.clone(),
        }
    }
}

pub(super) struct Access {
    credentials: Credentials,
    plain_http: BTreeSet<RegistryHost>,
    tokens: Tokens,
}

impl Access {
    pub(super) fn new(client: Arc<Client>, credentials: Credentials, plain_http: BTreeSet<RegistryHost>) -> Self {
        Self { credentials, plain_http, tokens: Tokens::new(client) }
    }

    /// The answer to `challenge` of a registry that is spoken to in `scheme`.
    pub(super) async fn answer(
        &self,
        question: &Question<'_>,
        challenge: &Challenge,
        scheme: Scheme,
    ) -> Result<Authorization, SourceError> {
        let (repository, host) = (question.repository, question.repository.host());
        let unavailable = |reason: String| SourceError::unavailable(question.what, reason);
        let credential = self.credentials.lookup(repository).map_err(|e| unavailable(e.to_string()))?;
        let in_clear_text = || unavailable(format!("credentials for `{host}` are not sent over plain http"));
        // Whatever is obtained with a credential is as good as the credential, so this holds for tokens too.
        let may_be_clear = host.is_loopback() || self.plain_http.contains(host);
        if !credential.is_anonymous() && scheme == Scheme::Http && !may_be_clear {
            return Err(in_clear_text());
        }
        match (challenge, &credential) {
            (Challenge::Basic, Credential::Basic { name, password }) => {
                basic(name, password).map(Authorization::Fixed).map_err(unavailable)
            }
            (Challenge::Basic, Credential::Anonymous) => {
                Err(unavailable("status 401 Unauthorized, and there are no credentials".to_owned()))
            }
            (Challenge::Basic, _) => Err(unavailable("the registry asks for a password, and only a token is stored".to_owned())),
            (Challenge::Bearer { .. }, Credential::RegistryToken(token)) => bearer(token).map(Authorization::Fixed).map_err(unavailable),
            (Challenge::Bearer { realm, service }, _) => {
                let realm = realm::check(realm, host, scheme).map_err(unavailable)?;
                let clear_ok = realm.host_str().is_some_and(is_loopback) || self.plain_http.contains(host);
                if !credential.is_anonymous() && realm.scheme() == "http" && !clear_ok {
                    return Err(in_clear_text());
                }
                let request = TokenRequest { repository: repository.clone(), realm, service: service.clone(), credential };
                let token = self.tokens.get(request, question.budget).await?;
                bearer(&token).map(Authorization::Token).map_err(unavailable)
            }
        }
    }

    /// Names what is stored for `repository`.
    pub(super) fn credential_scope(&self, repository: &Repository) -> String {
        self.credentials.scope(repository)
    }

    /// Whether nothing is stored for `repository`.
    pub(super) fn is_anonymous(&self, repository: &Repository) -> bool {
        matches!(self.credentials.lookup(repository), Ok(Credential::Anonymous))
    }

    /// Forgets a token that was refused.
    pub(super) fn forget(&self, repository: &Repository, used: &Authorization) {
        if let Authorization::Token(value) = used {
            self.tokens.forget(repository, value.as_bytes());
        }
    }
}

/// The value of the header for `name` and `password` (RFC 7617).
pub(super) fn basic(name: &str, password: &str) -> Result<HeaderValue, String> {
    secret(format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn bearer(token: &str) -> Result<HeaderValue, String> {
    secret(format!("Bearer {token}"))
}

fn secret(text: String) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(text).map_err(|_| "a token that cannot stand in a header".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::exchange::Wanted;
    use super::*;
    use crate::oci::{Blocking, Budget};

    /// What `registry`, spoken to in `scheme`, is shown for `challenge` by one who has a password for it.
    fn shown(registry: &str, plain_http: &[&str], scheme: Scheme, challenge: Challenge) -> Result<HeaderValue, SourceError> {
        let config = format!(r#"{{"auths":{{"{registry}":{{"auth":"bWU6c2VjcmV0"}}}}}}"#);
        let credentials = Credentials::from_json(config.as_bytes()).unwrap();
        let plain_http = plain_http.iter().map(|host| host.parse().unwrap()).collect();
        let access = Access::new(Arc::new(Client::new().unwrap()), credentials, plain_http);
        let repository: Repository = format!("{registry}/acme/app").parse().unwrap();
        let work = async move {
            let budget = Budget::lasting(Duration::ZERO);
            let question = Question {
                wanted: Wanted::Content,
                repository: &repository,
                path: String::new(),
                accept: &[],
                what: "app",
                budget: &budget,
            };
            access.answer(&question, &challenge, scheme).await.map(|authorization| authorization.header())
        };
        Blocking::new().unwrap().run(Instant::now() + Duration::from_secs(20), work).unwrap()
    }

    fn bearer_from(realm: &str) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: None }
    }

    #[test]
    fn a_password_goes_over_plain_http_to_this_machine_and_to_those_named_only() {
        let refused = |answer: Result<HeaderValue, SourceError>| answer.is_err_and(|e| e.to_string().contains("not sent over plain http"));
        let near = "10.0.0.1:5000";
        assert!(refused(shown(near, &[], Scheme::Http, Challenge::Basic)));
        assert!(refused(shown(near, &["10.0.0.1", "10.0.0.2:5000"], Scheme::Http, Challenge::Basic)));
        assert!(refused(shown(near, &[], Scheme::Http, bearer_from("https://auth.example/token"))));
        assert!(refused(shown(near, &[], Scheme::Http, bearer_from("http://10.0.0.1:5001/token"))));
        assert!(refused(shown("a.localhost:5000", &[], Scheme::Http, Challenge::Basic)));
        assert!(shown(near, &[near], Scheme::Http, Challenge::Basic).is_ok());
        assert!(shown(near, &[], Scheme::Https, Challenge::Basic).is_ok());
        assert!(shown("127.0.0.1:5000", &[], Scheme::Http, Challenge::Basic).unwrap().is_sensitive());
    }
}
