//! `SignerOptions`: conforma's options as they are written, and what they come to. Policies, flags and wasm share it.

use super::{IdentityMatcher, InvalidKey, KeyReference, KeyReferences, LogRequirement, Matcher, PublicKey, Signer, UnreadKey};

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
    /// The key is named by a reference that could not be asked: a maybe.
    #[error("new policy: {0}")]
    Unavailable(String),
    /// The key of the log cannot be read.
    #[error("adding rekor public key: {0}")]
    LogKey(#[source] InvalidKey),
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
            PublicKey::from_pem(&references.read(&reference)?)
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

impl From<UnreadKey> for OptionsError {
    fn from(unread: UnreadKey) -> Self {
        match unread {
            UnreadKey::Refused(reason) => Self::Signer(reason),
            UnreadKey::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}
