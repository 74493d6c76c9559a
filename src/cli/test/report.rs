//! Results of tests in the words of `opa test`: pretty, JSON, `JUnit`.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use vidimus::{FailedExpression, TestOutcome, TestPart, TestResult};

use super::super::junit::escaped;

const RULE: &str = "--------------------------------------------------------------------------------\n";

/// How many tests ended how.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    errored: usize,
}

impl Counts {
    /// Of the tests; cases of a test are counted in its place.
    fn of(results: &[TestResult]) -> Self {
        let (whole, several): (Vec<_>, Vec<_>) = results.iter().partition(|result| result.parts.is_empty());
        let mut counts = Self::of_tests(whole);
        for (passed, failed) in several.iter().flat_map(|result| &result.parts).map(TestPart::counts) {
            counts.passed += passed;
            counts.failed += failed;
        }
        counts
    }

    fn of_tests<'a>(results: impl IntoIterator<Item = &'a TestResult>) -> Self {
        let mut counts = Self::default();
        for result in results {
            *match result.outcome {
                TestOutcome::Passed => &mut counts.passed,
                TestOutcome::Failed => &mut counts.failed,
                TestOutcome::Skipped => &mut counts.skipped,
                TestOutcome::Errored(_) => &mut counts.errored,
            } += 1;
        }
        counts
    }

    /// `PASS: n/m` and so on, a line for each kind that occurs.
    fn lines(&self) -> String {
        let total = self.passed + self.failed + self.skipped + self.errored;
        let kinds = [("PASS", self.passed), ("FAIL", self.failed), ("SKIPPED", self.skipped), ("ERROR", self.errored)];
        let lines = kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{kind}: {count}/{total}"));
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }
}

/// For people: what did not pass, and the summary.
pub(super) fn pretty(results: &[TestResult], verbose: bool) -> String {
    let mut text = String::new();
    for result in results.iter().filter(|result| verbose || result.outcome != TestOutcome::Passed) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{}:{}:\n{}", result.case.location.file, result.case.location.line, headline(result));
        parts(&result.parts, 1, &mut text);
        if let TestOutcome::Errored(why) = &result.outcome {
            let _ = writeln!(text, "  {why}");
        }
        for name in &result.unreached {
            let _ = writeln!(text, "  note: `{name}` was not mocked, and is undefined in tests");
        }
        if !result.prints.is_empty() {
            let _ = writeln!(text, "\n  {}\n", result.prints.join("\n  "));
        }
    }
    text.push_str(&failures(results));
    if !text.is_empty() {
        text.push_str(RULE);
    }
    text + &Counts::of(results).lines()
}

/// The cases of a test, each on a line.
fn parts(of: &[TestPart], depth: usize, text: &mut String) {
    for part in of {
        let _ = writeln!(text, "{:width$}{}: {}", "", part.name, if part.passed { "PASS" } else { "FAIL" }, width = depth * 2);
        parts(&part.parts, depth + 1, text);
    }
}

/// The same for machines, by name.
fn sub_results(of: &[TestPart]) -> serde_json::Value {
    let entry = |part: &TestPart| {
        let mut entry = json!({ "name": part.name });
        if let Some(members) = entry.as_object_mut() {
            members.extend((!part.passed).then(|| ("fail".to_owned(), json!(true))));
            members.extend((!part.parts.is_empty()).then(|| ("sub_results".to_owned(), sub_results(&part.parts))));
        }
        (part.name.clone(), entry)
    };
    serde_json::Value::Object(of.iter().map(entry).collect())
}

/// What did not hold in the tests that failed.
fn failures(results: &[TestResult]) -> String {
    let failed: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
    let mut text = String::new();
    if !failed.is_empty() {
        let _ = write!(text, "{RULE}FAILURES\n{RULE}");
    }
    for result in failed {
        let _ = writeln!(text, "{}\n", headline(result));
        for failure in &result.failures {
            let _ = writeln!(text, "  {}:{}:\n    {}", failure.location.file, failure.location.line, failure.text.replace('\n', "\n    "));
            let width = failure.locals.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            for (name, value) in &failure.locals {
                let _ = writeln!(text, "      {name:<width$} = {value}");
            }
            text.push('\n');
        }
    }
    text
}

