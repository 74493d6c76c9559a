//! Identity patterns with the meaning they have in Go (RE2): an unanchored search, ASCII classes, no set operations.
//!
//! Where the two dialects differ, a pattern is refused rather than read in another sense: an identity check must not
//! accept more than its author wrote.

use regex::bytes::{Regex, RegexBuilder};

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidPattern {
    /// Not a pattern at all, or one that would be too large.
    #[error("error parsing regexp: {0}")]
    Syntax(String),
    /// A construct that only this program's engine has.
    #[error("error parsing regexp: `{0}` does not mean the same everywhere")]
    Dialect(&'static str),
}

/// A compiled pattern.
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles `source`.
    pub(super) fn new(source: &str) -> Result<Self, InvalidPattern> {
        if let Some(construct) = foreign(source) {
            return Err(InvalidPattern::Dialect(construct));
        }
        // Without Unicode `\d`, `\w`, `\s` and `\b` are ASCII, as in Go.
        RegexBuilder::new(source)
            .unicode(false)
            .size_limit(1 << 20)
            .build()
            .map(Self)
            .map_err(|error| InvalidPattern::Syntax(error.to_string()))
    }

    /// Whether the pattern occurs in `text`. Without Unicode `.` is a byte, so only ASCII text is searched: certificates'
    /// names are ASCII by type (`IA5String`).
    pub(super) fn occurs_in(&self, text: &str) -> bool {
        text.is_ascii() && self.0.is_match(text.as_bytes())
    }
}

/// The first construct of `source` that Go reads otherwise, or not at all: set operations and nested sets inside a class,
/// and the flags `x`, `u`, `R`.
fn foreign(source: &str) -> Option<&'static str> {
    let mut rest = source;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..)?;
        match c {
            '\\' => {
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                rest = after.get(escaped..)?;
                continue;
            }
            '[' if in_class && !after.starts_with(':') => return Some("["),
            '[' if !in_class => {
                in_class = true;
                // A `]` that comes first is a member.
                let body = after.strip_prefix('^').unwrap_or(after);
                rest = body.strip_prefix(']').unwrap_or(body);
                continue;
            }
            '[' => {
                rest = after.split_once(":]").map_or(after, |(_, end)| end);
                continue;
            }
            ']' => in_class = false,
            '(' if !in_class => {
                let flags = after.strip_prefix('?').map(|flags| flags.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-'));
                if flags.into_iter().flatten().any(|flag| matches!(flag, 'x' | 'u' | 'R')) {
                    return Some("(?x)");
                }
            }
            _ if in_class => {
                if let Some(operator) = ["&&", "--", "~~"].into_iter().find(|operator| rest.starts_with(operator)) {
                    return Some(operator);
                }
            }
            _ => {}
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurs(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap().occurs_in(text)
    }

    #[test]
    fn a_pattern_is_searched_unanchored() {
        assert!(occurs("acme/", "https://github.com/acme/web"));
        assert!(!occurs("^acme/", "https://github.com/acme/web"));
        assert!(!occurs("^https://github\\.com/acme$", "https://github.com/acme/web"));
        assert!(occurs("", "anything"));
    }

    #[test]
    fn an_end_is_the_end_of_the_text_and_a_dot_no_line_break() {
        assert!(!occurs("^a$", "a\n"));
        assert!(!occurs("a.b", "a\nb"));
        assert!(occurs("(?s)a.b", "a\nb"));
    }

    #[test]
    fn classes_are_those_of_ascii() {
        assert!(occurs(r"^v\d+$", "v12"));
        assert!(!occurs(r"^v\d+$", "v\u{661}\u{662}"));
        assert!(!occurs(r"^\w+$", "\u{e9}"));
        assert!(occurs("^[[:alpha:]_-]+$", "a_b-c"));
        assert!(occurs(r"^[]a-z0-9\[]+$", "a]["));
    }

    #[test]
    fn what_go_reads_otherwise_is_refused() {
        for pattern in ["[a-z&&b]", "[a--b]", "[^a~~b]", "[[a]]", "(?x) a", "(?i-x:a)", "(?u)a", r"(?R)^a$"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
        for pattern in ["(", "a(?=b)", r"\1", r"\pZ", "a{1000}{1000}", "*"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
