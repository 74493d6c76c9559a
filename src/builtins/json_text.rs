//! Reading JSON text, with Go's words for what is wrong with it.
//!
//! Integers of any size stay exact, `1.0` stays a float, and nesting is bounded by us and not by the stack.

use super::call::Value;

/// Deepest nesting that is read.
const DEEPEST: usize = 1_000;

/// Reads one document; nothing may follow it.
///
/// # Errors
/// What is wrong, as Go's `encoding/json` says it.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text, depth: 0 };
    reader.skip_space();
    if reader.rest.is_empty() {
        return Err("EOF".to_owned());
    }
    let value = reader.value()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(c) => Err(format!("error: invalid character {} after top-level value", quoted(c))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

fn quoted(c: char) -> String {
    match c {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        c => {
            let mut text = String::from("'");
            super::term_text::escape(c, '\'', false, &mut text);
            text.push('\'');
            text
        }
    }
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let c = characters.next();
        self.rest = characters.as_str();
        c
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn unexpected<T>(&self, context: &str) -> Result<T, String> {
        match self.peek() {
            None => Err("unexpected EOF".to_owned()),
            Some(c) => Err(format!("invalid character {} {context}", quoted(c))),
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_space();
        match self.peek() {
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            Some('"') => Ok(Value::from(self.string()?)),
            Some('t') => self.word("true", Value::from(true)),
            Some('f') => self.word("false", Value::from(false)),
            Some('n') => self.word("null", Value::Null),
            Some('-' | '0'..='9') => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("exceeded max depth".to_owned());
        }
        self.next();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, String> {
        for expected in word.chars() {
            if self.peek() != Some(expected) {
                return self.unexpected(&format!("in literal {word} (expecting {})", quoted(expected)));
            }
            self.next();
        }
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Value::from(elements));
        }
        loop {
            elements.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(',') => self.next(),
                Some(']') => {
                    self.next();
                    return Ok(Value::from(elements));
                }
                _ => return self.unexpected("after array element"),
            };
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut members = regorus::value::Object::new();
        self.skip_space();
        if self.peek() == Some('}') {
            self.next();
            return Ok(members.into_value());
        }
        loop {
            self.skip_space();
            if self.peek() != Some('"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(':') {
                return self.unexpected("after object key");
            }
            self.next();
            let value = self.value()?;
            members.insert(Value::from(key), value);
            self.skip_space();
            match self.peek() {
                Some(',') => self.next(),
                Some('}') => {
                    self.next();
                    return Ok(members.into_value());
                }
                _ => return self.unexpected("after object key:value pair"),
            };
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.next();
        let mut text = String::new();
        loop {
            let plain = self.rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(self.rest.len());
            let (literal, rest) = self.rest.split_at(plain);
            text.push_str(literal);
            self.rest = rest;
            match self.peek() {
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => {
                    self.next();
                    text.push(self.escape()?);
                }
                _ => return self.unexpected("in string literal"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let c = match self.peek() {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('/') => '/',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.next();
                return self.code_point();
            }
            _ => return self.unexpected("in string escape code"),
        };
        self.next();
        Ok(c)
    }

    /// `XXXX`, and the second half of a pair if there is one; half a pair is the replacement character.
    fn code_point(&mut self) -> Result<char, String> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first)
            && let Some(rest) = self.rest.strip_prefix("\\u")
        {
            let before = self.rest;
            self.rest = rest;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let c = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                return Ok(c.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.rest = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let mut number = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return self.unexpected("in \\u hexadecimal character escape");
            };
            self.next();
            number = number * 16 + digit;
        }
        Ok(number)
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.unexpected(context);
        }
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        Ok(())
    }

    fn number(&mut self) -> Result<Value, String> {
        let start: &'a str = self.rest;
        if self.peek() == Some('-') {
            self.next();
        }
        if self.peek() == Some('0') {
            self.next();
        } else {
            self.digits("in numeric literal")?;
        }
        let mut float = false;
        if self.peek() == Some('.') {
            self.next();
            float = true;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.next();
            float = true;
            if matches!(self.peek(), Some('+' | '-')) {
                self.next();
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = start.get(..start.len() - self.rest.len()).unwrap_or_default();
        read_number(text, float)
    }
}

fn read_number(text: &str, float: bool) -> Result<Value, String> {
    if let Some(value) = text.parse::<f64>().ok().filter(|value| float && value.is_finite()) {
        return Ok(Value::from(value));
    }
    let exponent = text.split_once(['e', 'E']).map_or(Ok(0), |(_, exponent)| exponent.parse::<i32>());
    match exponent {
        Err(_) => return Err("invalid number: invalid float".to_owned()),
        Ok(exponent) if exponent > 20_000 || text.len() > 100_000 => return Err("invalid number: number too big".to_owned()),
        Ok(_) => {}
    }
    Value::from_numeric_string(text).map_err(|_| "invalid number: number too big".to_owned())
}
