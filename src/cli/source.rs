//! Source flags: where images come from, and the trusted root.

use clap::Args;
use vidimus::Engine;

/// Where images and trust come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Images and trust")]
pub(super) struct SourceArguments {
    /// Answer for the registry HOST from a tree of OCI layouts, DIR/<repository>, and never over the network
    #[arg(long, value_name = "HOST=DIR", value_parser = host_and_directory)]
    pub(super) registry_dir: Vec<(String, String)>,
    /// Send credentials to this registry over plain HTTP too
    #[arg(long, value_name = "HOST")]
    pub(super) plain_http: Vec<String>,
    /// Trusted root (JSON) of certificates and transparency logs [default: the public-good one built in]
    #[arg(long, value_name = "FILE")]
    pub(super) trusted_root: Option<String>,
    /// Key references of this scheme, such as `env` or `https`, may be followed
    #[arg(long, value_name = "SCHEME")]
    pub(super) allow_key_ref: Vec<String>,
}

fn host_and_directory(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((host, directory)) if !host.is_empty() && !directory.is_empty() => Ok((host.to_owned(), directory.to_owned())),
        _ => Err("write HOST=DIR, such as `registry.example=fixtures/registry`".to_owned()),
    }
}

impl SourceArguments {
    /// The engine that asks these sources.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        Ok(Engine::offline())
    }
}
