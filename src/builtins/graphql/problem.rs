//! What is wrong with a document, as OPA says it.

use super::ast::Position;

/// What is wrong, and where if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    position: Option<Position>,
    message: String,
}

impl Problem {
    pub(super) fn at(position: Option<Position>, message: impl Into<String>) -> Self {
        Problem { position, message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position {
            Some(Position { line, column }) => write!(f, "input:{line}:{column}: {}", self.message),
            None => write!(f, "input: {}", self.message),
        }
    }
}

/// What is wrong with a text, as OPA says it.
pub(super) fn told(problem: &Problem) -> String {
    match problem.position {
        Some(Position { line, column }) if column >= 0 => {
            format!("{} in GraphQL string at location {line}:{column}", problem.message)
        }
        _ => format!("GraphQL parse error: {problem}"),
    }
}

/// Every problem of a document, one a line but for the last one's end; the place of the first one stands behind.
pub(super) fn all_told(problems: &[Problem]) -> String {
    let mut lines = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n");
    lines.push('\n');
    match problems.first().and_then(|first| first.position) {
        Some(Position { line, column }) if column >= 0 => {
            let text = lines.strip_prefix(&format!("input:{line}:{column}: ")).unwrap_or(&lines);
            format!("{} in GraphQL string at location {line}:{column}", text.strip_suffix(".\n").unwrap_or(text))
        }
        _ => format!("GraphQL parse error: {lines}"),
    }
}

/// A text between quotation marks, as Go writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    crate::builtins::term_text::quote(text, &mut out);
    out
}

/// How much may be compared before a document is too complex: names and fields, some nanoseconds each.
#[derive(Debug)]
pub(super) struct Budget(std::cell::Cell<usize>);

impl Budget {
    pub(super) fn new() -> Self {
        Budget(std::cell::Cell::new(50_000_000))
    }

    /// Takes so many steps.
    ///
    /// # Errors
    /// None are left.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Problem> {
        let left = self.0.get().checked_sub(steps).ok_or_else(|| Problem::at(None, "document too complex"))?;
        self.0.set(left);
        Ok(())
    }
}

/// Most levels of fields, fragments or input objects within each other that are followed.
const MOST_LEVELS: usize = 300;

/// How deep something is.
///
/// # Errors
/// Too deep.
pub(super) fn within(levels: usize) -> Result<(), Problem> {
    if levels > MOST_LEVELS { Err(Problem::at(None, "document nested too deeply")) } else { Ok(()) }
}
