//! `Suite`: the Rego unit tests among a set of modules, each run on its own clone of one prepared engine.
//!
//! As with `opa test`: a rule named `test_…` passes where it is `true`; one named `todo_test_…` is skipped.
//! Tests reach nothing outside: a builtin that would is undefined and noted, unless a test puts a mock in its place.

mod cases;
mod coverage;
mod failure;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use regorus::Value;
use regorus::utils::limits::ExecutionTimerConfig;

use crate::engine::{NamedRule, Origins, Scope, Terms};
use crate::evaluation::Location;
pub use cases::CaseResult;
pub use coverage::{Coverage, FileCoverage, Position, Range};
pub use failure::FailedExpression;

use crate::policy::{CHECK_INTERVAL, Circumstances, GENERATED, nanoseconds, reference};
use crate::profile::Profile;

/// The compiled tests of a set of modules.
pub struct Suite {
    engine: regorus::Engine,
    cases: Vec<TestCase>,
    origins: Origins,
    around: Circumstances,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// Its package, dotted, beginning with `data`.
    pub package: String,
    /// Its name; where a package has several of one name, `#01`, `#02`, … follow from the second on.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    reference: String,
    /// Which of the user's rules it is.
    rule: usize,
    /// Whether its value is an object with a member for each case that passes.
    partial: bool,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// `true`.
    Passed,
    /// Undefined, or another value than `true`.
    Failed,
    /// It could not be evaluated: why, with the place.
    Errored(String),
    /// A `todo_test_…`.
    Skipped,
}

/// What became of a test.
#[derive(Debug, Clone)]
pub struct TestResult {
    /// The test.
    pub case: TestCase,
    /// How it ended.
    pub outcome: TestOutcome,
    /// How long it took.
    pub duration: Duration,
    /// What it printed, a line each.
    pub prints: Vec<String>,
    /// The builtins that would have reached outside, and were undefined.
    pub unreached: Vec<String>,
    /// Where it failed, of a suite that explains: the expression of the test, then the one further down, if there is one.
    pub failures: Vec<FailedExpression>,
    /// Its cases, by name, where it has some: `test_x[case] if { some case in .. }`.
    pub cases: Vec<CaseResult>,
    /// What its rules cost, where the suite was compiled to tell.
    pub profile: Option<Profile>,
    /// The probes that it reached.
    reached: BTreeSet<usize>,
}

/// The tests among the rules that are values.
pub(crate) fn cases(rules: &[NamedRule], aliases: &BTreeMap<String, String>) -> Vec<TestCase> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut cases = Vec::new();
    for rule in rules {
        let names = || std::iter::once(&rule.name).chain(&rule.behind).map(|name| aliases.get(name).unwrap_or(name));
        // A test may be named anywhere in its name: `main.test_a`.
        let Some(own) = names().position(|name| name.starts_with(TEST) || name.starts_with(TODO)) else { continue };
        let shown = names().take(own + 1).map(String::as_str).collect::<Vec<_>>().join(".");
        let path: Vec<&String> = rule.package.iter().chain([&rule.name]).chain(&rule.behind).take(rule.package.len() + own + 1).collect();
        let Some((last, package)) = path.split_last() else { continue };
        let reference = reference(&package.iter().map(|name| (*name).clone()).collect::<Vec<_>>(), last);
        // What is defined by several rules otherwise, such as an object, is one test.
        if !seen.insert(reference.clone()) {
            continue;
        }
        let package = crate::policy::path(&rule.package);
        let (location, rule, partial) = (rule.location.clone(), rule.number, rule.partial);
        cases.push(TestCase { package, name: shown, location, reference, rule, partial });
    }
    cases
}

/// The prefix of tests.
const TEST: &str = "test_";

/// The prefix of tests that are yet to be made to pass.
const TODO: &str = "todo_test_";

impl TestCase {
    /// Whether it is yet to be made to pass.
    fn is_skipped(&self) -> bool {
        self.name.rsplit('.').next().is_some_and(|name| name.starts_with(TODO))
    }
}

