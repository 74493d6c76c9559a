//! Signer flags: who must have signed, as `data.config.default_sigstore_opts` and as a question of our own.

use anyhow::anyhow;
use clap::Args;
use serde_json::{Map, Value, json};
use vidimus::verify::{LogRequirement, Signer, SignerOptions};

use super::keys::AllowedKeyReferences;

/// Who must have signed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signer")]
pub(super) struct SignerArguments {
    /// Public key (PEM) that must have signed; certificates then count for nothing
    #[arg(short = 'k', long, alias = "key", value_name = "FILE")]
    pub(super) public_key: Option<String>,
    /// Identity (subject alternative name) in the signing certificate
    #[arg(long, value_name = "NAME")]
    pub(super) certificate_identity: Option<String>,
    /// Pattern (RE2, unanchored) of that identity
    #[arg(long, value_name = "REGEXP")]
    pub(super) certificate_identity_regexp: Option<String>,
    /// OIDC issuer in the signing certificate
    #[arg(long, value_name = "URL")]
    pub(super) certificate_oidc_issuer: Option<String>,
    /// Pattern (RE2, unanchored) of that issuer
    #[arg(long, value_name = "REGEXP")]
    pub(super) certificate_oidc_issuer_regexp: Option<String>,
    /// Do not ask that a transparency log has seen the signature
    #[arg(long)]
    pub(super) ignore_rekor: bool,
    /// Transparency log to search for entries that are not attached
    #[arg(long, value_name = "URL")]
    pub(super) rekor_url: Option<String>,
    /// Public key (PEM) of the transparency log, instead of those in the trusted root
    #[arg(long, value_name = "FILE")]
    pub(super) rekor_public_key: Option<String>,
}

impl SignerArguments {
    /// Whether any of the flags is given.
    pub(super) fn any(&self) -> bool {
        let texts = [&self.public_key, &self.rekor_url, &self.rekor_public_key];
        self.ignore_rekor || self.names().iter().any(|(_, value)| value.is_some()) || texts.iter().any(|text| text.is_some())
    }

    fn names(&self) -> [(&'static str, &Option<String>); 4] {
        [
            ("certificate_identity", &self.certificate_identity),
            ("certificate_identity_regexp", &self.certificate_identity_regexp),
            ("certificate_oidc_issuer", &self.certificate_oidc_issuer),
            ("certificate_oidc_issuer_regexp", &self.certificate_oidc_issuer_regexp),
        ]
    }

    /// The options as a question of our own, keys read.
    pub(super) fn read(&self, keys: &AllowedKeyReferences) -> anyhow::Result<SignerOptions> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let key = |flag, value: &Option<String>| value.as_deref().map_or(Ok(String::new()), |key| keys.named(flag, key));
        Ok(SignerOptions {
            public_key: key("--public-key", &self.public_key)?,
            certificate_identity: text(&self.certificate_identity),
            certificate_identity_regexp: text(&self.certificate_identity_regexp),
            certificate_oidc_issuer: text(&self.certificate_oidc_issuer),
            certificate_oidc_issuer_regexp: text(&self.certificate_oidc_issuer_regexp),
            ignore_rekor: self.ignore_rekor,
            rekor_url: text(&self.rekor_url),
            rekor_public_key: key("--rekor-public-key", &self.rekor_public_key)?,
        })
    }

    /// The options as a policy passes them to `ec.sigstore.verify_image`: all seven members, empty where unset.
    pub(super) fn options(&self, keys: &AllowedKeyReferences) -> anyhow::Result<Map<String, Value>> {
        let read = self.read(keys)?;
        if self.public_key.is_some() || self.names().iter().any(|(_, value)| value.is_some()) {
            signer(&read, keys)?;
        }
        let SignerOptions { public_key, rekor_public_key, rekor_url, ignore_rekor, .. } = read;
        let mut options = Map::from_iter([
            ("ignore_rekor".to_owned(), json!(ignore_rekor)),
            ("public_key".to_owned(), json!(public_key)),
            ("rekor_url".to_owned(), json!(rekor_url)),
        ]);
        options.extend(self.names().map(|(name, value)| (name.to_owned(), json!(value.as_deref().unwrap_or_default()))));
        // Conforma's options have no such member, so it is there only where it is asked for.
        if !rekor_public_key.is_empty() {
            options.insert("rekor_public_key".to_owned(), json!(rekor_public_key));
        }
        Ok(options)
    }

    /// Puts the options into `data.config.default_sigstore_opts`. Flags win over a data file; where there are neither,
    /// the options are there all the same, and grant nothing.
    pub(super) fn fill(&self, keys: &AllowedKeyReferences, data: &mut Map<String, Value>) -> anyhow::Result<()> {
        let config = data.entry("config").or_insert_with(|| json!({}));
        let Some(config) = config.as_object_mut() else { anyhow::bail!("data: `config` must be an object") };
        if self.any() || !config.contains_key("default_sigstore_opts") {
            config.insert("default_sigstore_opts".to_owned(), Value::Object(self.options(keys)?));
        }
        Ok(())
    }
}

/// Who must have signed, and whether a log must have seen it.
pub(super) fn signer(options: &SignerOptions, keys: &AllowedKeyReferences) -> anyhow::Result<(Signer, LogRequirement)> {
    options.resolve(keys).map_err(|error| {
        let text = error.to_string();
        let why = text.strip_prefix("new policy: ").unwrap_or(&text).replace('\n', "; ");
        anyhow!("the signer is not told: {why}")
    })
}
