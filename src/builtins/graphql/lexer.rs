//! Tokens of GraphQL (October 2021, section 2.1), with the texts and columns of the parser that OPA carries.

use super::ast::Position;
use super::problem::Problem;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Invalid,
    End,
    /// `! $ & ( ) ... : = @ [ ] { } |`
    Mark(&'static str),
    Name,
    Int,
    Float,
    String,
    BlockString,
    Comment,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Invalid => "<Invalid>",
            Kind::End => "<EOF>",
            Kind::Mark(mark) => mark,
            Kind::Name => "Name",
            Kind::Int => "Int",
            Kind::Float => "Float",
            Kind::String => "String",
            Kind::BlockString => "BlockString",
            Kind::Comment => "Comment",
        })
    }
}

/// A token; where it is not one, why.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) position: Position,
    pub(super) trouble: Option<Problem>,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.value.is_empty() { self.kind.fmt(f) } else { write!(f, "{} {}", self.kind, super::problem::quoted(&self.value)) }
    }
}

/// Reads tokens off a text.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    column: i64,
}

const MARKS: [&str; 14] = ["...", "!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "}", "|"];

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { rest: text, line: 1, column: 1 }
    }

    /// The next token; after the last one, `<EOF>` for ever.
    pub(super) fn next(&mut self) -> Token {
        self.skip_space();
        let start = self.position();
        let Some(first) = self.rest.chars().next() else { return token(Kind::End, String::new(), start) };
        if let Some(mark) = MARKS.into_iter().find(|mark| self.rest.starts_with(mark)) {
            self.take(mark.len());
            return token(Kind::Mark(mark), String::new(), start);
        }
        match first {
            '#' => {
                let text = self.take_while(|c| c > '\u{1f}' || c == '\t');
                token(Kind::Comment, text.to_owned(), start)
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let text = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                token(Kind::Name, text.to_owned(), start)
            }
            '-' | '0'..='9' => self.number(start),
            '"' if self.rest.starts_with("\"\"\"") => self.block(start),
            '"' => self.string(start),
            '\'' => self.invalid("Unexpected single quote character ('), did you mean to use a double quote (\")?".to_owned()),
            control if control < ' ' => self.invalid(format!("Cannot contain the invalid character \"\\u{:04x}\"", u32::from(control))),
            _ => {
                let byte = self.rest.bytes().next().map_or('\u{fffd}', char::from);
                self.invalid(format!("Cannot parse the unexpected character \"{byte}\"."))
            }
        }
    }

    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn invalid(&self, message: String) -> Token {
        let position = self.position();
        Token { kind: Kind::Invalid, value: String::new(), position, trouble: Some(Problem::at(Some(position), message)) }
    }

    /// Takes so many bytes, which end no line.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.column += characters(taken);
        taken
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        self.take(end)
    }

    /// How many characters of a line break are next.
    fn line_break(&self) -> Option<i64> {
        match self.rest.as_bytes() {
            [b'\r', b'\n', ..] => Some(2),
            [b'\r' | b'\n', ..] => Some(1),
            _ => None,
        }
    }

    /// Takes a line break if one is next.
    fn take_line(&mut self) -> bool {
        let Some(length) = self.line_break() else { return false };
        self.take(if length == 2 { 2 } else { 1 });
        self.line += 1;
        self.column = 1;
        true
    }

    fn skip_space(&mut self) {
        loop {
            // The parser counts the second half of `\r\n` as a character of the next line.
            let late = self.rest.starts_with("\r\n");
            if self.take_line() {
                self.column += i64::from(late);
            } else if self.rest.starts_with(['\t', ' ', ',', '\u{feff}']) {
                self.take_while(|c| matches!(c, '\t' | ' ' | ',' | '\u{feff}'));
            } else {
                return;
            }
        }
    }

    fn next_described(&self) -> String {
        self.rest.bytes().next().map_or_else(|| "<EOF>".to_owned(), |byte| format!("\"{}\"", char::from(byte)))
    }

    fn number(&mut self, start: Position) -> Token {
        let whole = self.rest;
        let expected = |lexer: &Self| lexer.invalid(format!("Invalid number, expected digit but got: {}.", lexer.next_described()));
        self.take_one(&['-']);
        if self.take_one(&['0']) {
            if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                return self.invalid(format!("Invalid number, unexpected digit after 0: {}.", self.next_described()));
            }
        } else if self.digits() == 0 {
            return expected(self);
        }
        let mut kind = Kind::Int;
        if self.take_one(&['.']) {
            kind = Kind::Float;
            if self.digits() == 0 {
                return expected(self);
            }
        }
        if self.take_one(&['e', 'E']) {
            kind = Kind::Float;
            self.take_one(&['-', '+']);
            if self.digits() == 0 {
                return expected(self);
            }
        }
        let text = whole.get(..whole.len() - self.rest.len()).unwrap_or_default();
        token(kind, text.to_owned(), start)
    }

    fn take_one(&mut self, any: &[char]) -> bool {
        let found = self.rest.starts_with(any);
        if found {
            self.take(1);
        }
        found
    }

    fn digits(&mut self) -> usize {
        self.take_while(|c| c.is_ascii_digit()).len()
    }

    fn string(&mut self, start: Position) -> Token {
        self.take(1);
        // Positions of strings are those behind the quote.
        let inside = Position { column: start.column + 1, ..start };
        let mut value = String::new();
        loop {
            value.push_str(self.take_while(|c| c >= ' ' && c != '"' && c != '\\' || c == '\t'));
            match self.rest.chars().next() {
                Some('"') => {
                    self.take(1);
                    return token(Kind::String, value, inside);
                }
                Some('\\') => match self.escape() {
                    Ok(character) => value.push(character),
                    Err(message) => {
                        self.take(1);
                        return self.invalid(message);
                    }
                },
                None | Some('\n' | '\r') => return self.invalid("Unterminated string.".to_owned()),
                Some(control) => {
                    return self.invalid(format!("Invalid character within String: \"\\u{:04x}\".", u32::from(control)));
                }
            }
        }
    }

    /// Takes `\n`, `\u0041` and their like.
    fn escape(&mut self) -> Result<char, String> {
        let escape = self.rest.chars().nth(1).ok_or_else(|| "Invalid character escape sequence.".to_owned())?;
        let simple = match escape {
            '"' | '/' | '\\' => escape,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let bad = || format!("Invalid character escape sequence: {}.", self.rest.chars().take(5).collect::<String>());
                let digits = self.rest.get(2..6).filter(|_| self.rest.len() > 6).ok_or_else(bad)?;
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')).ok_or_else(bad)?;
                self.take(6);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            other => return Err(format!("Invalid character escape sequence: \\{other}.")),
        };
        self.take(2);
        Ok(simple)
    }

    fn block(&mut self, start: Position) -> Token {
        self.take(3);
        // The beginning, seen from the line that we are in.
        let mut begin = start.column + 3;
        let mut raw = String::new();
        loop {
            raw.push_str(self.take_while(|c| c >= ' ' && c != '"' && c != '\\' || c == '\t'));
            let quotes = self.rest.len() - self.rest.trim_start_matches('"').len();
            if quotes >= 3 {
                raw.push_str(self.take(quotes - 3));
                self.take(3);
                let inside = Position { line: self.line, column: begin };
                return token(Kind::BlockString, dedented(&raw), inside);
            } else if self.rest.starts_with("\\\"\"\"") {
                self.take(4);
                raw.push_str("\"\"\"");
            } else if let Some(length) = self.line_break() {
                begin -= self.column + length - 1;
                self.take_line();
                raw.push('\n');
            } else {
                match self.rest.chars().next() {
                    Some('"' | '\\') => raw.push_str(self.take(1)),
                    Some(control) => {
                        return self.invalid(format!("Invalid character within String: \"\\u{:04x}\".", u32::from(control)));
                    }
                    None => return self.invalid("Unterminated string.".to_owned()),
                }
            }
        }
    }
}

fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

fn token(kind: Kind, value: String, position: Position) -> Token {
    Token { kind, value, position, trouble: None }
}

/// The value of a block string (October 2021, section 2.9.4, `BlockStringValue`).
fn dedented(raw: &str) -> String {
    let indent = |line: &str| line.find(|c| c != ' ' && c != '\t');
    let lines: Vec<&str> = raw.split('\n').collect();
    let common = lines.iter().filter_map(|line| indent(line)).min().unwrap_or(0);
    let cut = |(at, line): (usize, &&'_ str)| -> String {
        if at == 0 { (*line).to_owned() } else { line.get(common..).unwrap_or_default().to_owned() }
    };
    let lines: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = lines.iter().position(|line| indent(line).is_some()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| indent(line).is_some()).map_or(first, |at| at + 1);
    lines.get(first..last).unwrap_or_default().join("\n")
}
