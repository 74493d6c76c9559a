//! `vidimus cache stats`: how much is remembered.

use std::fs;
use std::time::SystemTime;

use clap::Args;
use serde_json::{Map, Value, json};
use vidimus::memo::EmbeddedStore;

use super::entry::State;
use super::{DirectoryArguments, plural};
use crate::cli::clock::rfc3339;
use crate::cli::size;

/// Count the remembered verdicts
#[derive(Debug, Args)]
pub(super) struct StatsArguments {
    #[command(flatten)]
    directory: DirectoryArguments,
}

pub(super) fn run(arguments: &StatsArguments) -> anyhow::Result<()> {
    let vault = arguments.directory.vault()?;
    let (mut counts, mut bytes) = ([0_u64; State::ALL.len()], 0);
    let (mut oldest, mut newest) = (None::<SystemTime>, None::<SystemTime>);
    vault.each(SystemTime::now(), &mut |listed, weight| {
        let state = State::of(&listed);
        for (count, _) in counts.iter_mut().zip(State::ALL).filter(|(_, each)| *each == state) {
            *count += 1;
        }
        bytes += weight;
        if let Some(record) = listed.record() {
            oldest = Some(oldest.map_or(record.found_at, |date| date.min(record.found_at)));
            newest = Some(newest.map_or(record.found_at, |date| date.max(record.found_at)));
        }
    })?;
    let revocations = vault.revocations()?.len() as u64;
    let file = fs::metadata(arguments.directory.cache_dir.join(EmbeddedStore::FILE)).map_or(0, |metadata| metadata.len());
    let by_state: Map<String, Value> =
        State::ALL.iter().zip(counts).map(|(state, count)| (state.name().replace(' ', "_"), json!(count))).collect();
    let document = json!({
        "entries": by_state,
        "bytes": bytes,
        "file_bytes": file,
        "revocations": revocations,
        "oldest": oldest.map(rfc3339),
        "newest": newest.map(rfc3339),
    });
    arguments.directory.answer(&document, || {
        let states: Vec<String> = State::ALL.iter().zip(counts).map(|(state, count)| format!("{count} {}", state.name())).collect();
        let (bytes, file) = (size::shown(bytes), size::shown(file));
        format!("{}; {bytes} in a file of {file}; {} on record\n", states.join(", "), plural(revocations, "revocation"))
    })
}
