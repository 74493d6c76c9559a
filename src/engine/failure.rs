//! Reads the errors of regorus, which are texts drawn for a terminal, as one line with a place.

use crate::evaluation::Location;

/// An error of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Failing {
    /// Where, in the user's files.
    pub(crate) location: Option<Location>,
    /// What, in one line.
    pub(crate) message: String,
    /// Whether the time was over.
    pub(crate) timed_out: bool,
}

impl Failing {
    /// Reads `--> file:line:column`, a drawing, then `error: message`.
    pub(crate) fn read(text: &str) -> Self {
        let drawn = text.lines().any(|line| line.trim().starts_with("--> "));
        let said = text.lines().rev().find_map(|line| line.trim().strip_prefix("error: "));
        let message = match (said, drawn) {
            (Some(said), _) => said.trim(),
            (None, true) => text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim(),
            (None, false) => text.trim(),
        };
        let message = message.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Self { location: None, message, timed_out: text.contains("execution exceeded time limit") }
    }
}

impl std::fmt::Display for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_becomes_one_line() {
        let text = "\n--> policy/a:b.rego:3:7\n  |\n3 |  x := y\n  |       ^\nerror: use of undefined variable `y` is unsafe";
        let read = Failing::read(text);
        assert_eq!(read.to_string(), "use of undefined variable `y` is unsafe");
    }

    #[test]
    fn a_text_without_a_place_is_kept() {
        assert_eq!(Failing::read("no such\nrule").to_string(), "no such rule");
        assert!(Failing::read("execution exceeded time limit (elapsed=1ns, limit=1ns)").timed_out);
    }
}
