//! A compiled regular expression that knows how long a text it may be asked about.
//!
//! Matching takes the product of both sizes at worst. Small expressions may see long texts, large ones short texts.

use regex::{Regex, RegexBuilder};

use super::operand::Fault;

/// Largest product of an expression's compiled size and a text's length, both in bytes.
const MOST_WORK: usize = 1 << 36;
/// Sizes that are tried, smallest first.
const SIZES: [usize; 6] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    regex: Regex,
    longest: usize,
}

impl Expression {
    /// Compiles an expression in our own syntax.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let mut failure = String::from("expression too large");
        for size in SIZES {
            let built = RegexBuilder::new(pattern).size_limit(size).dfa_size_limit(4 << 20).nest_limit(1_000).build();
            match built {
                Ok(regex) => return Ok(Expression { regex, longest: MOST_WORK / size }),
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(other) => {
                    other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").clone_into(&mut failure);
                    break;
                }
            }
        }
        Err(failure)
    }

    /// The expression, for this text.
    ///
    /// # Errors
    /// A text that is too long for it.
    pub(super) fn on(&self, text: &str) -> Result<&Regex, Fault> {
        if text.len() > self.longest { Err(Fault::failed("text too long for the expression")) } else { Ok(&self.regex) }
    }
}
