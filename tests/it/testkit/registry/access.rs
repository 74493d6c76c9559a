//! Who may ask: everybody, those with a password, those with a token.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;

/// How tokens are given out.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    /// The only name and password that get one; `None`: everybody does.
    pub(crate) user: Option<(String, String)>,
    /// What `expires_in` says.
    pub(crate) lasts: Duration,
    /// Where the challenge says that tokens are; `None`: here.
    pub(crate) realm: Option<String>,
}

impl Default for Bearer {
    fn default() -> Self {
        Self { user: None, lasts: Duration::from_mins(5), realm: None }
    }
}

pub(super) enum Access {
    Open,
    Basic {
        name: String,
        password: String,
    },
    Bearer {
        rules: Bearer,
        /// Token to the scope it is good for.
        given: HashMap<String, String>,
        next: u64,
    },
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}")))
}

impl Access {
    pub(super) fn bearer(rules: Bearer) -> Self {
        Self::Bearer { rules, given: HashMap::new(), next: 0 }
    }

    pub(super) fn expire(&mut self) {
        if let Self::Bearer { given, .. } = self {
            given.clear();
        }
    }

    /// `None` for who may come in, else the challenge.
    pub(super) fn challenge(&self, host: &str, scope: &str, authorization: Option<&str>) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Basic { name, password } => {
                (authorization != Some(&basic(name, password))).then(|| r#"Basic realm="testkit", charset="UTF-8""#.to_owned())
            }
            Self::Bearer { rules, given, .. } => {
                let scope_of_token = authorization.and_then(|a| a.strip_prefix("Bearer ")).and_then(|token| given.get(token));
                if scope_of_token.is_some_and(|of_token| of_token == scope || of_token == &format!("{scope},push")) {
                    return None;
                }
                let realm = rules.realm.clone().unwrap_or_else(|| format!("http://{host}/token"));
                Some(format!(r#"Bearer realm="{realm}",service="testkit",scope="{scope}""#))
            }
        }
    }

    /// The answer of the token service: status and document.
    pub(super) fn token(&mut self, scope: &str, authorization: Option<&str>) -> (u16, String) {
        let Self::Bearer { rules, given, next } = self else { return (404, String::new()) };
        if rules.user.as_ref().is_some_and(|(name, password)| authorization != Some(&basic(name, password))) {
            return (401, r#"{"details":"incorrect username or password"}"#.to_owned());
        }
        *next += 1;
        let token = format!("token-{next}");
        given.insert(token.clone(), scope.to_owned());
        (200, format!(r#"{{"token":"{token}","expires_in":{}}}"#, rules.lasts.as_secs()))
    }
}
