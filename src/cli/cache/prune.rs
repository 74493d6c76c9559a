//! `vidimus cache prune`: removes verdicts that would not be used any more.

use std::cell::Cell;
use std::time::SystemTime;

use clap::Args;
use serde_json::json;

use super::entry::State;
use super::{DirectoryArguments, plural};

/// Remove verdicts whose time is over, that were revoked, or that cannot be read
#[derive(Debug, Args)]
pub(super) struct PruneArguments {
    #[command(flatten)]
    directory: DirectoryArguments,
}

pub(super) fn run(arguments: &PruneArguments) -> anyhow::Result<()> {
    let vault = arguments.directory.vault()?;
    let kept = Cell::new(0_u64);
    let removed = vault.remove_if(SystemTime::now(), |listed| {
        let good = State::of(listed) == State::Good;
        kept.set(kept.get() + u64::from(good));
        !good
    })? as u64;
    let kept = kept.get();
    arguments
        .directory
        .answer(&json!({ "removed": removed, "kept": kept }), || format!("{} removed, {kept} kept\n", plural(removed, "verdict")))
}
