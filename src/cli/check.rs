//! `vidimus check`: what is wrong with modules, before they decide anything.

use std::io;

use clap::Args;
use serde_json::json;
use vidimus::{CompileError, CompileOptions, Engine, Problem};

use super::bundles::BundleArguments;
use super::form::Form;
use super::{data, format};

/// Check Rego modules: syntax, names, arities, safety, recursion
///
/// Everything that is wrong is reported at once, with its place.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct CheckArguments {
    /// Rego files, or directories of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Load the paths as bundles: archives, or directories with the same files
    #[arg(short, long)]
    bundle: bool,
    /// Also refuse unused variables and imports, deprecated builtins, and what else `opa check --strict` refuses
    #[arg(short = 'S', long)]
    strict: bool,
    /// Read modules that import no version as Rego v0
    #[arg(long)]
    v0_compatible: bool,
    #[command(flatten)]
    bundles: BundleArguments,
    /// How mistakes are reported
    #[arg(short, long, value_name = "FORMAT", default_value = "pretty")]
    format: Form,
}

const AFTER_HELP: &str = "\
Exit status:
  0  nothing is wrong
  2  something is, or a file cannot be read

Examples:
  vidimus check policy/
  vidimus check --strict --format json policy/ lib/";

pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<u8> {
    let modules = data::load_modules(&arguments.paths, arguments.bundle, &arguments.bundles)?;
    let options = CompileOptions { v0_compatible: arguments.v0_compatible, strict: arguments.strict, ..CompileOptions::default() };
    let Err(error) = Engine::check(&modules, &options) else { return Ok(0) };
    match arguments.format {
        Form::Pretty => anyhow::bail!("{}", pretty(&error)),
        Form::Json => {
            let errors: Vec<_> = error.problems().iter().map(machine).collect();
            let mut text = serde_json::to_vec_pretty(&json!({ "errors": errors }))?;
            text.push(b'\n');
            format::write_quietly(&mut io::stdout().lock(), &text)?;
            Ok(super::UNDECIDED)
        }
    }
}

fn pretty(error: &CompileError) -> String {
    match error.problems() {
        [_] => error.to_string(),
        problems => format!("{} mistakes:\n{error}", problems.len()),
    }
}

/// As `opa check --format json`: message, code, location.
fn machine(problem: &Problem) -> serde_json::Value {
    let (code, message) = problem.message.split_once(": ").unwrap_or(("", &problem.message));
    match &problem.location {
        Some(at) => json!({ "message": message, "code": code, "location": { "file": at.file, "row": at.line, "col": at.column } }),
        None => json!({ "message": message, "code": code }),
    }
}