fn headline(result: &TestResult) -> String {
    let name = format!("{}.{}", result.case.package, result.case.name);
    match word(&result.outcome) {
        "SKIPPED" => format!("{name}: SKIPPED"),
        word => format!("{name}: {word} ({:?})", result.duration),
    }
}

const fn word(outcome: &TestOutcome) -> &'static str {
    match outcome {
        TestOutcome::Passed => "PASS",
        TestOutcome::Failed => "FAIL",
        TestOutcome::Skipped => "SKIPPED",
        TestOutcome::Errored(_) => "ERROR",
    }
}

/// For machines: an object for each test, durations in nanoseconds, output in base64, as `opa test` has them.
pub(super) fn json(results: &[TestResult]) -> anyhow::Result<String> {
    let entries: Vec<_> = results.iter().map(entry).collect();
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}

fn entry(result: &TestResult) -> serde_json::Value {
    let location = json!({ "file": result.case.location.file, "row": result.case.location.line, "col": result.case.location.column });
    let duration = u64::try_from(result.duration.as_nanos()).unwrap_or(u64::MAX);
    let mut entry = json!({ "location": location, "package": result.case.package, "name": result.case.name, "duration": duration });
    let more = match &result.outcome {
        TestOutcome::Passed => None,
        TestOutcome::Failed => Some(("fail", json!(true))),
        TestOutcome::Skipped => Some(("skip", json!(true))),
        TestOutcome::Errored(why) => Some(("error", json!({ "message": why }))),
    };
    let output = (!result.prints.is_empty()).then(|| ("output", json!(STANDARD.encode(result.prints.join("\n") + "\n"))));
    if let Some(members) = entry.as_object_mut() {
        let failure = |failed: &FailedExpression| {
            let location = json!({ "file": failed.location.file, "row": failed.location.line, "col": failed.location.column });
            let locals: Vec<_> = failed.locals.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            json!({ "location": location, "text": failed.text, "locals": locals })
        };
        if !result.failures.is_empty() {
            members.insert("failures".to_owned(), result.failures.iter().map(failure).collect());
        }
        let parts = (!result.parts.is_empty()).then(|| ("sub_results", sub_results(&result.parts)));
        members.extend(more.into_iter().chain(output).chain(parts).map(|(name, value)| (name.to_owned(), value)));
    }
    entry
}

/// A suite for each package, as CI systems read it.
pub(super) fn junit(results: &[TestResult]) -> String {
    let counts = Counts::of_tests(results);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vidimus test\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        results.len(),
        counts.failed,
        counts.errored,
        counts.skipped
    );
    for package in results.chunk_by(|one, next| one.case.package == next.case.package) {
        let counts = Counts::of_tests(package);
        let name = package.first().map(|result| escaped(&result.case.package)).unwrap_or_default();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            package.len(),
            counts.failed,
            counts.errored,
            counts.skipped
        );
        for result in package {
            let _ = writeln!(text, "{}", case(result, &name));
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn case(result: &TestResult, package: &str) -> String {
    let body = match &result.outcome {
        TestOutcome::Passed => String::new(),
        TestOutcome::Failed => {
            let said = |failed: &FailedExpression| format!("{}: {}", failed.location, failed.text);
            let why: Vec<String> = result.failures.iter().map(said).collect();
            format!("<failure message=\"{}\"></failure>", escaped(&why.join("; ")))
        }
        TestOutcome::Skipped => "<skipped></skipped>".to_owned(),
        TestOutcome::Errored(why) => format!("<error message=\"{}\"></error>", escaped(why)),
    };
    let seconds = result.duration.as_secs_f64();
    format!("    <testcase classname=\"{package}\" name=\"{}\" time=\"{seconds:.6}\">{body}</testcase>", escaped(&result.case.name))
}
