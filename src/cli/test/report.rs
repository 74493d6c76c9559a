//! Results of tests in the words of `opa test`: pretty, JSON, `JUnit`.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use vidimus::{CaseResult, FailedExpression, ProfiledRule, TestOutcome, TestResult};

use super::super::junit::escaped;
use super::super::style::harmless;

const RULE: &str = "--------------------------------------------------------------------------------\n";

/// How many tests ended how; of a test with cases, each of them counts.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    errored: usize,
}

impl Counts {
    fn of(results: &[TestResult]) -> Self {
        let mut counts = Self::default();
        for result in results {
            let (passed, failed) = result.cases.iter().map(CaseResult::counts).fold((0, 0), |sum, case| (sum.0 + case.0, sum.1 + case.1));
            match result.outcome {
                TestOutcome::Passed | TestOutcome::Failed if !result.cases.is_empty() => {
                    counts.passed += passed;
                    counts.failed += failed;
                }
                TestOutcome::Passed => counts.passed += 1,
                TestOutcome::Failed => counts.failed += 1,
                TestOutcome::Skipped => counts.skipped += 1,
                TestOutcome::Errored(_) => counts.errored += 1,
            }
        }
        counts
    }

    const fn total(&self) -> usize {
        self.passed + self.failed + self.skipped + self.errored
    }

    /// `PASS: n/m` and so on, a line for each kind that occurs.
    fn lines(&self) -> String {
        let total = self.total();
        let kinds = [("PASS", self.passed), ("FAIL", self.failed), ("SKIPPED", self.skipped), ("ERROR", self.errored)];
        let lines = kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{kind}: {count}/{total}"));
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }
}

/// For people: what did not pass, and the summary.
pub(super) fn pretty(results: &[TestResult], verbose: bool) -> String {
    let mut text = String::new();
    let mut file: Option<&str> = None;
    for result in results.iter().filter(|result| verbose || result.outcome != TestOutcome::Passed) {
        if file.replace(&result.case.location.file).is_some_and(|file| file != result.case.location.file) {
            text.push('\n');
        }
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{}:{}:\n{}", result.case.location.file, result.case.location.line, headline(result));
        sub_results(&mut text, &result.cases, (1, verbose));
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

/// The cases that failed, or all of them, those of a case below it.
fn sub_results(text: &mut String, cases: &[CaseResult], (depth, verbose): (usize, bool)) {
    for case in cases.iter().filter(|case| verbose || case.failed) {
        let _ = writeln!(text, "{}{}: {}", "  ".repeat(depth), harmless(&case.name), if case.failed { "FAIL" } else { "PASS" });
        sub_results(text, &case.cases, (depth + 1, verbose));
    }
}

/// Each case that failed and has no cases of its own, below those that it is of.
fn lineages(text: &mut String, cases: &[CaseResult], above: &[&CaseResult]) {
    for case in cases.iter().filter(|case| case.failed) {
        let line: Vec<&CaseResult> = above.iter().copied().chain([case]).collect();
        if case.cases.is_empty() {
            for (depth, case) in line.iter().enumerate() {
                let _ = writeln!(text, "{}{}: FAIL", "  ".repeat(depth + 1), harmless(&case.name));
            }
        }
        lineages(text, &case.cases, &line);
    }
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
        let before = text.len();
        lineages(&mut text, &result.cases, &[]);
        if text.len() > before {
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

/// For machines: an object for each test, durations in nanoseconds, output in base64, as `opa test` has them. With a profile,
/// which `opa test` has not, both are members of an object.
pub(super) fn json(results: &[TestResult], profile: Option<&[ProfiledRule]>) -> anyhow::Result<String> {
    let mut document: serde_json::Value = results.iter().map(entry).collect();
    if let Some(profile) = profile {
        document = json!({ "tests": document, "profile": profile });
    }
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// As `opa test` has them: by name, what failed marked.
fn cases(results: &[CaseResult]) -> serde_json::Value {
    let entry = |case: &CaseResult| {
        let mut entry = json!({ "name": case.name });
        if let Some(members) = entry.as_object_mut() {
            if case.failed {
                members.insert("fail".to_owned(), true.into());
            }
            if !case.cases.is_empty() {
                members.insert("sub_results".to_owned(), cases(&case.cases));
            }
        }
        (case.name.clone(), entry)
    };
    serde_json::Value::Object(results.iter().map(entry).collect())
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
        if !result.cases.is_empty() {
            members.insert("sub_results".to_owned(), cases(&result.cases));
        }
        members.extend(more.into_iter().chain(output).map(|(name, value)| (name.to_owned(), value)));
    }
    entry
}

/// A suite for each package, as CI systems read it.
pub(super) fn junit(results: &[TestResult]) -> String {
    let counts = Counts::of(results);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vidimus test\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        counts.total(),
        counts.failed,
        counts.errored,
        counts.skipped
    );
    for package in results.chunk_by(|one, next| one.case.package == next.case.package) {
        let counts = Counts::of(package);
        let name = package.first().map(|result| escaped(&result.case.package)).unwrap_or_default();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            counts.total(),
            counts.failed,
            counts.errored,
            counts.skipped
        );
        for result in package {
            text.push_str(&junit_cases(result, &name));
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

/// A test, or each of its cases.
fn junit_cases(result: &TestResult, package: &str) -> String {
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
    let mut cases = Vec::new();
    leaves(&mut cases, &result.cases, &result.case.name);
    if cases.is_empty() {
        cases.push((result.case.name.clone(), true));
    }
    let line = |(name, failed): &(String, bool)| {
        let body = if *failed { body.as_str() } else { "" };
        format!("    <testcase classname=\"{package}\" name=\"{}\" time=\"{seconds:.6}\">{body}</testcase>\n", escaped(name))
    };
    cases.iter().map(line).collect()
}

/// The cases without cases of their own, by full name, and whether they failed.
fn leaves(found: &mut Vec<(String, bool)>, cases: &[CaseResult], above: &str) {
    for case in cases {
        let name = format!("{above}[{}]", serde_json::Value::from(case.name.as_str()));
        if case.cases.is_empty() {
            found.push((name, case.failed));
        } else {
            leaves(found, &case.cases, &name);
        }
    }
}
