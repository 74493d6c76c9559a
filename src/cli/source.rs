//! Source flags: where images come from, whom to believe, and the engine that asks them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use vidimus::oci::{Credentials, Registry, RegistryDir, RegistryHost, RegistryOptions, Sources};
use vidimus::verify::{LogSearch, Trust, VerifierConfig};
use vidimus::{Engine, EngineConfig};

use super::files;
use super::keys::AllowedKeyReferences;
use super::remembering::RememberingArguments;

/// Where images and trust come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Images and trust")]
pub(super) struct SourceArguments {
    /// Answer for the registry HOST from a tree of OCI layouts, DIR/<repository>, and never over the network
    #[arg(long, value_name = "HOST=DIR")]
    registry_dir: Vec<RegistryDir>,
    /// Speak plain HTTP to this registry, credentials included
    #[arg(long, value_name = "HOST")]
    plain_http: Vec<RegistryHost>,
    /// Trusted root (JSON) of certificates and transparency logs [default: the public-good one built in]
    #[arg(long, value_name = "FILE")]
    trusted_root: Option<String>,
    /// Follow references to keys of this kind, `file`, `env` or `https`, where policies write them; with `https` a policy can
    /// make this program ask any such address
    #[arg(long, value_name = "KIND")]
    allow_key_ref: Vec<String>,
    /// Ask the log at `rekor_url` for entries that are not attached to signatures: the one call of a verification to
    /// another host than the registry's
    #[arg(long)]
    allow_rekor_search: bool,
    #[command(flatten)]
    remembering: RememberingArguments,
}

impl SourceArguments {
    /// Which references to keys are followed.
    pub(super) fn keys(&self) -> anyhow::Result<AllowedKeyReferences> {
        AllowedKeyReferences::new(&self.allow_key_ref)
    }

    /// The engine that asks these sources.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        let (credentials, credential_scope) = credentials()?;
        let options = RegistryOptions { credentials, plain_http: self.plain_http.iter().cloned().collect() };
        let sources = Sources::new(Registry::new(options)?, self.registry_dir.iter().cloned()).context("--registry-dir")?;
        let log_search = if self.allow_rekor_search { LogSearch::Allowed } else { LogSearch::Off };
        let config = EngineConfig {
            verifier: VerifierConfig {
                credential_scope,
                log_search,
                mode: self.remembering.mode(),
                remembering: self.remembering.read(),
                ..VerifierConfig::default()
            },
            key_references: Arc::new(self.keys()?),
            ..EngineConfig::new(Arc::new(sources), self.trust()?)
        };
        Ok(Engine::new(config)?)
    }

    fn trust(&self) -> anyhow::Result<Trust> {
        let named = self.trusted_root.clone().map(|file| ("--trusted-root", file));
        let set = || std::env::var_os("VIDIMUS_TRUSTED_ROOT").filter(|value| !value.is_empty());
        let root = named.or_else(|| set().map(|file| ("VIDIMUS_TRUSTED_ROOT", file.to_string_lossy().into_owned())));
        match root {
            Some((named_by, file)) => {
                let text = files::read(&file).context(named_by)?;
                Trust::from_json(&text).with_context(|| format!("{named_by}: `{file}`"))
            }
            None => Trust::public_good().context("the trusted root built in"),
        }
    }
}

/// What docker's configuration says, where there is one, and the name of it.
fn credentials() -> anyhow::Result<(Credentials, String)> {
    let directory = std::env::var_os("DOCKER_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    match directory.or_else(home).map(|directory| directory.join("config.json")).filter(|file| file.exists()) {
        Some(file) => Ok((Credentials::from_docker_config(&file)?, file.display().to_string())),
        None => Ok((Credentials::anonymous(), String::new())),
    }
}
