//! Value text: OPA's notation of values, as `opa_value_dump` writes and `opa_value_parse` reads it.
//!
//! It is JSON with sets (`{1, 2}`, `set()`) and with keys of any type (`{[1]: 2}`). Numbers are kept as they are written.
//! [`read`] is generic over what is built, so that an embedder reads straight into its own values; [`Term`] is ours.

mod read;
mod term;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::error::EvalError;
use crate::memory;

pub use read::{Build, TextError, read};
pub use term::{Term, Terms};

/// Text that is known to be a value: it was read, or written from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueText<'a>(Cow<'a, str>);

/// What can be written as value text.
pub trait Write {
    /// Writes the value.
    fn write(&self, out: &mut String);
}

impl<'a> ValueText<'a> {
    /// A text that is a value, nested at most `depth` levels. JSON is.
    ///
    /// # Errors
    /// [`TextError`] where it is none.
    pub fn new(text: &'a str, depth: usize) -> Result<Self, TextError> {
        read(text, depth, &mut read::Nothing)?;
        Ok(Self(Cow::Borrowed(text)))
    }

    /// The text of a value.
    #[must_use]
    pub fn of(value: &impl Write) -> Self {
        let mut text = String::new();
        value.write(&mut text);
        Self(Cow::Owned(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text that ends with NUL at `address` of a guest's memory, which may be anything.
///
/// # Errors
/// [`EvalError`] for an address outside of memory, no end, more than `limit` bytes, or what is not UTF-8.
pub fn in_memory(memory: &[u8], address: i32, limit: usize) -> Result<&str, EvalError> {
    memory::text(memory, address, ("a text", limit))
}

/// Writes a string between quotation marks, escaped as JSON is.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        // Escapes are of ASCII bytes only, so these are boundaries of characters.
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + 1;
        if escaped.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escaped);
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}
