//! `vidimus cache show`: one remembered verdict whole, or all of one image.

use std::time::SystemTime;

use anyhow::bail;
use clap::Args;
use serde::Serialize;
use vidimus::oci::{Digest, ImageRef};
use vidimus::verify::RecordedVerdict;

use super::{DirectoryArguments, Entry};
use crate::cli::style::harmless;

/// Show remembered verdicts whole: by name, or all of an image
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    directory: DirectoryArguments,
    /// The name of a verdict or at least 8 characters of it, an image by digest, or a digest
    #[arg(value_name = "NAME|REF|DIGEST")]
    what: String,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    /// As it was written down; it proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<RecordedVerdict>,
}

/// What is asked for.
enum Wanted {
    Name(String),
    Image(String),
    Digest(String),
}

impl Wanted {
    fn read(text: &str) -> anyhow::Result<Self> {
        if let Ok(image) = text.parse::<ImageRef>() {
            return Ok(Self::Image(image.to_string()));
        }
        if let Ok(digest) = text.parse::<Digest>() {
            return Ok(Self::Digest(digest.to_string()));
        }
        if (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Name(text.to_ascii_lowercase()));
        }
        bail!("`{text}` is no name of a verdict, no image by digest, and no digest")
    }

    fn means(&self, entry: &Entry) -> bool {
        match self {
            Self::Name(start) => entry.name.starts_with(start),
            Self::Image(image) => entry.image.as_ref() == Some(image),
            Self::Digest(digest) => entry.labels.get("digest").is_some_and(|digests| digests.contains(digest)),
        }
    }
}

pub(super) fn run(arguments: &ShowArguments) -> anyhow::Result<()> {
    let wanted = Wanted::read(&arguments.what)?;
    let vault = arguments.directory.vault()?;
    let mut shown = Vec::new();
    vault.each(SystemTime::now(), &mut |listed, bytes| {
        let entry = Entry::of(&listed, Some(bytes));
        if wanted.means(&entry) {
            shown.push(Shown { entry, verdict: listed.record().and_then(RecordedVerdict::of) });
        }
    })?;
    if shown.is_empty() {
        bail!("no verdict of `{}` is remembered", arguments.what);
    }
    shown.sort_by(|one, other| one.entry.name.cmp(&other.entry.name));
    arguments.directory.answer(&shown, || shown.iter().map(text).collect())
}

fn text(Shown { entry, verdict }: &Shown) -> String {
    let mut lines = vec![entry.name.clone(), entry.text().trim_end().to_owned()];
    lines.extend(entry.labels.get("epoch").map(|epochs| format!("  epoch {}", epochs.join(", "))));
    lines.extend(entry.bytes.map(|bytes| format!("  {bytes} bytes")));
    if let Some(verdict) = verdict {
        let predicate = |attestation: &vidimus::verify::Attestation| {
            let predicate = attestation.statement.get("predicateType").and_then(serde_json::Value::as_str).unwrap_or_default();
            format!("  attestation {}", harmless(predicate))
        };
        lines.extend(verdict.signatures.iter().map(|signature| format!("  signature {}", harmless(&signature.signature))));
        lines.extend(verdict.attestations.iter().map(predicate));
    }
    lines.join("\n") + "\n"
}
