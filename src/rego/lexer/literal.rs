//! Numbers, strings and the texts of template strings.

use super::{Lexer, is_name};
use crate::rego::token::Kind;

impl Lexer<'_> {
    /// A number without its sign.
    pub(super) fn number(&mut self) -> Kind {
        let mut kind = Kind::Number;
        self.digits();
        if self.bump_if(|next| next == '.').is_some() && !self.digits() {
            kind = self.illegal("expected fraction");
        }
        if self.bump_if(|next| next == 'e' || next == 'E').is_some() {
            self.bump_if(|next| next == '+' || next == '-');
            if !self.digits() {
                kind = self.illegal("expected exponent");
            }
        }
        if self.peek().is_some_and(is_name) {
            kind = self.illegal("illegal number format");
            self.take_while(is_name);
        }
        kind
    }

    fn digits(&mut self) -> bool {
        let start = self.offset;
        self.take_while(|next| next.is_ascii_digit());
        self.offset > start
    }

    /// `".."`, behind the first quote.
    pub(super) fn string(&mut self) -> Kind {
        let mut kind = Kind::String;
        loop {
            match self.peek() {
                None | Some('\n') => return self.illegal("non-terminated string"),
                Some('"') => {
                    self.bump();
                    return kind;
                }
                Some('\\') => {
                    self.bump();
                    if !self.escape(false) {
                        kind = self.illegal("illegal escape sequence");
                    }
                }
                Some(_) => {
                    self.bump();
                }
            }
        }
    }

    /// `` `..` ``, behind the first quote.
    pub(super) fn raw_string(&mut self) -> Kind {
        self.take_while(|next| next != '`');
        if self.bump().is_some() { Kind::RawString } else { self.illegal("non-terminated string") }
    }

    /// Text of a template string, up to the next expression or its end.
    pub(super) fn template(&mut self, raw: bool) -> Kind {
        let mut wrong = false;
        let kind = loop {
            match self.peek() {
                None => return self.illegal("non-terminated string"),
                Some('\n') if !raw => return self.illegal("non-terminated string"),
                Some('{') => {
                    self.bump();
                    self.templates.push((raw, 0));
                    break Kind::TemplatePart;
                }
                Some(quote @ ('"' | '`')) if raw == (quote == '`') => {
                    self.bump();
                    break Kind::TemplateEnd;
                }
                Some('\\') => {
                    self.bump();
                    if raw {
                        self.bump_if(|next| next == '{');
                    } else if !self.escape(true) {
                        wrong = true;
                    }
                }
                Some(_) => {
                    self.bump();
                }
            }
        };
        if wrong { self.illegal("illegal escape sequence") } else { kind }
    }

    /// What follows a backslash.
    fn escape(&mut self, template: bool) -> bool {
        match self.peek() {
            Some('\\' | '"' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {}
            Some('{') if template => {}
            _ => return false,
        }
        self.bump();
        true
    }
}
