//! What is wrong with a policy, and where.

use std::fmt;

use crate::evaluation::Location;
use crate::rego::Diagnostic;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is, where it has a place.
    pub location: Option<Location>,
    /// What is wrong; begins with the name that OPA gives to such a mistake.
    pub message: String,
}

/// Why there is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CompileError {
    problems: Vec<Problem>,
}

impl CompileError {
    pub(super) fn one(message: impl Into<String>) -> Self {
        Self { problems: vec![Problem { location: None, message: message.into() }] }
    }

    /// Everything that is wrong.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Vec<Problem>> for CompileError {
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems }
    }
}

impl From<Diagnostic> for Problem {
    fn from(found: Diagnostic) -> Self {
        let message = format!("{}: {}", found.code.as_str(), found.message);
        if found.row == 0 {
            let file = if found.file.is_empty() { String::new() } else { format!("{}: ", found.file) };
            return Self { location: None, message: file + &message };
        }
        let file = if found.file.is_empty() { "<query>".to_owned() } else { found.file };
        Self { location: Some(Location { file, line: found.row, column: found.column }), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}")?;
        }
        Ok(())
    }
}
