//! `vidimus test`: Rego unit tests, run and reported as `opa test` does.

mod report;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use vidimus::oci::Nowhere;
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Engine, EngineConfig, TestOutcome, TestResult, Workers};

use super::bundles::BundleArguments;
use super::{data, duration, format, process};

/// Run Rego unit tests: the rules named `test_…`
///
/// A test passes where its rule is `true`; `todo_test_…` is skipped. Tests reach no network: `ec.oci.*` and
/// `ec.sigstore.*` are undefined unless a test puts a mock in their place (`with ec.oci.blob as …`).
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct TestArguments {
    /// Rego files and data (JSON, YAML), or directories of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Load the paths as bundles: archives, or directories with the same files
    #[arg(short, long)]
    bundle: bool,
    /// Only tests whose full name, such as `data.main_test.test_a`, matches
    #[arg(short, long, value_name = "REGEX")]
    run: Option<regex::Regex>,
    /// Report the tests that pass too
    #[arg(short, long)]
    verbose: bool,
    /// How tests are reported
    #[arg(short, long, value_name = "FORMAT", default_value = "pretty")]
    format: Form,
    /// Time that one test may take
    #[arg(short, long, value_name = "DURATION", default_value = "5s", value_parser = duration::parse)]
    timeout: Duration,
    /// Tests to run at once [default: the number of cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    parallel: Option<u16>,
    /// Read modules that import no version as Rego v0
    #[arg(long)]
    v0_compatible: bool,
    #[command(flatten)]
    bundles: BundleArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Pretty,
    Json,
    Junit,
}

const AFTER_HELP: &str = "\
Exit status:
  0  every test passes or is skipped
  2  a test fails or cannot be evaluated, or the modules are wrong

Examples:
  vidimus test policy/
  vidimus test -v -r 'test_image' policy/ fixtures/data.json
  vidimus test --format junit policy/ > report.xml";

pub(super) fn run(arguments: &TestArguments) -> anyhow::Result<u8> {
    let loaded = data::load_paths(&arguments.paths, arguments.bundle, &arguments.bundles)?;
    let trust = Trust::public_good().context("the built-in trusted root")?;
    let engine = Engine::new(EngineConfig::new(Arc::new(Nowhere), trust))?;
    let options = CompileOptions { data: loaded.document.into(), v0_compatible: arguments.v0_compatible, ..CompileOptions::default() };
    let suite = engine.compile_tests(&loaded.modules, &options)?;
    let wanted = |(number, case): (usize, &vidimus::TestCase)| {
        let full = format!("{}.{}", case.package, case.name);
        arguments.run.as_ref().is_none_or(|pattern| pattern.is_match(&full)).then_some(number)
    };
    let numbers: Vec<usize> = suite.cases().iter().enumerate().filter_map(wanted).collect();
    let workers = Workers::new(arguments.parallel.map_or_else(process::cores, usize::from));
    let mut results: Vec<TestResult> = Vec::with_capacity(numbers.len());
    let job = |number, _: &vidimus::Place| suite.run(number, arguments.timeout);
    workers.run(numbers.into_iter(), job, |result| results.extend(result)).context("no thread to run tests on")?;
    let text = match arguments.format {
        Form::Pretty => report::pretty(&results, arguments.verbose),
        Form::Json => report::json(&results)?,
        Form::Junit => report::junit(&results),
    };
    format::write_quietly(&mut io::stdout().lock(), text.as_bytes())?;
    let good = results.iter().all(|result| matches!(result.outcome, TestOutcome::Passed | TestOutcome::Skipped));
    Ok(if good { 0 } else { super::UNDECIDED })
}
