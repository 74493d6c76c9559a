//! The reader of value text: one pass, bounded nesting, errors with their offset.

use std::borrow::Cow;

/// What a text is read into.
pub trait Build {
    /// What is built.
    type Value;
    /// `null`
    fn null(&mut self) -> Self::Value;
    /// `true`, `false`
    fn boolean(&mut self, value: bool) -> Self::Value;
    /// A number as JSON writes it; `None` where it cannot be held.
    fn number(&mut self, text: &str) -> Option<Self::Value>;
    /// A string, without quotation marks and escapes.
    fn string(&mut self, text: Cow<'_, str>) -> Self::Value;
    /// An array.
    fn array(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// A set, its members in the order of the text.
    fn set(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// An object, its members in the order of the text.
    fn object(&mut self, members: Vec<(Self::Value, Self::Value)>) -> Self::Value;
}

/// Why a text is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct TextError {
    /// What is wrong.
    pub reason: &'static str,
    /// Where, in bytes from the start.
    pub offset: usize,
}

/// Reads one value; nothing but space may stand around it.
///
/// # Errors
/// [`TextError`] for anything else, and for nesting deeper than `depth`.
pub fn read<B: Build>(text: &str, depth: usize, build: &mut B) -> Result<B::Value, TextError> {
    let mut reader = Reader { text, at: 0, left: depth, build };
    let value = reader.value()?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { Err(reader.error("something after the value")) }
}

/// Builds nothing: whether a text is a value is known without one.
pub(super) struct Nothing;

impl Build for Nothing {
    type Value = ();

    fn null(&mut self) {}

    fn boolean(&mut self, _: bool) {}

    fn number(&mut self, _: &str) -> Option<()> {
        Some(())
    }

    fn string(&mut self, _: Cow<'_, str>) {}

    fn array(&mut self, _: Vec<()>) {}

    fn set(&mut self, _: Vec<()>) {}

    fn object(&mut self, _: Vec<((), ())>) {}
}

struct Reader<'t, 'b, B> {
    text: &'t str,
    at: usize,
    left: usize,
    build: &'b mut B,
}

impl<'t, B: Build> Reader<'t, '_, B> {
    fn error(&self, reason: &'static str) -> TextError {
        TextError { reason, offset: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, word: &str) -> Result<(), TextError> {
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if !there {
            return Err(self.error("not a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn value(&mut self) -> Result<B::Value, TextError> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::braces),
            Some(b'[') => self.nested(|reader| reader.list(b']').map(|items| reader.build.array(items))),
            Some(b's') => self.word("set()").map(|()| self.build.set(Vec::new())),
            Some(b'n') => self.word("null").map(|()| self.build.null()),
            Some(b't') => self.word("true").map(|()| self.build.boolean(true)),
            Some(b'f') => self.word("false").map(|()| self.build.boolean(false)),
            Some(b'"') => self.string().map(|text| self.build.string(text)),
            Some(b'-' | b'.' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.error("not a value")),
            None => Err(self.error("no value")),
        }
    }

    /// Reads what an opening bracket begins.
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<B::Value, TextError>) -> Result<B::Value, TextError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| self.error("nested too deep"))?;
        self.at += 1;
        let value = read(self);
        self.left += 1;
        value
    }

    /// Values and commas up to `end`.
    fn list(&mut self, end: u8) -> Result<Vec<B::Value>, TextError> {
        let mut items = Vec::new();
        self.space();
        if self.eat(end) {
            return Ok(items);
        }
        loop {
            items.push(self.value()?);
            if self.ends(end)? {
                return Ok(items);
            }
        }
    }

    /// A comma, or the end.
    fn ends(&mut self, end: u8) -> Result<bool, TextError> {
        self.space();
        if self.eat(end) {
            return Ok(true);
        }
        if self.eat(b',') { Ok(false) } else { Err(self.error("neither a comma nor an end")) }
    }

    /// An object or a set; which of them, the character after the first value tells.
    fn braces(&mut self) -> Result<B::Value, TextError> {
        self.space();
        if self.eat(b'}') {
            return Ok(self.build.object(Vec::new()));
        }
        let first = self.value()?;
        self.space();
        if self.eat(b':') {
            return self.members(first);
        }
        let mut items = vec![first];
        while !self.ends(b'}')? {
            items.push(self.value()?);
        }
        Ok(self.build.set(items))
    }

    fn members(&mut self, first: B::Value) -> Result<B::Value, TextError> {
        let mut members = vec![(first, self.value()?)];
        while !self.ends(b'}')? {
            let key = self.value()?;
            self.space();
            if !self.eat(b':') {
                return Err(self.error("no colon after a key"));
            }
            members.push((key, self.value()?));
        }
        Ok(self.build.object(members))
    }

    /// As JSON has it; a policy may also write `.5`, and its module hands that over as it was written.
    fn number(&mut self) -> Result<B::Value, TextError> {
        let start = self.at;
        let sign = if self.eat(b'-') { "-" } else { "" };
        let whole = self.at;
        if self.peek() != Some(b'.') && !self.eat(b'0') {
            self.digits()?;
        }
        let is_short = whole == self.at;
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = if is_short { Cow::Owned(format!("{sign}0{}", text.trim_start_matches('-'))) } else { Cow::Borrowed(text) };
        self.build.number(&text).ok_or(TextError { reason: "a number that cannot be held", offset: start })
    }

    fn digits(&mut self) -> Result<(), TextError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("no digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, TextError> {
        self.at += 1;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let plain =
            rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).ok_or_else(|| self.error("a string without end"))?;
        let text = rest.get(..plain).unwrap_or_default();
        self.at += plain;
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(text));
        }
        let mut out = text.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(0..0x20) => return Err(self.error("a control character in a string")),
                Some(_) => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
                    out.push_str(rest.get(..plain).unwrap_or_default());
                    self.at += plain;
                }
                None => return Err(self.error("a string without end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, TextError> {
        self.at += 1;
        let escaped = self.peek().ok_or_else(|| self.error("a string without end"))?;
        self.at += 1;
        Ok(match escaped {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(self.error("an unknown escape")),
        })
    }

    /// Half of a pair that stands alone becomes U+FFFD, as OPA's own reader has it.
    fn unicode(&mut self) -> Result<char, TextError> {
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        let after = self.at;
        if (0xd800..0xdc00).contains(&first) && self.eat(b'\\') && self.eat(b'u') {
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let joined = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.at = after;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, TextError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let read =
            digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| self.error("not four hexadecimal digits"))?;
        self.at += 4;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Term, Terms, Write as _};
    use super::*;

    fn round(text: &str) -> String {
        let mut out = String::new();
        read(text, 8, &mut Terms).unwrap().write(&mut out);
        out
    }

    #[test]
    fn values_survive_both_ways() {
        for text in [
            "null",
            "[true,false,[],{}]",
            "set()",
            "{1,\"a\",[2],{3}}",
            "{[1]:2,{4}:set(),null:{},\"k\":[3]}",
            "12345678901234567890.5e3",
            "[-0,0.1,1E5,1e-7]",
            r#""a\u0000b\\\"é\n""#,
        ] {
            assert_eq!(round(text), text);
        }
        assert_eq!(round(" { 1 , 2 } "), "{1,2}");
        assert_eq!(round("[.5,-.5e1,0.5]"), "[0.5,-0.5e1,0.5]", "as policies may write them");
        assert_eq!(round(r#""\ud83d\ude00\/\b\f""#), "\"😀/\\u0008\\u000c\"");
        assert_eq!(read(r#""\ud83dx""#, 1, &mut Terms).unwrap(), Term::String("\u{fffd}x".to_owned()));
    }

    #[test]
    fn what_is_no_value_is_an_error() {
        let bad = [
            "",
            "nul",
            "set(",
            "[1",
            "[1,]",
            "{1,}",
            "{1:}",
            "{1:2,3}",
            "{1,2:3}",
            "\"",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12é4\"",
            "\"\n\"",
            "01",
            "1.",
            ".",
            "-.",
            ".e1",
            "-",
            "1e",
            "+1",
            "1 2",
            "NaN",
            "é",
        ];
        for text in bad {
            assert!(read(text, 8, &mut Terms).is_err(), "{text}");
        }
        assert_eq!(read(&"[".repeat(9), 8, &mut Terms).unwrap_err().reason, "nested too deep");
        assert_eq!(read(&"{".repeat(100_000), 8, &mut Terms).unwrap_err().reason, "nested too deep");
    }
}
