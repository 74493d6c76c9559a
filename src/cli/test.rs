//! `vidimus test`: Rego unit tests, run and reported as `opa test` does.

mod coverage;
mod report;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use vidimus::oci::Nowhere;
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Coverage, Engine, EngineConfig, Observed, Suite, TestCase, TestOutcome, TestResult, Workers};

use super::bundles::BundleArguments;
use super::observing::{ProfileArguments, table};
use super::{data, duration, format, process};

/// Run Rego unit tests: the rules named `test_…`
///
/// A test passes where its rule is `true`; `todo_test_…` is skipped. Tests reach no network: `ec.oci.*` and
/// `ec.sigstore.*` are undefined unless a test puts a mock in their place (`with ec.oci.blob as …`).
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// Report the tests that pass too; with --threshold, the lines that are not covered
    #[arg(short, long)]
    verbose: bool,
    /// How tests, or their coverage, are reported
    #[arg(short, long, value_name = "FORMAT", default_value = "pretty")]
    format: Form,
    /// Report which lines the tests reach
    #[arg(short, long)]
    coverage: bool,
    /// Exit with 2 where the tests reach less than this percentage of lines; implies --coverage
    #[arg(long, value_name = "PERCENT", value_parser = coverage::percentage)]
    threshold: Option<f64>,
    /// Times that each test is run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Time that one test may take
    #[arg(short, long, value_name = "DURATION", default_value = "5s", value_parser = duration::parse)]
    timeout: Duration,
    /// Tests to run at once [default: the number of cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    parallel: Option<u16>,
    /// Order of the results in JSON
    #[arg(long, value_name = "ORDER", default_value = "none")]
    sort: Order,
    /// Let skipped tests pass
    #[arg(short = 'z', long)]
    exit_zero_on_skipped: bool,
    /// Exit with 1 where no test was run
    #[arg(long)]
    fail_on_empty: bool,
    /// Run the tests again whenever one of the files changes
    #[arg(short, long)]
    watch: bool,
    /// Read modules that import no version as Rego v0
    #[arg(long)]
    v0_compatible: bool,
    #[command(flatten)]
    profile: ProfileArguments,
    #[command(flatten)]
    bundles: BundleArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Pretty,
    Json,
    Junit,
    /// Coverage, as `lcov` and editors read it
    Lcov,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    None,
    Duration,
}

const AFTER_HELP: &str = "\
A test that fails is shown with the expression that did not hold and the variables that had values there; where a rule that it asked
did not hold, with that one's too.

Exit status:
  0  every test passes
  1  no test was run, with --fail-on-empty
  2  a test fails, cannot be evaluated, or is skipped (but for -z); the modules are wrong; less is covered than --threshold

Examples:
  vidimus test policy/
  vidimus test -v -r 'test_image' policy/ fixtures/data.json
  vidimus test --format junit policy/ > report.xml
  vidimus test --coverage --threshold 80 policy/
  vidimus test -b bundle.tar.gz";

/// What one run has to say.
struct Ran {
    text: String,
    /// What goes to standard error.
    complaint: Option<String>,
    code: u8,
}

pub(super) fn run(arguments: &TestArguments) -> anyhow::Result<u8> {
    if arguments.format == Form::Lcov && !arguments.covers() {
        bail!("--format lcov: only coverage has this form: add --coverage");
    }
    if arguments.profile.is_wanted() && (arguments.covers() || matches!(arguments.format, Form::Junit | Form::Lcov)) {
        bail!("--profile: goes with --format pretty or json, and without --coverage");
    }
    if !arguments.watch {
        return say(run_all(arguments)?);
    }
    watch::each_change(&arguments.paths, || {
        let code = run_all(arguments).and_then(say);
        if let Err(error) = code {
            complain(&format!("error: {error:#}"));
        }
    })
}

fn say(ran: Ran) -> anyhow::Result<u8> {
    format::write_quietly(&mut io::stdout().lock(), ran.text.as_bytes())?;
    if let Some(complaint) = ran.complaint {
        complain(&complaint);
    }
    Ok(ran.code)
}

/// Standard error is the last resort: where it is closed too, the exit code has to do.
fn complain(text: &str) {
    let _ = format::write_quietly(&mut io::stderr().lock(), format!("{text}\n").as_bytes());
}

fn run_all(arguments: &TestArguments) -> anyhow::Result<Ran> {
    let tests = Tests::load(arguments)?;
    let mut all = Ran { text: String::new(), complaint: None, code: 0 };
    for _ in 0..arguments.count {
        let ran = tests.run()?;
        all = Ran { text: all.text + &ran.text, ..ran };
        if all.code != 0 {
            break;
        }
    }
    Ok(all)
}

/// Tests that were compiled.
struct Tests<'a> {
    arguments: &'a TestArguments,
    engine: Engine,
    loaded: data::Data,
    options: CompileOptions,
    suite: Suite,
}

impl TestArguments {
    const fn covers(&self) -> bool {
        self.coverage || self.threshold.is_some()
    }
}

