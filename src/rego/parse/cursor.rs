//! Looking at tokens, taking them, and saying what is wrong with one.

use super::{Mistake, NESTING, Parse, Parser};
use crate::rego::ast::{Span, Version};
use crate::rego::lexer::Lexer;
use crate::rego::token::{Kind, Token, Word};

impl<'s> Parser<'s> {
    pub(super) fn new(text: &'s str, file: u32, version: Version) -> Self {
        Self {
            text,
            file,
            lexer: Lexer::new(text, file),
            tokens: Vec::new(),
            next: 0,
            work: 0,
            version,
            keywords: version.keywords(),
            depth: 0,
            height: 0,
            held: None,
        }
    }

    /// The token `distance` behind the next one.
    pub(super) fn ahead(&mut self, distance: usize) -> Token {
        let index = self.next + distance;
        loop {
            if let Some(token) = self.tokens.get(index) {
                return Token { kind: self.active(token.kind), ..*token };
            }
            let token = self.lexer.token();
            self.tokens.push(token);
        }
    }

    /// A word that is no keyword here is a name.
    fn active(&self, kind: Kind) -> Kind {
        let keywords = self.keywords;
        let active = match kind {
            Kind::Word(Word::In) => keywords.member,
            Kind::Word(Word::Every) => keywords.every,
            Kind::Word(Word::Contains) => keywords.contains,
            Kind::Word(Word::If) => keywords.when,
            Kind::Word(Word::And) => keywords.and,
            Kind::Word(Word::Or) => keywords.or,
            _ => true,
        };
        if active { kind } else { Kind::Name }
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Token {
        self.ahead(0)
    }

    /// What the next token is.
    pub(super) fn kind(&mut self) -> Kind {
        self.token().kind
    }

    /// Whether the next token is this one.
    pub(super) fn at(&mut self, kind: Kind) -> bool {
        self.kind() == kind
    }

    /// Whether the next token is this keyword.
    pub(super) fn at_word(&mut self, word: Word) -> bool {
        self.kind() == Kind::Word(word)
    }

    /// Takes the next token.
    pub(super) fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != Kind::End {
            self.next += 1;
            self.work += 1;
        }
        token
    }

    /// Takes the next token if it is this one.
    pub(super) fn take(&mut self, kind: Kind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    /// Takes the next token, which must be this one.
    pub(super) fn expect(&mut self, kind: Kind, note: &str) -> Parse<Token> {
        if self.at(kind) { Ok(self.advance()) } else { Err(self.unexpected(note)) }
    }

    /// Where the token taken last stands.
    pub(super) fn last(&self) -> Span {
        self.next.checked_sub(1).and_then(|index| self.tokens.get(index)).map(|token| token.span).unwrap_or_default()
    }

    /// The text of a token or node.
    pub(super) fn text_of(&self, span: Span) -> &'s str {
        span.text(self.text)
    }

    /// The text of the next token.
    pub(super) fn word(&mut self) -> &'s str {
        let span = self.token().span;
        self.text_of(span)
    }

    /// Reads the next token, a keyword, as a name.
    pub(super) fn rename(&mut self) {
        self.token();
        if let Some(token) = self.tokens.get_mut(self.next) {
            token.kind = Kind::Name;
        }
    }

    /// Whether the next token is a keyword with `.` or `[` right behind it: the first word of a reference.
    pub(super) fn at_reference_word(&mut self) -> bool {
        matches!(self.kind(), Kind::Word(_)) && {
            let behind = self.ahead(1);
            !behind.spaced && matches!(behind.kind, Kind::Dot | Kind::OpenBracket)
        }
    }

    /// Goes one level down, where there is one.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= NESTING {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Notes that a node was put over trees of this height.
    pub(super) fn grow(&mut self, height: u32) -> Parse<()> {
        self.height = height + 1;
        if self.height > NESTING { Err(self.too_deep()) } else { Ok(()) }
    }

    fn too_deep(&mut self) -> Mistake {
        let span = self.token().span;
        Mistake { span, message: format!("nested too deep: terms and operators in a row may be {NESTING} levels high"), fatal: true }
    }

    pub(super) fn mistake(span: Span, message: impl Into<String>) -> Mistake {
        Mistake { span, message: message.into(), fatal: false }
    }

    /// That the next token cannot stand there; `note` says what could.
    pub(super) fn unexpected(&mut self, note: &str) -> Mistake {
        let token = self.token();
        if token.kind == Kind::Illegal {
            return Self::mistake(token.span, self.lexer.mistake(token.span.start));
        }
        let what = match token.kind {
            Kind::End => "unexpected end of file".to_owned(),
            Kind::Name => format!("unexpected identifier `{}`", self.text_of(token.span)),
            Kind::Word(_) => format!("unexpected {} keyword", self.text_of(token.span)),
            Kind::Number => format!("unexpected number {}", self.text_of(token.span)),
            Kind::String | Kind::RawString | Kind::TemplatePart | Kind::TemplateEnd => "unexpected string".to_owned(),
            _ => format!("unexpected {} token", self.text_of(token.span)),
        };
        let colon = if note.is_empty() { "" } else { ": " };
        Self::mistake(token.span, format!("{what}{colon}{note}"))
    }
}
