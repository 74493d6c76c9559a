//! Source flags: where images come from, whom to believe, and the engine that asks them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use vidimus::memo::Vault;
use vidimus::oci::{Credentials, Registry, RegistryDir, RegistryHost, RegistryOptions, Sources};
use vidimus::verify::{LogSearch, Trust, VerifierConfig};
use vidimus::{Engine, EngineConfig};

use super::files;
use super::keys::AllowedKeyReferences;
use super::persistence::PersistenceArguments;
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
    #[command(flatten)]
    persistence: PersistenceArguments,
}

impl SourceArguments {
    /// Which references to keys are followed.
    pub(super) fn keys(&self) -> anyhow::Result<AllowedKeyReferences> {
        AllowedKeyReferences::new(&self.allow_key_ref)
    }

    /// The engine that asks these sources.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        Ok(self.engine_and_vault()?.0)
    }

    /// The same, which keeps the machine code of WebAssembly policies in a directory.
    pub(super) fn engine_with(&self, wasm_cache: Option<PathBuf>) -> anyhow::Result<Engine> {
        Ok(Engine::new(EngineConfig { wasm_cache, ..self.config()? })?)
    }

    /// The engine, and where it keeps what it remembers beyond this process.
    pub(super) fn engine_and_vault(&self) -> anyhow::Result<(Engine, Option<Arc<Vault>>)> {
        let config = self.config()?;
        let vault = config.verifier.vault.clone();
        Ok((Engine::new(config)?, vault))
    }

    fn config(&self) -> anyhow::Result<EngineConfig> {
        let credentials = credentials()?;
        let options = RegistryOptions { credentials, plain_http: self.plain_http.iter().cloned().collect() };
        let sources = Sources::new(Registry::new(options)?, self.registry_dir.iter().cloned()).context("--registry-dir")?;
        let log_search = if self.allow_rekor_search { LogSearch::Allowed } else { LogSearch::Off };
        let mut verifier = VerifierConfig {
            log_search,
            mode: self.remembering.mode(),
            remembering: self.remembering.read(),
            content: self.remembering.content(),
            ..VerifierConfig::default()
        };
        self.persistence.apply(&mut verifier)?;
        Ok(EngineConfig { verifier, key_references: Arc::new(self.keys()?), ..EngineConfig::new(Arc::new(sources), self.trust()?) })
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

/// What docker's configuration says, where there is one.
fn credentials() -> anyhow::Result<Credentials> {
    let directory = std::env::var_os("DOCKER_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    match directory.or_else(home).map(|directory| directory.join("config.json")).filter(|file| file.exists()) {
        Some(file) => Ok(Credentials::from_docker_config(&file)?),
        None => Ok(Credentials::anonymous()),
    }
}