impl<'a> Tests<'a> {
    fn load(arguments: &'a TestArguments) -> anyhow::Result<Self> {
        let mut loaded = data::load_paths(&arguments.paths, arguments.bundle, &arguments.bundles)?;
        let trust = Trust::public_good().context("the built-in trusted root")?;
        let engine = Engine::new(EngineConfig::new(Arc::new(Nowhere), trust))?;
        let data = std::mem::take(&mut loaded.document).into();
        let (v0_compatible, observed) = (arguments.v0_compatible, arguments.profile.observed());
        let options = CompileOptions { data, v0_compatible, observed, ..CompileOptions::default() };
        let suite = if arguments.covers() {
            engine.compile_explained_tests(&loaded.modules, &options)?
        } else {
            engine.compile_tests(&loaded.modules, &options)?
        };
        Ok(Self { arguments, engine, loaded, options, suite })
    }

    fn run(&self) -> anyhow::Result<Ran> {
        let wanted = |(number, case): (usize, &TestCase)| {
            let full = format!("{}.{}", case.package, case.name);
            self.arguments.run.as_ref().is_none_or(|pattern| pattern.is_match(&full)).then_some(number)
        };
        let numbers: Vec<usize> = self.suite.cases().iter().enumerate().filter_map(wanted).collect();
        let mut results = self.results(&self.suite, &numbers)?;
        self.explain(&mut results, &numbers)?;
        let code = self.code(&results);
        if self.arguments.covers() {
            return self.covered(&results, code);
        }
        if self.arguments.sort == Order::Duration {
            results.sort_by_key(|result| std::cmp::Reverse(result.duration));
        }
        let profile = self.arguments.profile.rules(results.iter().filter_map(|result| result.profile.as_ref()));
        let text = match self.arguments.format {
            Form::Pretty | Form::Lcov => {
                report::pretty(&results, self.arguments.verbose) + &profile.as_deref().map(table).unwrap_or_default()
            }
            Form::Json => report::json(&results, profile.as_deref())?,
            Form::Junit => report::junit(&results),
        };
        Ok(Ran { text, complaint: (code == 1).then(|| "no tests were run".to_owned()), code })
    }

    fn results(&self, suite: &Suite, numbers: &[usize]) -> anyhow::Result<Vec<TestResult>> {
        let workers = Workers::new(self.arguments.parallel.map_or_else(process::cores, usize::from));
        let mut results: Vec<TestResult> = Vec::with_capacity(numbers.len());
        let job = |number, _: &vidimus::Place| suite.run(number, self.arguments.timeout);
        workers.run(numbers.iter().copied(), job, |result| results.extend(result)).context("no thread to run tests on")?;
        Ok(results)
    }

    /// Runs the tests that failed once more, in a form that tells where.
    fn explain(&self, results: &mut [TestResult], numbers: &[usize]) -> anyhow::Result<()> {
        let failed = |result: &TestResult| result.outcome == TestOutcome::Failed && result.failures.is_empty();
        let again: Vec<usize> = results.iter().zip(numbers).filter(|(result, _)| failed(result)).map(|(_, number)| *number).collect();
        if again.is_empty() || self.arguments.covers() {
            return Ok(());
        }
        let options = CompileOptions { observed: Observed::Nothing, ..self.options.clone() };
        let suite = self.engine.compile_explained_tests(&self.loaded.modules, &options)?;
        let explained = self.results(&suite, &again)?;
        for (result, explained) in results.iter_mut().filter(|result| failed(result)).zip(explained) {
            result.failures = explained.failures;
        }
        Ok(())
    }

    fn code(&self, results: &[TestResult]) -> u8 {
        let good = |result: &TestResult| match result.outcome {
            TestOutcome::Passed => true,
            TestOutcome::Skipped => self.arguments.exit_zero_on_skipped,
            TestOutcome::Failed | TestOutcome::Errored(_) => false,
        };
        if !results.iter().all(good) {
            return super::UNDECIDED;
        }
        u8::from(results.is_empty() && self.arguments.fail_on_empty)
    }

    /// The report of coverage; where a test did not pass, that of the tests.
    fn covered(&self, results: &[TestResult], code: u8) -> anyhow::Result<Ran> {
        let tests = report::pretty(results, self.arguments.verbose);
        let passed = results.iter().all(|result| matches!(result.outcome, TestOutcome::Passed | TestOutcome::Skipped));
        let coverage: Coverage = self.suite.coverage(results);
        let text = match self.arguments.format {
            Form::Pretty => tests + &coverage::pretty(&coverage),
            _ if !passed => tests,
            Form::Json => serde_json::to_string_pretty(&coverage)? + "\n",
            Form::Lcov => coverage::lcov(&coverage),
            Form::Junit => report::junit(results),
        };
        match self.arguments.threshold {
            Some(threshold) if passed && coverage.coverage < threshold => {
                let complaint = coverage::too_little(&coverage, threshold, self.arguments.verbose);
                let text = if self.arguments.format == Form::Pretty { text } else { String::new() };
                Ok(Ran { text, complaint: Some(complaint), code: super::UNDECIDED })
            }
            _ => Ok(Ran { text, complaint: (code == 1).then(|| "no tests were run".to_owned()), code }),
        }
    }
}
