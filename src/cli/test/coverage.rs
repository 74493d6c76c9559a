//! Coverage as text and for `lcov`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vidimus::Coverage;

/// A percentage of the command line.
pub(super) fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err(format!("`{text}` is not between 0 and 100")) }
}

/// For people: a line for each file, and one for all.
pub(super) fn pretty(coverage: &Coverage) -> String {
    let width = coverage.files.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    let mut text = String::new();
    for (name, file) in &coverage.files {
        let (_, missed) = file.lines();
        let missed = if missed.is_empty() { String::new() } else { format!("  not covered: {}", spans(&missed).join(", ")) };
        let all = file.covered_lines + file.not_covered_lines;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{name:<width$}  {:>6.2}%  {}/{all}{missed}", file.coverage, file.covered_lines);
    }
    let all = coverage.covered_lines + coverage.not_covered_lines;
    let _ = writeln!(text, "{:<width$}  {:>6.2}%  {}/{all}", "total", coverage.coverage, coverage.covered_lines);
    text
}

/// `3`, `5-7`
fn spans(lines: &BTreeSet<u32>) -> Vec<String> {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match spans.last_mut() {
            Some((_, end)) if *end + 1 == *line => *end = *line,
            _ => spans.push((*line, *line)),
        }
    }
    spans.into_iter().map(|(start, end)| if start == end { start.to_string() } else { format!("{start}-{end}") }).collect()
}

/// The tracefile of `lcov`: a line is hit if something on it was reached.
pub(super) fn lcov(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (name, file) in &coverage.files {
        let (hit, missed) = file.lines();
        let lines: BTreeSet<u32> = hit.union(&missed).copied().collect();
        if lines.is_empty() {
            continue;
        }
        let _ = writeln!(text, "TN:\nSF:{name}");
        for line in &lines {
            let _ = writeln!(text, "DA:{line},{}", u8::from(hit.contains(line)));
        }
        let _ = writeln!(text, "LF:{}\nLH:{}\nend_of_record", lines.len(), hit.len());
    }
    text
}

/// In the words of `opa test --threshold`.
pub(super) fn too_little(coverage: &Coverage, threshold: f64, verbose: bool) -> String {
    let mut text = format!("Code coverage threshold not met: got {:.2} instead of {threshold:.2}", coverage.coverage);
    if verbose {
        text.push_str("\nLines not covered:");
        for (name, file) in &coverage.files {
            for span in spans(&file.lines().1) {
                let _ = write!(text, "\n\t{name}:{span}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_drawn_together() {
        assert_eq!(spans(&BTreeSet::from([1, 2, 3, 5, 8, 9])), ["1-3", "5", "8-9"]);
    }

    #[test]
    fn percentages_are_bounded() {
        assert_eq!(percentage("99.5"), Ok(99.5));
        for wrong in ["-1", "100.1", "x", "NaN", ""] {
            percentage(wrong).unwrap_err();
        }
    }
}
