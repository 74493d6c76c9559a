//! From text to tokens, one at a time, in time linear in the text.

use super::ast::{Operator, Span};
use super::token::{Kind, Token, Word};

mod literal;

/// Reads tokens off a text.
#[derive(Debug)]
pub(crate) struct Lexer<'s> {
    text: &'s str,
    file: u32,
    offset: usize,
    row: u32,
    column: u32,
    /// The template strings around the next token: whether it is raw, and the braces open in its expression.
    templates: Vec<(bool, u32)>,
    /// The comments so far, without `#`.
    comments: Vec<Span>,
    /// Where illegal tokens begin, and why they are illegal.
    mistakes: Vec<(u32, &'static str)>,
    /// Where the token that is being read begins.
    start: u32,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of a text; a byte order mark there is skipped.
    pub(crate) fn new(text: &'s str, file: u32) -> Self {
        let offset = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, file, offset, row: 1, column: 1, templates: Vec::new(), comments: Vec::new(), mistakes: Vec::new(), start: 0 }
    }

    /// The comments read so far, without `#`.
    pub(crate) fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Why the token that begins there is illegal.
    pub(crate) fn mistake(&self, start: u32) -> &'static str {
        self.mistakes.iter().rev().find(|mistake| mistake.0 == start).map_or("illegal token", |mistake| mistake.1)
    }

    /// Forgets template strings that were left open: the next token begins a statement.
    pub(crate) fn reset(&mut self) {
        self.templates.clear();
    }

    /// Whether a line that is still to be read begins with a word.
    pub(crate) fn begins_line(&self) -> bool {
        let mut lines = self.rest().split('\n');
        lines.next();
        lines.any(|line| line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
    }

    /// Skips the rest of the text.
    pub(crate) fn finish(&mut self) {
        self.offset = self.text.len();
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.offset += next.len_utf8();
        if next == '\n' {
            self.row += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }

    fn here(&self) -> Span {
        let offset = u32::try_from(self.offset).unwrap_or(u32::MAX);
        Span { file: self.file, row: self.row, column: self.column, start: offset, end: offset }
    }

    fn illegal(&mut self, why: &'static str) -> Kind {
        if self.mistakes.last().is_none_or(|mistake| mistake.0 != self.start) {
            self.mistakes.push((self.start, why));
        }
        Kind::Illegal
    }

    /// The next token. At the end of the text it is `End`, again and again.
    pub(crate) fn token(&mut self) -> Token {
        let (spaced, newline) = self.space();
        let mut span = self.here();
        self.start = span.start;
        let kind = match self.peek() {
            None => Kind::End,
            Some('a'..='z' | 'A'..='Z' | '_') => self.name(),
            Some('0'..='9') => self.number(),
            Some(first) => {
                self.bump();
                self.symbol(first)
            }
        };
        span.end = self.here().end;
        Token { kind, span, spaced, newline }
    }

    /// Skips white space and comments.
    fn space(&mut self) -> (bool, bool) {
        let (mut spaced, mut newline) = (false, false);
        loop {
            match self.peek() {
                Some('\n') => newline = true,
                Some(' ' | '\t' | '\r') => {}
                Some('#') => {
                    self.bump();
                    let mut span = self.here();
                    self.take_while(|next| next != '\n');
                    span.end = self.here().end;
                    self.comments.push(span);
                    spaced = true;
                    continue;
                }
                _ => return (spaced, newline),
            }
            spaced = true;
            self.bump();
        }
    }

    fn name(&mut self) -> Kind {
        let start = self.offset;
        self.take_while(is_name);
        let text = self.text.get(start..self.offset).unwrap_or_default();
        Word::of(text).map_or(Kind::Name, Kind::Word)
    }

    fn symbol(&mut self, first: char) -> Kind {
        match first {
            '"' => self.string(),
            '`' => self.raw_string(),
            '$' => match self.bump_if(|next| next == '"' || next == '`') {
                Some(quote) => self.template(quote == '`'),
                None => self.illegal("illegal $ character"),
            },
            '{' => {
                if let Some((_, braces)) = self.templates.last_mut() {
                    *braces += 1;
                }
                Kind::OpenBrace
            }
            '}' => self.close_brace(),
            '[' => Kind::OpenBracket,
            ']' => Kind::CloseBracket,
            '(' => Kind::OpenParen,
            ')' => Kind::CloseParen,
            ',' => Kind::Comma,
            ';' => Kind::Semicolon,
            '.' => Kind::Dot,
            ':' => self.either('=', Kind::Assign, Kind::Colon),
            '=' => self.either('=', Kind::Operator(Operator::Equal), Kind::Unify),
            _ => self.operator(first),
        }
    }

    fn operator(&mut self, first: char) -> Kind {
        match first {
            '+' => Kind::Operator(Operator::Plus),
            '-' => Kind::Operator(Operator::Minus),
            '*' => Kind::Operator(Operator::Mul),
            '/' => Kind::Operator(Operator::Div),
            '%' => Kind::Operator(Operator::Rem),
            '&' => Kind::Operator(Operator::And),
            '|' => Kind::Operator(Operator::Or),
            '<' => self.either('=', Kind::Operator(Operator::LessEqual), Kind::Operator(Operator::Less)),
            '>' => self.either('=', Kind::Operator(Operator::GreaterEqual), Kind::Operator(Operator::Greater)),
            '!' => match self.bump_if(|next| next == '=') {
                Some(_) => Kind::Operator(Operator::NotEqual),
                None => self.illegal("illegal ! character"),
            },
            '\u{a0}' => self.illegal("illegal non-breaking space character, use a regular space instead"),
            '\u{feff}' => self.illegal("illegal byte-order mark"),
            '\0' => self.illegal("illegal null character"),
            _ => self.illegal("illegal token"),
        }
    }

    fn bump_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        self.peek().filter(|next| wanted(*next)).inspect(|_| {
            self.bump();
        })
    }

    fn either(&mut self, second: char, both: Kind, first: Kind) -> Kind {
        if self.bump_if(|next| next == second).is_some() { both } else { first }
    }

    /// `}` ends the expression of a template string if no brace is open in it: its text goes on.
    fn close_brace(&mut self) -> Kind {
        match self.templates.last_mut() {
            Some((_, braces)) if *braces > 0 => *braces -= 1,
            Some((raw, _)) => {
                let raw = *raw;
                self.templates.pop();
                return self.template(raw);
            }
            None => {}
        }
        Kind::CloseBrace
    }
}

fn is_name(next: char) -> bool {
    next.is_ascii_alphanumeric() || next == '_'
}
