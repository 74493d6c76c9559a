//! Reads the errors of regorus, which are texts drawn for a terminal, as one line with a place.

use crate::evaluation::Location;

/// An error of the Rego engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failing {
    /// Where, in the modules as they were added.
    pub(crate) location: Option<Location>,
    /// What, in one line.
    pub(crate) message: String,
}

impl Failing {
    /// Reads `--> file:line:column`, a drawing, then `error: message`.
    pub(crate) fn read(text: &str) -> Self {
        let location = text.lines().find_map(|line| place(line.trim().strip_prefix("--> ")?));
        let said = text.lines().rev().find_map(|line| line.trim().strip_prefix("error: "));
        let message = match (said, &location) {
            (Some(said), _) => said.trim(),
            (None, Some(_)) => text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim(),
            (None, None) => text.trim(),
        };
        Self { location, message: message.lines().map(str::trim).collect::<Vec<_>>().join(" ") }
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

fn place(text: &str) -> Option<Location> {
    let mut parts = text.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Location { file: parts.next()?.to_owned(), line, column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_becomes_one_line() {
        let text = "\n--> policy/a:b.rego:3:7\n  |\n3 |  x := y\n  |       ^\nerror: use of undefined variable `y` is unsafe";
        let read = Failing::read(text);
        assert_eq!(read.to_string(), "policy/a:b.rego:3:7: use of undefined variable `y` is unsafe");
    }

    #[test]
    fn a_text_without_a_place_is_kept() {
        assert_eq!(Failing::read("execution exceeded\ntime limit").to_string(), "execution exceeded time limit");
    }
}
