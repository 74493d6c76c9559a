//! The report for people: worst first, findings under the rule that made them, passed components in one line each.

use std::cmp::Reverse;
use std::fmt::Write as _;

use vidimus::{Evaluation, Finding, Outcome, Report};

use super::observing;
use super::receipts;
use super::style::{Style, Tone, harmless};

/// The whole report. Writing to a string cannot fail, hence the results that are let go.
pub(super) fn render(report: &Report, style: Style) -> String {
    let mut text = String::new();
    let mut ordered: Vec<&Evaluation> = report.components().iter().collect();
    ordered.sort_by_key(|evaluation| (Reverse(Standing::of(evaluation)), Reverse(evaluation.violations().len())));
    for evaluation in ordered {
        text.push_str(&observing::trace(evaluation));
        component(&mut text, evaluation, style);
    }
    if let Some(rules) = report.profile() {
        let _ = write!(text, "\n{}", observing::table(rules));
    }
    let _ = writeln!(text, "\n{}", summary(report, style));
    let _ = writeln!(text, "{}", style.paint(Tone::Quiet, &costs(report)));
    text
}

/// How a component stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Passed,
    Warned,
    Failed,
    Undecided,
}

impl Standing {
    const ALL: [Self; 4] = [Self::Undecided, Self::Failed, Self::Warned, Self::Passed];

    fn of(evaluation: &Evaluation) -> Self {
        match Outcome::of(evaluation) {
            Outcome::Undecided => Self::Undecided,
            Outcome::Violated => Self::Failed,
            Outcome::Passed if !evaluation.warnings().is_empty() => Self::Warned,
            Outcome::Passed => Self::Passed,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Undecided => "UNDECIDED",
            Self::Failed => "FAIL",
            Self::Warned => "WARN",
            Self::Passed => "PASS",
        }
    }

    const fn participle(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Failed => "failed",
            Self::Warned => "passed with warnings",
            Self::Passed => "passed",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Undecided => Tone::Undecided,
            Self::Failed => Tone::Bad,
            Self::Warned => Tone::Warning,
            Self::Passed => Tone::Good,
        }
    }
}

fn component(text: &mut String, evaluation: &Evaluation, style: Style) {
    let standing = Standing::of(evaluation);
    let name = harmless(evaluation.name());
    let _ = writeln!(text, "{} {}", style.paint(standing.tone(), &format!("{:<9}", standing.word())), style.paint(Tone::Strong, &name));
    if let Some(error) = evaluation.error() {
        let kind = style.paint(Tone::Undecided, error.kind.name());
        let _ = writeln!(text, "  {kind}: {}", indented(&error.message, 4));
    }
    findings(text, evaluation.violations(), ("violation", Tone::Bad), style);
    findings(text, evaluation.warnings(), ("warning", Tone::Warning), style);
    if let Some(result) = evaluation.result() {
        // A `serde_json::Value` always has a text.
        let _ = writeln!(text, "  {}", indented(&serde_json::to_string_pretty(result).unwrap_or_default(), 2));
    }
    for receipt in evaluation.receipts() {
        let _ = writeln!(text, "  {} {}", style.paint(Tone::Quiet, "receipt"), receipts::line(receipt));
    }
}

/// Findings of one rule together, in the order in which the rules come up.
fn findings(text: &mut String, findings: &[Finding], (kind, tone): (&str, Tone), style: Style) {
    let mut titles: Vec<String> = Vec::new();
    for finding in findings {
        let title = title(finding);
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    for wanted in titles {
        for (number, finding) in findings.iter().filter(|finding| title(finding) == wanted).enumerate() {
            if number == 0 {
                let place = finding.location.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
                let _ =
                    writeln!(text, "  {} {}{}", style.paint(tone, kind), harmless(&wanted), style.paint(Tone::Quiet, &harmless(&place)));
            }
            let _ = writeln!(text, "    {}", indented(&finding.msg, 4));
        }
    }
}

/// The code of a finding where it has one, else its rule.
fn title(finding: &Finding) -> String {
    finding.metadata.get("code").and_then(serde_json::Value::as_str).unwrap_or(&finding.rule).to_owned()
}

fn indented(text: &str, by: usize) -> String {
    harmless(text.trim_end()).replace('\n', &format!("\n{}", " ".repeat(by)))
}

fn summary(report: &Report, style: Style) -> String {
    let count = |standing| report.components().iter().filter(|evaluation| Standing::of(evaluation) == standing).count();
    let parts: Vec<String> = Standing::ALL
        .into_iter()
        .map(|standing| (standing, count(standing)))
        .filter(|(_, number)| *number > 0)
        .map(|(standing, number)| style.paint(standing.tone(), &format!("{number} {}", standing.participle())))
        .collect();
    let total: usize = report.components().iter().map(|evaluation| evaluation.violations().len()).sum();
    let warnings: usize = report.components().iter().map(|evaluation| evaluation.warnings().len()).sum();
    let components = plural(report.components().len(), "component");
    format!("{components}: {} ({}, {})", parts.join(", "), plural(total, "violation"), plural(warnings, "warning"))
}

fn costs(report: &Report) -> String {
    let stats = report.stats();
    let stale = if stats.memo.stale == 0 { String::new() } else { format!(", {} past their time", stats.memo.stale) };
    format!(
        "{}, {} from memory, {} shared in flight{stale}; {}; {} ms, {} MiB",
        plural(stats.verifications, "verification"),
        stats.memo.hits,
        stats.memo.coalesced,
        plural(stats.registry_requests, "registry request"),
        stats.wall_ms,
        stats.peak_rss_bytes >> 20
    )
}

fn plural(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
