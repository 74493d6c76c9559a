//! `KeyReference`: a key that is named and not written, and whose decision it is to follow the name.

/// Reads what references to keys name. Which kinds are allowed is its decision: a policy can write any reference.
pub trait KeyReferences: Send + Sync + std::fmt::Debug {
    /// The text of the key that `reference` names.
    ///
    /// # Errors
    /// Why there is none, why it is not read, or why it could not be asked for.
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, UnreadKey>;
}

/// Why a reference gives no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadKey {
    /// It is not read, or there is no key: a fact.
    #[error("{0}")]
    Refused(String),
    /// It could not be asked for: a maybe.
    #[error("{0}")]
    Unavailable(String),
}

/// A reference to a key, by its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyReference<'a> {
    /// A path.
    File(&'a str),
    /// `env://NAME`.
    Environment(&'a str),
    /// `https://..`, whole.
    Url(&'a str),
}

/// No reference is read: a key must be written as PEM.
#[derive(Debug, Clone, Copy)]
pub struct NoKeyReferences;

impl KeyReferences for NoKeyReferences {
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, UnreadKey> {
        Err(reference.not_allowed())
    }
}

impl<'a> KeyReference<'a> {
    /// The word that allows this kind on the command line.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Environment(_) => "env",
            Self::Url(_) => "https",
        }
    }

    /// The refusal of a kind that the operator did not allow.
    #[must_use]
    pub fn not_allowed(&self) -> UnreadKey {
        let scheme = self.scheme();
        UnreadKey::Refused(format!("key references of kind `{scheme}` are not allowed (--allow-key-ref {scheme})"))
    }

    /// Reads a reference as cosign does.
    ///
    /// # Errors
    /// A scheme that is unknown or not supported.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let shown = |text: &str| text.chars().take(100).collect::<String>();
        if text.starts_with("pkcs11:") {
            return Err("loading URL: key references of kind `pkcs11` are not supported".to_owned());
        }
        match text.split_once("://") {
            None => Ok(Self::File(text)),
            Some(("env", name)) => Ok(Self::Environment(name)),
            Some(("https", _)) => Ok(Self::Url(text)),
            Some((scheme @ ("http" | "k8s" | "gitlab" | "awskms" | "gcpkms" | "azurekms" | "hashivault"), _)) => {
                Err(format!("loading URL: key references of kind `{scheme}` are not supported"))
            }
            Some((scheme, _)) => Err(format!("loading URL: unrecognized scheme: {}://", shown(scheme))),
        }
    }
}
