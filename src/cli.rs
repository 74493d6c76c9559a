//! The command line: one subcommand a file. The only place that prints, reads the environment, or uses `anyhow`.

mod bundles;
mod cache;
mod capabilities;
mod check;
mod clock;
mod completions;
mod data;
mod documents;
mod duration;
mod eval;
mod explain;
mod files;
mod form;
mod format;
mod inputs;
mod inspect;
mod junit;
mod keys;
mod lines;
mod modules;
mod observing;
mod persistence;
mod predicates;
mod process;
mod progress;
mod question;
mod receipts;
mod remembering;
mod signer;
mod size;
mod source;
mod style;
mod test;
mod text;
#[cfg(feature = "tuf")]
mod trust;
mod verify;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Could not decide: bad usage, an unreadable policy, a component with an error.
const UNDECIDED: u8 = 2;

/// Decide over container images with Rego, and verify each signature once.
#[derive(Debug, Parser)]
#[command(name = "vidimus", version, propagate_version = true, max_term_width = 100, arg_required_else_help = true)]
#[command(about, long_about = LONG_ABOUT, after_long_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Eval(Box<eval::EvalArguments>),
    Verify(Box<verify::VerifyArguments>),
    Explain(Box<explain::ExplainArguments>),
    Cache(cache::CacheArguments),
    Test(test::TestArguments),
    Check(check::CheckArguments),
    Inspect(inspect::InspectArguments),
    Capabilities(capabilities::CapabilitiesArguments),
    Completions(completions::CompletionsArguments),
    #[cfg(feature = "tuf")]
    Trust(trust::TrustArguments),
}

const LONG_ABOUT: &str = "\
Vidimus evaluates Rego policies over many container images. Policies ask `ec.sigstore.verify_image` and its sisters about \
signatures; each verdict that succeeds is remembered, so that hundreds of components that share an image ask its registry once.";

const AFTER_HELP: &str = "\
Exit status:
  0  every component passes (`eval`), the image is verified (`verify`)
  1  a component has violations, the image is rejected
  2  no decision: bad usage, an unreadable policy, bad input, a registry that could not be asked

Environment:
  VIDIMUS_TRUSTED_ROOT  the trusted root to use where --trusted-root names none
  NO_COLOR              no colours, if set and not empty
  DOCKER_CONFIG         directory of the `config.json` that holds registry credentials

Examples:
  Are these images signed by the release key?
    vidimus eval -p rego/ -k release.pub --image registry.example/acme/web@sha256:…

  Decide over a directory of documents, with a report for people and one for machines:
    vidimus eval -p policy/ -d data/ inputs/ -f text -f json=report.json

  Ask the builtin itself:
    vidimus eval -q 'ec.sigstore.verify_image(input.image.ref, input.opts)' component.json

  Verify one image, and see where the answer came from:
    vidimus verify -k release.pub registry.example/acme/web@sha256:…

  Remember verdicts for the next run, and forget those by a key:
    vidimus eval --cache-dir .vidimus -p policy/ inputs/
    vidimus cache revoke --cache-dir .vidimus --key-fingerprint sha256:…";

/// Parses, runs, and says how it went.
pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { UNDECIDED } else { 0 };
            return error.print().map_or(ExitCode::from(UNDECIDED), |()| ExitCode::from(code));
        }
    };
    let done = match arguments.command {
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Cache(arguments) => cache::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Capabilities(arguments) => capabilities::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        #[cfg(feature = "tuf")]
        Command::Trust(arguments) => trust::run(&arguments),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Standard error is the last resort: where it is closed too, the exit code has to do.
            let _ = writeln!(io::stderr().lock(), "error: {error:#}");
            ExitCode::from(UNDECIDED)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
