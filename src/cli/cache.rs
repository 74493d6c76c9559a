//! `vidimus cache`: what is remembered in a directory, and how it is made to be forgotten.

mod entry;
mod list;
mod prune;
mod revoke;
mod show;
mod stats;

use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use vidimus::memo::Vault;

use super::format::write_quietly;
use super::persistence;
use super::question::Shape;

pub(super) use entry::Entry;

/// Look at the verdicts that are remembered in a directory, and revoke them
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct CacheArguments {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    List(list::ListArguments),
    Show(show::ShowArguments),
    Revoke(revoke::RevokeArguments),
    Prune(prune::PruneArguments),
    Stats(stats::StatsArguments),
}

const AFTER_HELP: &str = "\
A verdict that is revoked is asked for anew, by processes that run now, too. One that is put back is not used: the revocation
stays on record.

Examples:
  vidimus cache list --cache-dir .vidimus
  vidimus cache show --cache-dir .vidimus registry.example/acme/web@sha256:…
  vidimus cache revoke --cache-dir .vidimus --key-fingerprint sha256:… --repository registry.example/acme
  vidimus cache prune --cache-dir .vidimus";

/// Which directory, and how to answer.
#[derive(Debug, Args)]
pub(super) struct DirectoryArguments {
    /// The directory of remembered verdicts
    #[arg(long, value_name = "DIR")]
    cache_dir: PathBuf,
    /// File with the key that seals them [default: `key` in the directory]
    #[arg(long, value_name = "FILE")]
    cache_key_file: Option<PathBuf>,
    /// How to answer
    #[arg(short, long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
}

impl DirectoryArguments {
    fn vault(&self) -> anyhow::Result<Vault> {
        persistence::existing(&self.cache_dir, self.cache_key_file.as_deref())
    }

    /// Writes an answer, as it is asked for.
    fn answer(&self, document: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let rendered = match self.format {
            Shape::Text => text(),
            Shape::Json => serde_json::to_string_pretty(document)? + "\n",
        };
        Ok(write_quietly(&mut io::stdout().lock(), rendered.as_bytes())?)
    }
}

pub(super) fn run(arguments: &CacheArguments) -> anyhow::Result<u8> {
    match &arguments.command {
        CacheCommand::List(arguments) => list::run(arguments),
        CacheCommand::Show(arguments) => show::run(arguments),
        CacheCommand::Revoke(arguments) => revoke::run(arguments),
        CacheCommand::Prune(arguments) => prune::run(arguments),
        CacheCommand::Stats(arguments) => stats::run(arguments),
    }
    .map(|()| 0)
}

/// `1 verdict`, `2 verdicts`.
fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
