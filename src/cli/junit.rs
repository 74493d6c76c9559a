//! The report as `JUnit` XML: a suite for each component, a case for each finding.

use std::fmt::Write as _;

use vidimus::{Evaluation, Finding, Report};

/// The whole report. Writing to a string cannot fail, hence the results that are let go.
pub(super) fn render(report: &Report) -> String {
    let (mut suites, mut tests, mut failures, mut errors) = (String::new(), 0, 0, 0);
    for evaluation in report.components() {
        let suite = suite(evaluation);
        tests += suite.tests;
        failures += evaluation.violations().len();
        errors += usize::from(evaluation.error().is_some());
        suites.push_str(&suite.text);
    }
    let seconds = std::time::Duration::from_millis(report.stats().wall_ms).as_secs_f64();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"vidimus\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{seconds:.3}\">\n\
         {suites}</testsuites>\n"
    )
}

struct Suite {
    text: String,
    tests: usize,
}

fn suite(evaluation: &Evaluation) -> Suite {
    let (mut cases, mut tests) = (String::new(), 0);
    let mut case = |name: &str, body: &str| {
        tests += 1;
        let _ = writeln!(cases, "    <testcase name=\"{}\" classname=\"{}\">{body}</testcase>", escaped(name), escaped(evaluation.name()));
    };
    for finding in evaluation.violations() {
        let kind = escaped(&finding.rule);
        case(
            &title(finding),
            &format!("<failure type=\"{kind}\" message=\"{}\">{}</failure>", escaped(&finding.msg), escaped(&details(finding))),
        );
    }
    for finding in evaluation.warnings() {
        case(&title(finding), &format!("<system-out>warning: {}</system-out>", escaped(&finding.msg)));
    }
    if let Some(error) = evaluation.error() {
        let message = escaped(&error.message);
        case(error.kind.name(), &format!("<error type=\"{}\" message=\"{message}\"></error>", error.kind.name()));
    } else if evaluation.violations().is_empty() && evaluation.warnings().is_empty() {
        case("policy", "");
    }
    let (failures, errors) = (evaluation.violations().len(), usize::from(evaluation.error().is_some()));
    let name = escaped(evaluation.name());
    let text = format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">\n{cases}  </testsuite>\n"
    );
    Suite { text, tests }
}

fn title(finding: &Finding) -> String {
    finding.metadata.get("code").and_then(serde_json::Value::as_str).unwrap_or(&finding.rule).to_owned()
}

fn details(finding: &Finding) -> String {
    finding.location.as_ref().map_or_else(|| finding.msg.clone(), |place| format!("{}\n{place}", finding.msg))
}

/// Text for XML 1.0, which has no way to write most control characters: they become U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            control if control.is_control() => safe.push('\u{fffd}'),
            plain => safe.push(plain),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(escaped("a<b>&\"c\"\u{1b}\n"), "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}&#10;");
    }
}
