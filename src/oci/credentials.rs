//! `Credentials`: who asks which registry, as docker's `config.json` has it. Secrets are never printed.

mod scope;

use std::collections::HashMap;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Repository;
use scope::Scopes;

/// Most bytes of a `config.json`.
const MAX_CONFIG: u64 = 4 << 20;
/// Under this docker stores what is for Docker Hub.
const DOCKER_HUB: (&str, &str) = ("index.docker.io", "https://index.docker.io/v1/");

/// What is shown to a registry.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    Anonymous,
    Basic {
        name: String,
        password: String,
    },
    /// To be exchanged for a token (`OAuth2` refresh token).
    IdentityToken(String),
    /// To be shown as it is.
    RegistryToken(String),
}

/// Credentials by registry and repository.
#[derive(Clone, Default)]
pub struct Credentials {
    config: Arc<Config>,
    scopes: Arc<Scopes>,
}

/// Why there are no [`Credentials`], or none for a registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The file cannot be read.
    #[error("cannot read the credentials in `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what docker writes.
    #[error("`{}` is not a docker configuration: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why, without its content.
        reason: String,
    },
    /// They are kept by a program.
    #[error("the credentials for `{registry}` are kept by `docker-credential-{helper}`, and credential helpers are not supported")]
    Helper {
        /// Whose credentials.
        registry: String,
        /// The program.
        helper: String,
    },
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    auths: HashMap<String, Entry>,
    #[serde(default)]
    cred_helpers: HashMap<String, String>,
    #[serde(default)]
    creds_store: String,
}

#[derive(Default, Deserialize)]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    identitytoken: String,
    #[serde(default)]
    registrytoken: String,
}

impl Credentials {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Those in docker's configuration file at `path`.
    ///
    /// # Errors
    /// [`InvalidCredentials`] where the file cannot be read as one. Whether it exists is the caller's to know.
    pub fn from_docker_config(path: &Path) -> Result<Self, InvalidCredentials> {
        let unreadable = |source| InvalidCredentials::Unreadable { path: path.to_owned(), source };
        let malformed = |reason: String| InvalidCredentials::Malformed { path: path.to_owned(), reason };
        let mut text = Vec::new();
        std::fs::File::open(path).map_err(unreadable)?.take(MAX_CONFIG + 1).read_to_end(&mut text).map_err(unreadable)?;
        if text.len() as u64 > MAX_CONFIG {
            return Err(malformed(format!("larger than {MAX_CONFIG} bytes")));
        }
        Self::from_json(&text).map_err(malformed)
    }

    /// Those in the text of a configuration file.
    ///
    /// # Errors
    /// Why it is none, without its content.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, String> {
        // An array of nothing would do for a struct of defaults.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err("not a JSON object".to_owned());
        }
        // Not serde's words: they quote values.
        let config: Config = serde_json::from_slice(text).map_err(|e| format!("line {}, column {}", e.line(), e.column()))?;
        for (key, entry) in &config.auths {
            entry.credential().map_err(|reason| format!("`{key}`: {reason}"))?;
        }
        Ok(Self { config: Arc::new(config), scopes: Arc::default() })
    }

    /// What `repository`'s registry is shown: what is stored for the repository, else for the registry, as
    /// go-containerregistry's default keychain has it.
    pub(super) fn lookup(&self, repository: &Repository) -> Result<Credential, InvalidCredentials> {
        let registry = repository.registry();
        let key_of_registry = if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry };
        for key in [repository.to_string().as_str(), key_of_registry] {
            let helper = |helper: &str| InvalidCredentials::Helper { registry: registry.to_owned(), helper: helper.to_owned() };
            if let Some(program) = self.config.cred_helpers.get(key).filter(|program| !program.is_empty()) {
                return Err(helper(program));
            }
            let Some(entry) = self.entry(key) else { continue };
            match entry.credential() {
                // docker leaves an empty entry where a program keeps the secret.
                Ok(Credential::Anonymous) if !self.config.creds_store.is_empty() => return Err(helper(&self.config.creds_store)),
                Ok(Credential::Anonymous) | Err(_) => {}
                Ok(credential) => return Ok(credential),
            }
        }
        Ok(Credential::Anonymous)
    }

    /// Names what `repository`'s registry is shown, without telling it; empty for nobody in particular. Credentials that
    /// cannot be had are like no others.
    pub(super) fn scope(&self, repository: &Repository) -> String {
        match self.lookup(repository) {
            Ok(credential) => self.scopes.name(repository, &credential),
            Err(error) => format!("none: {error}"),
        }
    }

    /// The entry with `key`, or with a URL of old form whose host is `key`. A key with a path but no scheme is a
    /// repository's and never stands for its whole registry.
    fn entry(&self, key: &str) -> Option<&Entry> {
        let host_of = |text: &str| -> Option<String> {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
            rest.split('/').next().map(str::to_owned)
        };
        let host = host_of(key).unwrap_or_else(|| key.to_owned());
        let of_old_form = || {
            let mut old: Vec<_> = self.config.auths.iter().filter(|(text, _)| host_of(text).is_some_and(|of| of == host)).collect();
            old.sort_by_key(|(text, _)| text.as_str());
            old.first().map(|(_, entry)| *entry)
        };
        self.config.auths.get(key).or_else(of_old_form)
    }
}

impl Credential {
    pub(super) const fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }
}

impl Entry {
    fn credential(&self) -> Result<Credential, &'static str> {
        if !self.registrytoken.is_empty() {
            return Ok(Credential::RegistryToken(self.registrytoken.clone()));
        }
        if !self.identitytoken.is_empty() {
            return Ok(Credential::IdentityToken(self.identitytoken.clone()));
        }
        if self.auth.is_empty() {
            let (name, password) = (self.username.clone(), self.password.clone());
            return Ok(if name.is_empty() && password.is_empty() { Credential::Anonymous } else { Credential::Basic { name, password } });
        }
        let decoded = STANDARD.decode(self.auth.trim_end_matches('\n')).map_err(|_| "`auth` is not base64")?;
        let text = String::from_utf8(decoded).map_err(|_| "`auth` is not text")?;
        let (name, password) = text.split_once(':').ok_or("`auth` is not a name and a password")?;
        Ok(Credential::Basic { name: name.to_owned(), password: password.trim_matches('\0').to_owned() })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys: Vec<_> = self.config.auths.keys().collect();
        keys.sort();
        f.debug_struct("Credentials").field("for", &keys).finish_non_exhaustive()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Basic { .. } => "Basic(..)",
            Self::IdentityToken(_) => "IdentityToken(..)",
            Self::RegistryToken(_) => "RegistryToken(..)",
        })
    }
}
