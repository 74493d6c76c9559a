//! `vidimus capabilities`: the functions that policies can call, in the form that `opa` and `regal` read.

use std::io;

use clap::Args;

/// Print the functions that policies can call, as `opa` reads them.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  vidimus capabilities > capabilities.json && opa check --capabilities capabilities.json policy/")]
pub(super) struct CapabilitiesArguments {}

pub(super) fn run(_: &CapabilitiesArguments) -> anyhow::Result<u8> {
    let mut text = serde_json::to_vec_pretty(&vidimus::capabilities())?;
    text.push(b'\n');
    super::format::write_quietly(&mut io::stdout().lock(), &text)?;
    Ok(0)
}
