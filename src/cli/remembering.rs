//! Memory flags: whether verdicts are remembered, how far past their time, and how the memory is checked; and the warnings that
//! go with them.

use std::io::{self, Write as _};
use std::num::NonZeroU64;
use std::time::Duration;

use clap::{Args, ValueEnum};
use vidimus::content::ContentConfig;
use vidimus::memo::{Mode, RefreshAhead};
use vidimus::verify::{Remembering, Verifier};

use super::persistence::Ttl;
use super::{duration, size};

/// How verdicts are remembered, and what is fetched for them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Memory")]
pub(super) struct RememberingArguments {
    /// Serve verdicts that are remembered, verify each time, or verify each time and compare with what is remembered
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Memo::On)]
    memo: Memo,
    /// Serve a verdict so long past its time to live where the registry cannot be asked, at most 24h [default: not at all]
    #[arg(long, value_name = "DURATION", value_parser = max_stale)]
    max_stale: Option<Duration>,
    /// Verify anew, in the background, what is asked for often, so long before its time to live ends [default: never]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    refresh_ahead: Option<Duration>,
    /// Verify anew, in the background, one in N hits; one that does not agree turns the memory off [default: none]
    #[arg(long, value_name = "N")]
    memo_canary: Option<NonZeroU64>,
    /// Keep so many bytes of what is fetched (manifests, blobs, lists), such as 64MiB; 0 for none
    #[arg(long, value_name = "SIZE", default_value = "32MiB", value_parser = size::parse)]
    content_bytes: u64,
    /// Keep what is fetched so long, everywhere or under a registry or repository; 0s for not at all [default: no limit]
    #[arg(long, value_name = "[REGISTRY[/REPOSITORY]=]DURATION")]
    content_ttl: Vec<Ttl>,
    /// Believe a list of referrers that a policy asks for so long without asking again; 0s for not at all [default: 10s]
    #[arg(long, value_name = "[REGISTRY[/REPOSITORY]=]DURATION")]
    referrers_ttl: Vec<Ttl>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Memo {
    On,
    Off,
    Shadow,
}

/// What is asked for this often shortly before its time ends is refreshed.
const HOT: u32 = 2;

impl RememberingArguments {
    /// Whether verdicts are remembered, and served from memory.
    pub(super) fn mode(&self) -> Mode {
        match self.memo {
            Memo::On => Mode::On,
            Memo::Off => Mode::Off,
            Memo::Shadow => Mode::Shadow,
        }
    }

    /// How much of what is fetched is kept, and how long.
    pub(super) fn content(&self) -> ContentConfig {
        let times_to_live = Ttl::table(&self.content_ttl, None);
        let referrers = Ttl::table(&self.referrers_ttl, Some(ContentConfig::REFERRERS));
        ContentConfig { bytes: self.content_bytes, times_to_live, referrers }
    }

    /// How far memory goes.
    pub(super) fn read(&self) -> Remembering {
        Remembering {
            max_stale: self.max_stale.unwrap_or_default(),
            refresh_ahead: self.refresh_ahead.map(|window| RefreshAhead { window, hot: HOT }),
            canary: self.memo_canary,
        }
    }
}

fn max_stale(text: &str) -> Result<Duration, String> {
    let read = duration::parse(text)?;
    if read > Remembering::MAX_STALE {
        return Err(format!("`{text}` is more than {} hours", Remembering::MAX_STALE.as_secs() / 3600));
    }
    Ok(read)
}

/// Says on standard error what its user should know of a memory that served more, or proved less, than was meant.
pub(super) fn warn(verifier: &Verifier) {
    let stats = verifier.stats();
    let mut stderr = io::stderr().lock();
    // Where nobody listens, the counters in the report say the same.
    if stats.memo.stale > 0 {
        let _ = writeln!(
            stderr,
            "warning: {} answers are past their time to live: the registry could not be asked (--max-stale)",
            stats.memo.stale
        );
    }
    if stats.memo.disagreements > 0 {
        let (wrong, of) = (stats.memo.disagreements, stats.memo.checks);
        let _ = writeln!(
            stderr,
            "warning: {wrong} of {of} remembered verdicts that were checked could not be found again: nothing more is remembered"
        );
    }
}
