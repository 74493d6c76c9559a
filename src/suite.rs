//! `Suite`: the Rego unit tests among a set of modules, each run on its own clone of one prepared engine.
//!
//! As with `opa test`: a rule named `test_…` passes where it is `true`; one named `todo_test_…` is skipped.
//! Tests reach nothing outside: a builtin that would is undefined and noted, unless a test puts a mock in its place.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use regorus::Value;
use regorus::utils::limits::ExecutionTimerConfig;

use crate::engine::{NamedRule, Origins, Scope, Terms};
use crate::evaluation::Location;
use crate::policy::{CHECK_INTERVAL, Circumstances, GENERATED, nanoseconds, reference};

/// The compiled tests of a set of modules.
pub struct Suite {
    engine: regorus::Engine,
    cases: Vec<TestCase>,
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
}

/// The tests among the rules that are values.
pub(crate) fn cases(rules: &[NamedRule]) -> Vec<TestCase> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let tests = rules.iter().filter(|rule| rule.name.starts_with("test_") || rule.name.starts_with(TODO));
    let case = |rule: &NamedRule| {
        let reference = reference(&rule.package, &rule.name);
        let number = seen.entry(reference.clone()).and_modify(|number| *number += 1).or_insert(0);
        let name = if *number == 0 { rule.name.clone() } else { format!("{}#{number:02}", rule.name) };
        let package = std::iter::once("data").chain(rule.package.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
        TestCase { package, name, location: rule.location.clone(), reference }
    };
    tests.map(case).collect()
}

/// The prefix of tests that are yet to be made to pass.
const TODO: &str = "todo_";

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
    pub(crate) fn new(engine: regorus::Engine, cases: Vec<TestCase>, around: Circumstances) -> Self {
        Self { engine, cases, around }
    }

    /// The tests, in the order of their modules.
    #[must_use]
    pub fn cases(&self) -> &[TestCase] {
        &self.cases
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
        };
        if !case.name.starts_with(TODO) {
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
            outside: Arc::clone(&self.around.outside),
            permits: None,
        });
        let mut engine = self.engine.clone();
        engine.set_execution_timer_config(ExecutionTimerConfig { limit: timeout, check_interval: CHECK_INTERVAL });
        let entered = scope.enter();
        let value = engine.eval_rule(format!("data.{GENERATED}.case_{number}"));
        drop(entered);
        result.prints = Origins::printed(&engine.take_prints().unwrap_or_default());
        result.unreached = scope.unavailable();
        match value {
            Ok(Value::Bool(true)) => TestOutcome::Passed,
            Ok(_) => TestOutcome::Failed,
            Err(error) => TestOutcome::Errored(self.around.origins.failing(&error).to_string()),
        }
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite").field("cases", &self.cases.len()).finish_non_exhaustive()
    }
}
