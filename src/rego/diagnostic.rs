//! What is wrong with a policy, and where.

use std::fmt;

/// One mistake in one place. Shown as OPA shows it: `file:row:column: code: message`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnostic {
    /// The file as the user named it; empty where the mistake has no place.
    pub(crate) file: String,
    /// Line, from 1; 0 where the mistake has no place.
    pub(crate) row: u32,
    /// Column in characters, from 1.
    pub(crate) column: u32,
    /// The kind of mistake.
    pub(crate) code: Code,
    /// What is wrong, in words.
    pub(crate) message: String,
}

/// The kinds of mistakes, named as OPA names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Code {
    /// The text is not Rego.
    Parse,
    /// The modules do not fit together.
    Compile,
    /// A function is unknown or is called with the wrong operands, or rules conflict.
    Type,
    /// A variable has no value.
    UnsafeVar,
    /// A rule depends on itself.
    Recursion,
    /// Raised by the evaluation.
    Evaluation,
}

impl Code {
    /// OPA's name of it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Parse => "rego_parse_error",
            Self::Compile => "rego_compile_error",
            Self::Type => "rego_type_error",
            Self::UnsafeVar => "rego_unsafe_var_error",
            Self::Recursion => "rego_recursion_error",
            Self::Evaluation => "eval_error",
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.row > 0 {
            write!(formatter, "{}:{}:{}: ", self.file, self.row, self.column)?;
        } else if !self.file.is_empty() {
            write!(formatter, "{}: ", self.file)?;
        }
        write!(formatter, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Diagnostic {}
