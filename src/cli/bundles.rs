//! Bundle flags: which bundles are read, who must have signed them, and what is passed over.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use clap::Args;
use vidimus::{BundleKey, BundleOptions, FilePattern, PolicyBundle};

use super::files;

/// How bundles, and directories, are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bundles")]
pub(super) struct BundleArguments {
    /// Verify the signatures of bundles with this key: a PEM file (public key, certificate), or for HS256 and the like a secret.
    /// Without it, signatures are not looked at
    #[arg(long, value_name = "FILE|SECRET")]
    verification_key: Option<String>,
    /// Name of the verification key
    #[arg(long, value_name = "ID", default_value = "default", requires = "verification_key")]
    verification_key_id: String,
    /// Algorithm that bundles are signed with
    #[arg(long, value_name = "ALGORITHM", default_value = "RS256", requires = "verification_key",
          value_parser = clap::builder::PossibleValuesParser::new(BundleKey::ALGORITHMS))]
    signing_alg: String,
    /// Scope that signatures of bundles must be for
    #[arg(long, value_name = "SCOPE", default_value = "", hide_default_value = true, requires = "verification_key")]
    scope: String,
    /// Files of bundles that need not be as they were signed, by patterns such as `data/*.json`
    #[arg(long, value_name = "PATTERN", value_delimiter = ',', requires = "verification_key")]
    exclude_files_verify: Vec<FilePattern>,
    /// Pass over files and directories of these names, such as `.*`, inside of what is loaded
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(super) ignore: Vec<FilePattern>,
}

impl BundleArguments {
    /// Reads bundles, archives or directories, that do not claim the same part of `data`.
    pub(super) fn load(&self, paths: &[String]) -> anyhow::Result<Vec<PolicyBundle>> {
        let bundles: Vec<PolicyBundle> = paths.iter().map(|path| self.open(path)).collect::<Result<_, _>>()?;
        PolicyBundle::check_overlap(&bundles)?;
        Ok(bundles)
    }

    /// Reads one bundle.
    pub(super) fn open(&self, path: &str) -> anyhow::Result<PolicyBundle> {
        let options = BundleOptions { key: self.key()?, ignore: self.ignore.clone() };
        PolicyBundle::open(path, &options).with_context(|| format!("bundle `{path}`"))
    }

    fn key(&self) -> anyhow::Result<Option<BundleKey>> {
        let Some(key) = &self.verification_key else { return Ok(None) };
        let text = if Path::new(key).is_file() { files::read(key)? } else { key.clone() };
        let mut key = BundleKey::new(&text, &self.signing_alg).map_err(|error| anyhow!("--verification-key: {error}"))?;
        key.id.clone_from(&self.verification_key_id);
        key.scope.clone_from(&self.scope);
        key.exclude.clone_from(&self.exclude_files_verify);
        Ok(Some(key))
    }
}

/// Whether a path names an archive rather than a Rego or data file.
pub(super) fn is_archive(path: &str) -> bool {
    [".tar.gz", ".tgz"].iter().any(|end| path.to_lowercase().ends_with(end))
}
