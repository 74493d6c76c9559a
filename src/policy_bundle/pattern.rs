//! Patterns of file names, as Go's `path/filepath.Match` reads them: `*` and `?` stop at `/`, `[a-z]`, `[^a-z]`, `\` quotes.

use std::fmt::Write as _;
use std::str::FromStr;

use regex::Regex;

/// A pattern of file names.
#[derive(Debug, Clone)]
pub struct FilePattern(Regex);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no pattern of file names: {1}")]
pub struct InvalidPattern(String, &'static str);

impl FilePattern {
    /// Whether it is the pattern of all of `name`.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// Whether the file itself or a directory that it lies in has a name that is to be passed over.
pub(super) fn ignored(path: &str, patterns: &[FilePattern]) -> bool {
    path.split('/').any(|name| patterns.iter().any(|pattern| pattern.matches(name)))
}

impl FromStr for FilePattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = |why| InvalidPattern(text.to_owned(), why);
        let mut regex = String::from(r"(?s)\A");
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            match next {
                '*' => regex.push_str("[^/]*"),
                '?' => regex.push_str("[^/]"),
                '\\' => literal(rest.next().ok_or_else(|| invalid("nothing behind `\\`"))?, &mut regex),
                '[' => class(&mut rest, &mut regex).ok_or_else(|| invalid("a class that does not end"))?,
                plain => literal(plain, &mut regex),
            }
        }
        regex.push_str(r"\z");
        Regex::new(&regex).map(Self).map_err(|_| invalid("a class without meaning, or too long"))
    }
}

fn literal(character: char, regex: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(regex, "\\x{{{:x}}}", u32::from(character));
}

/// `[abc]`, `[^a-c]`; at least one character or range.
fn class(rest: &mut std::str::Chars<'_>, regex: &mut String) -> Option<()> {
    regex.push('[');
    let mut next = rest.next()?;
    if next == '^' {
        regex.push('^');
        next = rest.next()?;
    }
    let mut members = 0;
    while next != ']' || members == 0 {
        let one = |next, rest: &mut std::str::Chars<'_>| match next {
            '\\' => rest.next(),
            '-' | ']' => None,
            plain => Some(plain),
        };
        literal(one(next, rest)?, regex);
        next = rest.next()?;
        if next == '-' {
            regex.push('-');
            let high = rest.next()?;
            literal(one(high, rest)?, regex);
            next = rest.next()?;
        }
        members += 1;
    }
    regex.push(']');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        FilePattern::from_str(pattern).unwrap().matches(name)
    }

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*/b", "a/c/b", false),
            ("a*b?c*x", "abxbbxdbxebxfxxx", false),
            ("ab[b-d]", "abc", true),
            ("ab[^b-d]", "abc", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            (".*", ".hidden", true),
            (".*", "shown", false),
            ("a???b", "abc", false),
            ("[\\-x]", "-", true),
            ("*_test.rego", "a_test.rego", true),
            ("a.b", "axb", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["[", "[]", "[a", "a[", "[-]", "[x-]", "[^", "\\", "[b-a]", "[]a]"] {
            FilePattern::from_str(pattern).unwrap_err();
        }
    }
}
