//! A place in the tokens of a document, with the comments before it.

use super::ast::{Comment, CommentGroup, Position};
use super::lexer::{Kind, Lexer, Token};
use super::problem::Problem;

/// Most levels of selections, values or types within each other; each takes a few frames of the stack.
const MOST_LEVELS: usize = 200;
/// Longest text that is read, in bytes.
const LONGEST: usize = 4 << 20;

/// What parsing gives.
pub(super) type Parsed<T> = Result<T, Problem>;

/// Reads one token after the other.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    lexer: Lexer<'a>,
    token: Token,
    comment: Option<CommentGroup>,
    levels: usize,
}

impl<'a> Cursor<'a> {
    /// At the first token.
    ///
    /// # Errors
    /// A text that is too long.
    pub(super) fn new(text: &'a str) -> Parsed<Self> {
        if text.len() > LONGEST {
            return Err(Problem::at(None, "document too long"));
        }
        let mut lexer = Lexer::new(text);
        let token = lexer.next();
        let mut cursor = Cursor { lexer, token, comment: None, levels: 0 };
        cursor.skip_comments();
        Ok(cursor)
    }

    fn skip_comments(&mut self) {
        let mut list = Vec::new();
        while self.token.kind == Kind::Comment {
            let next = self.lexer.next();
            list.push(Comment { value: std::mem::replace(&mut self.token, next).value });
        }
        self.comment = (!list.is_empty()).then_some(CommentGroup { list });
    }

    /// The kind of the token that is next.
    pub(super) fn kind(&self) -> Kind {
        self.token.kind
    }

    /// Its text: that of a name, and of strings.
    pub(super) fn text(&self) -> &str {
        &self.token.value
    }

    /// Where it is.
    #[expect(clippy::unnecessary_wraps, reason = "as syntax trees keep it, which need not come from text")]
    pub(super) fn position(&self) -> Option<Position> {
        Some(self.token.position)
    }

    /// The comments right before it.
    pub(super) fn comment(&self) -> Option<CommentGroup> {
        self.comment.clone()
    }

    /// Takes it.
    pub(super) fn advance(&mut self) -> Parsed<Token> {
        if let Some(trouble) = &self.token.trouble {
            return Err(trouble.clone());
        }
        let next = self.lexer.next();
        let token = std::mem::replace(&mut self.token, next);
        self.skip_comments();
        Ok(token)
    }

    /// Takes it if it is this mark.
    pub(super) fn skip(&mut self, mark: &'static str) -> Parsed<bool> {
        let found = self.kind() == Kind::Mark(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Takes a token of this kind, which must be next; gives the comments before it too.
    pub(super) fn expect(&mut self, kind: Kind) -> Parsed<(Token, Option<CommentGroup>)> {
        if self.kind() != kind {
            return Err(self.problem(format!("Expected {kind}, found {}", self.kind())));
        }
        let comment = self.comment.take();
        Ok((self.advance()?, comment))
    }

    /// Takes this word, which must be next; gives the comments before it.
    pub(super) fn keyword(&mut self, word: &str) -> Parsed<Option<CommentGroup>> {
        if self.kind() != Kind::Name || self.text() != word {
            return Err(self.problem(format!("Expected \"{word}\", found {}", self.token)));
        }
        let comment = self.comment.take();
        self.advance()?;
        Ok(comment)
    }

    /// Takes a name.
    pub(super) fn name(&mut self) -> Parsed<String> {
        Ok(self.expect(Kind::Name)?.0.value)
    }

    /// What is wrong at the next token.
    pub(super) fn problem(&self, message: String) -> Problem {
        Problem::at(self.position(), message)
    }

    /// That the next token may not be here.
    pub(super) fn unexpected(&self) -> Problem {
        unexpected(&self.token)
    }

    /// Everything between two marks, at least one; nothing where the first mark is not next. Gives the comments before the
    /// last mark too.
    pub(super) fn some<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        item: impl Fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<(Vec<T>, Option<CommentGroup>)> {
        if self.kind() != Kind::Mark(open) {
            return Ok((Vec::new(), None));
        }
        self.advance()?;
        if self.kind() == Kind::Mark(close) {
            return Err(self.problem(format!("expected at least one definition, found {close}")));
        }
        self.until(close, item)
    }

    /// Everything between two marks, the first of which is next, if there is anything.
    pub(super) fn any<T>(&mut self, open: &'static str, close: &'static str, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect(Kind::Mark(open))?;
        Ok(self.until(close, item)?.0)
    }

    fn until<T>(&mut self, close: &'static str, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<(Vec<T>, Option<CommentGroup>)> {
        let mut items = Vec::new();
        while self.kind() != Kind::Mark(close) {
            items.push(item(self)?);
        }
        let comment = self.comment.take();
        self.advance()?;
        Ok((items, comment))
    }

    /// One level deeper.
    ///
    /// # Errors
    /// Too many levels.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.levels >= MOST_LEVELS {
            return Err(self.problem("document nested too deeply".to_owned()));
        }
        self.levels += 1;
        let read = read(self);
        self.levels -= 1;
        read
    }
}

/// That a token may not be where it is.
pub(super) fn unexpected(token: &Token) -> Problem {
    Problem::at(Some(token.position), format!("Unexpected {token}"))
}
