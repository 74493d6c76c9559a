//! `vidimus cache list`: every remembered verdict, and every revocation on record.

use std::fmt::Write as _;
use std::time::SystemTime;

use clap::Args;
use serde::Serialize;
use vidimus::memo::RecordedRevocation;

use super::{DirectoryArguments, Entry, plural};
use crate::cli::clock::rfc3339;
use crate::cli::style::harmless;

/// List the remembered verdicts, and the revocations on record
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    directory: DirectoryArguments,
}

#[derive(Serialize)]
struct Listing {
    entries: Vec<Entry>,
    revocations: Vec<Revoked>,
}

/// A revocation as it is listed.
#[derive(Debug, Serialize)]
pub(super) struct Revoked {
    pub(super) number: u64,
    pub(super) selector: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    /// How many verdicts it took out of the directory; not known of earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entries: Option<u64>,
}

impl Revoked {
    pub(super) fn of(recorded: &RecordedRevocation) -> Self {
        let RecordedRevocation { number, selector, at } = recorded;
        Self { number: *number, selector: selector.to_string(), at: at.map(rfc3339), entries: None }
    }

    pub(super) fn text(&self) -> String {
        let at = self.at.as_ref().map_or_else(|| ", which does not unseal".to_owned(), |at| format!(" at {at}"));
        let took = self.entries.map(|entries| format!(": {}", plural(entries, "verdict"))).unwrap_or_default();
        format!("revocation {}{at}  {}{took}\n", self.number, harmless(&self.selector))
    }
}

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<()> {
    let vault = arguments.directory.vault()?;
    let mut entries = Vec::new();
    vault.each(SystemTime::now(), &mut |listed, bytes| entries.push(Entry::of(&listed, Some(bytes))))?;
    entries.sort_by(|one, other| (one.state, &one.image, &one.name).cmp(&(other.state, &other.image, &other.name)));
    let listing = Listing { entries, revocations: vault.revocations()?.iter().map(Revoked::of).collect() };
    arguments.directory.answer(&listing, || {
        let mut text: String = listing.entries.iter().map(Entry::text).chain(listing.revocations.iter().map(Revoked::text)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", plural(listing.entries.len() as u64, "verdict"));
        text
    })
}
