//! Keys that are named by reference: a file on the command line at once, anything else where `--allow-key-ref` names its kind.

use anyhow::{Context as _, anyhow, bail};
use vidimus::verify::{KeyReference, KeyReferences, PublicKey};

use super::files;

/// The kinds of references that are followed.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowedKeyReferences {
    schemes: Vec<String>,
}

impl AllowedKeyReferences {
    /// Follows references of these kinds: `file`, `env`.
    pub(super) fn new(schemes: &[String]) -> anyhow::Result<Self> {
        for scheme in schemes {
            match scheme.as_str() {
                "file" | "env" => {}
                "https" => bail!("--allow-key-ref: keys are not fetched over `https` yet"),
                other => bail!("--allow-key-ref: unknown kind `{other}`; there are `file` and `env`"),
            }
        }
        Ok(Self { schemes: schemes.to_vec() })
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
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, String> {
        let scheme = reference.scheme();
        if !self.schemes.iter().any(|allowed| allowed == scheme) {
            return Err(format!("key references of kind `{scheme}` are not allowed (--allow-key-ref {scheme})"));
        }
        match reference {
            KeyReference::File(path) => files::read(path).map_err(|error| format!("{error:#}")),
            KeyReference::Environment(name) => match std::env::var_os(name) {
                Some(value) => value.into_string().map_err(|_| format!("`{name}` is not UTF-8")),
                None => Err(format!("loading URL: env://{name}: no such environment variable")),
            },
            _ => Err(format!("key references of kind `{scheme}` are not supported")),
        }
    }
}
