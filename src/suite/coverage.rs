//! What tests have reached, in the places of the user's files, in the form of `opa test --coverage`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::rego::{Probe, ProbeKind, Probes, Span};

/// What tests have reached of all files.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// By the name of the file.
    pub files: BTreeMap<String, FileCoverage>,
    /// Lines that were reached.
    pub covered_lines: usize,
    /// Lines that were not.
    pub not_covered_lines: usize,
    /// Percentage of the lines that could be reached.
    pub coverage: f64,
}

/// What tests have reached of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileCoverage {
    /// Heads of rules whose bodies held, and expressions that were evaluated.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub covered: BTreeSet<Range>,
    /// The others.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub not_covered: BTreeSet<Range>,
    /// Lines with something that was reached.
    #[serde(skip_serializing_if = "is_zero")]
    pub covered_lines: usize,
    /// Lines with something that was not.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_covered_lines: usize,
    /// Percentage of the lines that could be reached.
    #[serde(skip_serializing_if = "is_nothing")]
    pub coverage: f64,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Range {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// A place in a file; both numbers count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line.
    pub row: u32,
    /// Column.
    pub col: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
fn is_nothing(percentage: &f64) -> bool {
    *percentage <= 0.0
}

impl Coverage {
    /// What was reached in any of these evaluations.
    pub(super) fn of(probes: &Probes, evaluations: &[&BTreeSet<usize>]) -> Self {
        let mut coverage = Self::default();
        for (name, _) in &probes.sources {
            coverage.files.entry(name.clone()).or_default();
        }
        let defaulted = defaulted(probes, evaluations);
        for (number, point) in probes.points.iter().enumerate() {
            let Some((name, text)) = probes.sources.get(point.span.file as usize) else { continue };
            let Some(file) = coverage.files.get_mut(name) else { continue };
            let reached = if point.kind == ProbeKind::Default {
                defaulted.contains(&number)
            } else {
                evaluations.iter().any(|reached| reached.contains(&number))
            };
            if reached {
                file.covered.insert(range(point.span, text));
            } else if point.kind != ProbeKind::Declaration {
                file.not_covered.insert(range(point.span, text));
            }
        }
        coverage.sum_up();
        coverage
    }

    fn sum_up(&mut self) {
        for file in self.files.values_mut() {
            file.covered_lines = lines(&file.covered).len();
            file.not_covered_lines = lines(&file.not_covered).len();
            file.coverage = percentage(file.covered_lines, file.not_covered_lines);
            self.covered_lines += file.covered_lines;
            self.not_covered_lines += file.not_covered_lines;
        }
        self.coverage = percentage(self.covered_lines, self.not_covered_lines);
    }
}

impl FileCoverage {
    /// The lines with something that was reached, and those with something that was not.
    #[must_use]
    pub fn lines(&self) -> (BTreeSet<u32>, BTreeSet<u32>) {
        (lines(&self.covered), lines(&self.not_covered))
    }
}

fn lines(ranges: &BTreeSet<Range>) -> BTreeSet<u32> {
    ranges.iter().flat_map(|range| range.start.row..=range.end.row).collect()
}

fn percentage(covered: usize, not_covered: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if covered + not_covered == 0 { 0.0 } else { 100.0 * count(covered) / count(covered + not_covered) }
}

fn range(span: Span, text: &str) -> Range {
    let (mut row, mut col) = (span.row, span.column);
    for character in span.text(text).chars() {
        if character == '\n' {
            row += 1;
            col = 1;
        } else {
            col += 1;
        }
    }
    Range { start: Position { row: span.row, col: span.column }, end: Position { row, col } }
}

/// The heads of `default` rules whose values were used: no probe stands in them, but in some evaluation the other rules of that
/// name were tried, and none of their bodies held.
fn defaulted(probes: &Probes, evaluations: &[&BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut others: BTreeMap<&str, Vec<(usize, &Probe)>> = BTreeMap::new();
    for (number, point) in probes.points.iter().enumerate() {
        if let Some(name) = probes.names.get(point.rule) {
            others.entry(name).or_default().push((number, point));
        }
    }
    let used = |points: &[(usize, &Probe)]| {
        evaluations.iter().any(|reached| {
            let is = |head: bool| points.iter().any(|(number, point)| (point.kind == ProbeKind::Head) == head && reached.contains(number));
            is(false) && !is(true)
        })
    };
    let defaults = others.values().filter(|points| used(points)).flatten();
    defaults.filter(|(_, point)| point.kind == ProbeKind::Default).map(|(number, _)| *number).collect()
}
