//! `vidimus trust refresh`: renews a trusted root by hand, for `--trusted-root`. Only with the cargo feature `tuf`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use vidimus::verify::{Trust, TufRepository};

use super::duration;
use super::format::write_quietly;

/// Renew whom to believe
#[derive(Debug, Args)]
pub(super) struct TrustArguments {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    /// Fetch the trusted root over The Update Framework, and write it to a file once it holds
    Refresh(RefreshArguments),
}

#[derive(Debug, Args)]
struct RefreshArguments {
    /// File to write, for `--trusted-root`; what it held stays there until the new root holds
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Directory that keeps what the repository has said, so that it cannot go back
    #[arg(long, value_name = "DIR")]
    seen: PathBuf,
    /// Repository to ask [default: the public-good instance]
    #[arg(long, value_name = "URL", requires = "tuf_root")]
    tuf_url: Option<String>,
    /// The `root.json` with which trust in that repository begins
    #[arg(long, value_name = "FILE", requires = "tuf_url")]
    tuf_root: Option<PathBuf>,
    /// Time that it may take
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration::parse)]
    timeout: Duration,
}

pub(super) fn run(arguments: &TrustArguments) -> anyhow::Result<u8> {
    let TrustCommand::Refresh(arguments) = &arguments.command;
    let repository = match (&arguments.tuf_url, &arguments.tuf_root) {
        (Some(url), Some(root)) => {
            let bytes = std::fs::read(root).with_context(|| format!("--tuf-root: `{}`", root.display()))?;
            TufRepository::at(url, &bytes, arguments.seen.clone())
        }
        _ => TufRepository::public_good(arguments.seen.clone()),
    };
    let json = repository.refresh(Instant::now() + arguments.timeout).context("the trusted root is not renewed")?;
    replace(&arguments.output, &json).with_context(|| format!("--output: `{}`", arguments.output.display()))?;
    let epoch = Trust::from_json(&json).map_err(|error| anyhow!("{error}"))?.epoch();
    write_quietly(&mut io::stdout().lock(), format!("{}  {epoch}\n", arguments.output.display()).as_bytes())?;
    Ok(0)
}

/// Writes beside, then renames: a reader sees the old root or the new one, never half of it.
fn replace(output: &Path, json: &str) -> io::Result<()> {
    let mut beside = output.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, json)?;
    std::fs::rename(&beside, output)
}
