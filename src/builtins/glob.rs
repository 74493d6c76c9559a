//! `glob.match`: `*` and `?` stop at delimiters, `**` does not; `[..]`, `{a,b}` and `\`.

use std::cell::RefCell;
use std::fmt::Write as _;

use super::cache::{self, Bounded};
use super::call::Value;
use super::expression::Expression;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("glob.match", Availability::Pure(is_match)), ("glob.quote_meta", Availability::Pure(quote))];

thread_local! {
    static COMPILED: RefCell<Bounded<(String, Vec<char>), Expression>> = Bounded::new(256);
}

fn quote(operands: &[Value]) -> Answer {
    let mut quoted = String::new();
    for c in operand::string(operands, 1)?.chars() {
        if matches!(c, '*' | '?' | '\\' | '[' | ']' | '{' | '}') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    Ok(Value::from(quoted))
}

fn delimiters(operands: &[Value]) -> Result<Vec<char>, Fault> {
    let array = match operand::any(operands, 2) {
        Value::Null => return Ok(Vec::new()),
        Value::Array(array) if array.is_empty() => return Ok(vec!['.']),
        Value::Array(array) => array,
        other => return Err(Fault::operand(2, other, &["array", "null"])),
    };
    let one = |element: &Value| match element {
        Value::String(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(c), None) => Ok(c),
                _ => Err(Fault::element(2, operands, element, &["rune"])),
            }
        }
        other => Err(Fault::element(2, operands, other, &["string"])),
    };
    array.iter().map(one).collect()
}

fn is_match(operands: &[Value]) -> Answer {
    let pattern = operand::string(operands, 1)?;
    let delimiters = delimiters(operands)?;
    let text = operand::string(operands, 3)?;
    let compiled = cache::get_or_make(&COMPILED, (pattern.to_owned(), delimiters), |(pattern, delimiters)| {
        let regex = Reader::new(pattern, delimiters).run()?;
        Expression::new(&regex).map_err(|_| Fault::failed("pattern too large"))
    })?;
    Ok(Value::from(compiled.on(text)?.is_match(text)))
}

/// A pattern whose wildcards stop nowhere.
#[derive(Debug)]
pub(crate) struct GlobPattern(Expression);

impl GlobPattern {
    /// # Errors
    /// What is wrong with the pattern.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let said = |fault| match fault {
            Fault::Type(why) | Fault::Failed(why) => why,
        };
        Expression::new(&Reader::new(pattern, &[]).run().map_err(said)?).map(Self)
    }

    /// Whether it is the pattern of all of `text`.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.0.on(text).is_ok_and(|regex| regex.is_match(text))
    }
}

/// Turns a pattern into a regular expression.
struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
    delimiters: &'a [char],
    depth: usize,
    out: String,
}

impl<'a> Reader<'a> {
    fn new(pattern: &'a str, delimiters: &'a [char]) -> Self {
        Self { whole: pattern, rest: pattern, delimiters, depth: 0, out: String::from("(?s)\\A(?:") }
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let c = characters.next();
        self.rest = characters.as_str();
        c
    }

    fn error(&self, why: &str) -> Fault {
        Fault::failed(format!("glob: syntax error at {}: {why}", self.whole.len() - self.rest.len()))
    }

    fn literal(&mut self, c: char) {
        let _ = write!(self.out, "\\x{{{:x}}}", u32::from(c));
    }

    /// Any character but a delimiter.
    fn single(&mut self) {
        if self.delimiters.is_empty() {
            self.out.push('.');
            return;
        }
        self.out.push_str("[^");
        for delimiter in self.delimiters {
            let _ = write!(self.out, "\\x{{{:x}}}", u32::from(*delimiter));
        }
        self.out.push(']');
    }

    fn run(mut self) -> Result<String, Fault> {
        while let Some(c) = self.next() {
            match c {
                '*' if self.rest.starts_with('*') => {
                    self.next();
                    self.out.push_str(".*");
                }
                '*' => {
                    self.single();
                    self.out.push('*');
                }
                '?' => self.single(),
                '[' => self.class()?,
                '{' => {
                    self.depth += 1;
                    self.out.push_str("(?:");
                }
                ',' if self.depth > 0 => self.out.push('|'),
                '}' if self.depth > 0 => {
                    self.depth -= 1;
                    self.out.push(')');
                }
                '\\' => {
                    if let Some(escaped) = self.next() {
                        self.literal(escaped);
                    }
                }
                other => self.literal(other),
            }
        }
        if self.depth > 0 {
            return Err(self.error("unclosed `{`"));
        }
        self.out.push_str(")\\z");
        Ok(self.out)
    }

    /// `[abc]`, `[!abc]`, `[a-c]`, `[!a-c]`: either single characters or one range.
    fn class(&mut self) -> Result<(), Fault> {
        self.out.push('[');
        if self.rest.starts_with('!') {
            self.next();
            self.out.push('^');
        }
        let mut ahead = self.rest.chars();
        if let (Some(low), Some('-')) = (ahead.next(), ahead.next()) {
            let high = ahead.next();
            self.rest = ahead.as_str();
            let Some(high) = high else { return Err(self.error("unexpected end of input")) };
            if self.next() != Some(']') {
                return Err(self.error("expected close range character"));
            }
            if high < low {
                return Err(self.error(&format!("hi character '{high}' should be greater than lo '{low}'")));
            }
            self.literal(low);
            self.out.push('-');
            self.literal(high);
            self.out.push(']');
            return Ok(());
        }
        let mut any = false;
        loop {
            match self.next() {
                Some(']') if any => break,
                Some(']') => return Err(self.error("could not parse range")),
                Some('\\') => match self.next() {
                    Some(escaped) => self.literal(escaped),
                    None => return Err(self.error("unexpected end of input")),
                },
                Some(c) => self.literal(c),
                None => return Err(self.error("unexpected end of input")),
            }
            any = true;
        }
        self.out.push(']');
        Ok(())
    }
}
