//! Flags of what outlives the process: the directory of verdicts and its key, how long they live, what is revoked.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use vidimus::memo::{EmbeddedStore, Revocation, Seal, TimesToLive, Vault};
use vidimus::oci::RepositoryPrefix;
use vidimus::verify::{RevocationFile, RevocationNews, Verifier, VerifierConfig};

use super::clock::rfc3339;
use super::style::harmless;
use super::{duration, size};

/// How long a verdict lives that is written down where nothing else is said: attestations may be added to an image meanwhile.
const USUAL_TTL: Duration = Duration::from_hours(24);
/// How long the end of the program may wait for the disk.
const FLUSH: Duration = Duration::from_secs(30);
/// Most warnings that are told apart.
const MAX_WARNINGS: usize = 1000;
/// The key's file in the directory.
const KEY: &str = "key";

/// What outlives the process.
#[derive(Debug, Args)]
#[command(next_help_heading = "Memory")]
pub(super) struct PersistenceArguments {
    /// Keep verdicts in this directory, for later runs and for others at the same time [default: in memory only]
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
    /// File with the key that seals them (mode 600, made where there is none) [default: `key` in the directory]
    #[arg(long, value_name = "FILE", requires = "cache_dir")]
    cache_key_file: Option<PathBuf>,
    /// Most bytes of the directory's file, at least 8MiB; the oldest verdicts go first [default: 256MiB]
    #[arg(long, value_name = "SIZE", requires = "cache_dir", value_parser = cap)]
    cache_max_bytes: Option<u64>,
    /// How long verdicts are remembered, 0 for not at all; under a registry or a path in it where one is named (the longest
    /// counts) [default: 24h with --cache-dir, else as long as the evidence holds]
    #[arg(long, value_name = "[REGISTRY[/REPOSITORY]=]DURATION")]
    ttl: Vec<Ttl>,
    /// Forget what this file lists, now and whenever it changes: lines such as `digest=sha256:…` or `repository=HOST/PATH`
    #[arg(long, value_name = "FILE")]
    revocations: Option<PathBuf>,
}

/// One time to live, and what it is for.
#[derive(Debug, Clone)]
pub(super) struct Ttl {
    prefix: Option<RepositoryPrefix>,
    duration: Duration,
}

impl Ttl {
    /// The table that flags come to; `usual` holds where none of them says anything for all.
    pub(super) fn table(flags: &[Self], usual: Option<Duration>) -> TimesToLive {
        let whole = flags.iter().rev().find(|ttl| ttl.prefix.is_none()).map(|ttl| ttl.duration);
        let mut table = TimesToLive::new(whole.or(usual));
        for Self { prefix, duration } in flags {
            if let Some(prefix) = prefix {
                table.set(prefix.as_str(), *duration);
            }
        }
        table
    }
}

impl PersistenceArguments {
    /// Sets all of it.
    pub(super) fn apply(&self, config: &mut VerifierConfig) -> anyhow::Result<()> {
        config.times_to_live = Ttl::table(&self.ttl, self.cache_dir.is_some().then_some(USUAL_TTL));
        if let Some(directory) = &self.cache_dir {
            let store =
                EmbeddedStore::bounded(directory, self.cache_max_bytes.unwrap_or(EmbeddedStore::USUAL_BYTES)).context("--cache-dir")?;
            if let Some(aside) = store.put_aside() {
                warn(&format!("the remembered verdicts were damaged and are put aside as `{}`", aside.display()));
            }
            let seal = match &self.cache_key_file {
                Some(file) => Seal::from_file(file).context("--cache-key-file")?,
                None => Seal::from_file(&directory.join(KEY)).context("--cache-dir")?,
            };
            config.vault = Some(Arc::new(vault(store, seal)));
        }
        config.revocations = self.revocations.as_ref().map(|file| RevocationFile::new(file, hear));
        Ok(())
    }
}

/// Waits until what was found out is on disk.
pub(super) fn flush(verifier: &Verifier) {
    if !verifier.flush(Instant::now() + FLUSH) {
        warn("not all verdicts could be written down in time");
    }
}

/// The vault of a directory that is there already, for commands that look at it.
pub(super) fn existing(directory: &Path, key: Option<&Path>) -> anyhow::Result<Vault> {
    if !directory.join(EmbeddedStore::FILE).is_file() {
        bail!("--cache-dir: `{}` holds no remembered verdicts", directory.display());
    }
    let file = key.map_or_else(|| directory.join(KEY), Path::to_owned);
    if !file.exists() {
        bail!("the key file `{}` is not there", file.display());
    }
    let seal = Seal::from_file(&file)?;
    let store = EmbeddedStore::open(directory)?;
    if let Some(aside) = store.put_aside() {
        warn(&format!("the remembered verdicts were damaged and are put aside as `{}`", aside.display()));
    }
    Ok(vault(store, seal))
}

/// Each warning is told once.
fn vault(store: EmbeddedStore, seal: Seal) -> Vault {
    let told: Mutex<HashSet<String>> = Mutex::default();
    Vault::new(store, seal, move |warning| {
        let text = warning.to_string();
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < MAX_WARNINGS && told.insert(text.clone()) {
            warn(&text);
        }
    })
}

fn hear(news: &RevocationNews) {
    match news {
        RevocationNews::Revoked(revocation) => say(&audited(revocation)),
        RevocationNews::Unreadable(error) => warn(&format!("{error}; what it listed before holds on")),
        _ => {}
    }
}

fn audited(Revocation { selector, at, entries, flights, recorded, .. }: &Revocation) -> String {
    let kept = match recorded {
        Some(Err(error)) => format!("; not on record for other processes: {error}"),
        _ => String::new(),
    };
    format!("revoked {selector} at {}: {entries} remembered, {flights} under way{kept}", rfc3339(*at))
}

/// Standard error is the last resort: where nobody listens there, the verdicts are the same.
pub(super) fn warn(text: &str) {
    say(&format!("warning: {text}"));
}

fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", harmless(line));
}

fn cap(text: &str) -> Result<u64, String> {
    let bytes = size::parse(text)?;
    if bytes < EmbeddedStore::LEAST_BYTES {
        return Err(format!("`{text}` is too small: at least {}", size::shown(EmbeddedStore::LEAST_BYTES)));
    }
    Ok(bytes)
}

impl FromStr for Ttl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (prefix, duration) = match text.rsplit_once('=') {
            Some((prefix, duration)) => (Some(prefix.parse::<RepositoryPrefix>().map_err(|error| error.to_string())?), duration),
            None => (None, text),
        };
        Ok(Self { prefix, duration: duration::lifetime(duration)? })
    }
}
