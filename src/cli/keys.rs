//! Keys that are named by reference: a file on the command line at once, anything else where `--allow-key-ref` names its kind.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use vidimus::verify::{KeyReference, KeyReferences, KeyServer, PublicKey, UnreadKey};

use super::files;

/// The kinds of references that are followed.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowedKeyReferences {
    schemes: Vec<String>,
    server: Option<Arc<KeyServer>>,
}

impl AllowedKeyReferences {
    /// Follows references of these kinds: `file`, `env`, `https`.
    pub(super) fn new(schemes: &[String]) -> anyhow::Result<Self> {
        for scheme in schemes {
            match scheme.as_str() {
                "file" | "env" | "https" => {}
                "http" => bail!("--allow-key-ref: a key over plain `http` could be anybody's; there are `file`, `env` and `https`"),
                "k8s" | "gitlab" | "pkcs11" | "awskms" | "gcpkms" | "azurekms" | "hashivault" => {
                    bail!("--allow-key-ref: key references of kind `{scheme}` are not supported; there are `file`, `env` and `https`")
                }
                other => bail!("--allow-key-ref: unknown kind `{other}`; there are `file`, `env` and `https`"),
            }
        }
        let server = if schemes.iter().any(|scheme| scheme == "https") { Some(Arc::new(KeyServer::new()?)) } else { None };
        Ok(Self { schemes: schemes.to_vec(), server })
    }

    /// The PEM text of a key that is named on the command line.
    pub(super) fn named(&self, flag: &str, key: &str) -> anyhow::Result<String> {
        let text = match KeyReference::parse(key).map_err(|error| anyhow!("{flag}: {error}"))? {
            KeyReference::File(path) => files::read(path).with_context(|| flag.to_owned())?,
            reference => self.read(&reference).map_err(|error| anyhow!("{flag}: {error}"))?,
        };
        PublicKey::from_pem(&text).map_err(|error| anyhow!("{flag}: `{key}`: {error}"))?;
        Ok(text)
    }
}

impl KeyReferences for AllowedKeyReferences {
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, UnreadKey> {
        let scheme = reference.scheme();
        if !self.schemes.iter().any(|allowed| allowed == scheme) {
            return Err(reference.not_allowed());
        }
        let refused = UnreadKey::Refused;
        match (reference, &self.server) {
            (KeyReference::File(path), _) => files::read(path).map_err(|error| refused(format!("{error:#}"))),
            (KeyReference::Environment(name), _) => match std::env::var_os(name) {
                Some(value) => value.into_string().map_err(|_| refused(format!("`{name}` is not UTF-8"))),
                None => Err(refused(format!("loading URL: env://{name}: no such environment variable"))),
            },
            (KeyReference::Url(address), Some(server)) => server.read(address),
            _ => Err(refused(format!("key references of kind `{scheme}` are not supported"))),
        }
    }
}