/// The module that names each case by its number, whatever its own name needs by way of quotes.
pub(crate) fn module(cases: &[TestCase]) -> String {
    let mut text = format!("package {GENERATED}\n\nready := true\n");
    for (number, case) in cases.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "case_{number} := {}", case.reference);
    }
    text
}

impl Suite {
    pub(crate) fn new((engine, origins): (regorus::Engine, Origins), cases: Vec<TestCase>, around: Circumstances) -> Self {
        Self { engine, cases, origins, around }
    }

    /// The tests, in the order of their modules.
    #[must_use]
    pub fn cases(&self) -> &[TestCase] {
        &self.cases
    }

    /// What these results of its tests have covered; nothing of a suite that does not explain.
    #[must_use]
    pub fn coverage(&self, results: &[TestResult]) -> Coverage {
        let reached: Vec<&BTreeSet<usize>> = results.iter().map(|result| &result.reached).collect();
        self.origins.probes().map(|probes| Coverage::of(probes, &reached)).unwrap_or_default()
    }

    /// Runs the test of this number; `None` where there is none. Never panics.
    ///
    /// Runs on the calling thread, whose stack must be deep: rules nest as they like. [`crate::Workers`] have such threads.
    #[must_use]
    pub fn run(&self, number: usize, timeout: Duration) -> Option<TestResult> {
        let case = self.cases.get(number)?;
        let started = Instant::now();
        let mut result = TestResult {
            case: case.clone(),
            outcome: TestOutcome::Skipped,
            duration: Duration::ZERO,
            prints: Vec::new(),
            unreached: Vec::new(),
            failures: Vec::new(),
            cases: Vec::new(),
            profile: None,
            reached: BTreeSet::new(),
        };
        if !case.is_skipped() {
            let ran = catch_unwind(AssertUnwindSafe(|| self.evaluate(number, timeout, &mut result)));
            result.outcome = ran.unwrap_or_else(|_| TestOutcome::Errored("the evaluation panicked".to_owned()));
        }
        result.duration = started.elapsed();
        Some(result)
    }

    fn evaluate(&self, number: usize, timeout: Duration, result: &mut TestResult) -> TestOutcome {
        let scope = Scope::new(Terms {
            deadline: Instant::now() + timeout,
            now_ns: nanoseconds(SystemTime::now()),
            strict: self.around.strict,
            isolated: true,
            receipts: false,
            outside: Arc::clone(&self.around.outside),
            permits: None,
            lasting: None,
            observed: self.around.observed,
        });
        let mut engine = self.engine.clone();
        engine.set_execution_timer_config(ExecutionTimerConfig { limit: timeout, check_interval: CHECK_INTERVAL });
        let entered = scope.enter();
        let value = engine.eval_rule(format!("data.{GENERATED}.case_{number}"));
        drop(entered);
        result.prints = Origins::printed(&engine.take_prints().unwrap_or_default());
        result.unreached = scope.unavailable();
        let trail = scope.trail();
        result.reached = trail.reached().collect();
        result.profile = scope.observer().map(|observer| Profile::of(&observer, &self.origins));
        let value = match value {
            Ok(value) => value,
            Err(error) => return TestOutcome::Errored(self.origins.failing(&error).to_string()),
        };
        let passed = match &value {
            Value::Object(_) if self.cases.get(number).is_some_and(|case| case.partial) => {
                result.cases = cases::read(&value, &scope.cases());
                !result.cases.iter().any(|case| case.failed)
            }
            value => *value == Value::from(true),
        };
        if !passed {
            let rule = self.cases.get(number).map(|case| case.rule);
            result.failures = self.origins.probes().map(|probes| failure::read(probes, &trail, rule)).unwrap_or_default();
        }
        if passed { TestOutcome::Passed } else { TestOutcome::Failed }
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("cases", &self.cases.len()).finish_non_exhaustive()
    }
}
