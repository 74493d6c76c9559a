//! `vidimus completions`: what shells need to know to complete our commands.

use std::io;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Print the completions of a shell, to be loaded by it.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  vidimus completions bash > /etc/bash_completion.d/vidimus")]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments) -> anyhow::Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "vidimus", &mut text);
    super::format::write_quietly(&mut io::stdout().lock(), &text)?;
    Ok(0)
}
