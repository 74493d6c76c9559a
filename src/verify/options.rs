//! `SignerOptions`: conforma's options as they are written, and what they come to. Policies, flags and wasm share it.

use super::{IdentityMatcher, InvalidKey, LogRequirement, Matcher, PublicKey, Signer};

/// The options of `ec.sigstore.*` by conforma's names. An empty text is an option that is not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SignerOptions {
    /// PEM, or a reference to a key. Where it is given, the certificate options are not looked at.
    pub public_key: String,
    /// Exact subject alternative name.
    pub certificate_identity: String,
    /// Pattern on the subject alternative name.
    pub certificate_identity_regexp: String,
    /// Exact issuer.
    pub certificate_oidc_issuer: String,
    /// Pattern on the issuer.
    pub certificate_oidc_issuer_regexp: String,
    /// Whether transparency logs are not asked for.
    pub ignore_rekor: bool,
    /// Where to search for log entries that are not attached.
    pub rekor_url: String,
    /// PEM of the log's key, instead of those in the trusted root.
    pub rekor_public_key: String,
}

/// Why options come to nothing; the text follows conforma's `opts parameter: `.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// The signer cannot be told.
    #[error("new policy: {0}")]
    Signer(String),
    /// The key of the log cannot be read.
    #[error("adding rekor public key: {0}")]
    LogKey(#[source] InvalidKey),
}

/// Reads what references to keys name. Which kinds are allowed is its decision: a policy can write any reference.
pub trait KeyReferences: Send + Sync + std::fmt::Debug {
    /// The text of the key that `reference` names.
    ///
    /// # Errors
    /// Why there is none, or why it is not read.
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, String>;
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
    fn read(&self, reference: &KeyReference<'_>) -> Result<String, String> {
        let scheme = reference.scheme();
        Err(format!("key references of kind `{scheme}` are not allowed (--allow-key-ref {scheme})"))
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

impl SignerOptions {
    /// Who must have signed, and whether a log must have seen it. References to keys are resolved to the keys' own bytes.
    ///
    /// # Errors
    /// [`OptionsError`], worded as conforma words it.
    pub fn resolve(&self, references: &dyn KeyReferences) -> Result<(Signer, LogRequirement), OptionsError> {
        let signer = if self.public_key.is_empty() { self.identity()? } else { self.key(references)? };
        let log_key = match self.rekor_public_key.as_str() {
            "" => None,
            pem => Some(PublicKey::from_pem(pem).map_err(OptionsError::LogKey)?),
        };
        if self.ignore_rekor {
            return Ok((signer, LogRequirement::Ignored));
        }
        let search = Some(self.rekor_url.clone()).filter(|url| !url.is_empty());
        Ok((signer, LogRequirement::Required { log_key, search }))
    }

    /// Whether the key is named by a reference, so that what it is may change.
    pub(crate) fn names_key(&self) -> bool {
        !self.public_key.is_empty() && !self.is_pem()
    }

    /// Bytes of all texts together.
    pub(crate) fn text_len(&self) -> usize {
        [
            &self.public_key,
            &self.certificate_identity,
            &self.certificate_identity_regexp,
            &self.certificate_oidc_issuer,
            &self.certificate_oidc_issuer_regexp,
            &self.rekor_url,
            &self.rekor_public_key,
        ]
        .map(String::len)
        .iter()
        .sum()
    }

    fn is_pem(&self) -> bool {
        self.public_key.contains("-----BEGIN PUBLIC KEY-----")
    }

    fn key(&self, references: &dyn KeyReferences) -> Result<Signer, OptionsError> {
        let parsed = if self.is_pem() {
            PublicKey::from_pem(&self.public_key)
        } else {
            let reference = KeyReference::parse(&self.public_key).map_err(OptionsError::Signer)?;
            PublicKey::from_pem(&references.read(&reference).map_err(OptionsError::Signer)?)
        };
        parsed.map(Signer::Key).map_err(|error| OptionsError::Signer(error.to_string()))
    }

    fn identity(&self) -> Result<Signer, OptionsError> {
        let identity = matchers(&self.certificate_identity, &self.certificate_identity_regexp);
        let issuer = matchers(&self.certificate_oidc_issuer, &self.certificate_oidc_issuer_regexp);
        let missing = [
            issuer.is_empty().then_some("certificate OIDC issuer must be provided for keyless workflow"),
            identity.is_empty().then_some("certificate identity must be provided for keyless workflow"),
        ];
        let missing: Vec<_> = missing.into_iter().flatten().collect();
        if !missing.is_empty() {
            return Err(OptionsError::Signer(missing.join("\n")));
        }
        Ok(Signer::Identity(IdentityMatcher { identity, issuer }))
    }
}

fn matchers(exact: &str, pattern: &str) -> Vec<Matcher> {
    let exact = Some(exact).filter(|text| !text.is_empty()).map(|text| Matcher::Exact(text.to_owned()));
    let pattern = Some(pattern).filter(|text| !text.is_empty()).map(|text| Matcher::Pattern(text.to_owned()));
    exact.into_iter().chain(pattern).collect()
}
