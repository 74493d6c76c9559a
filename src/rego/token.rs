//! Tokens.

use super::ast::Span;

/// A token: what it is, where it stands, what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it stands.
    pub(crate) span: Span,
    /// White space or a comment stands right before it.
    pub(crate) spaced: bool,
    /// A line ends right before it.
    pub(crate) newline: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of the text.
    End,
    /// No token; the lexer has noted why.
    Illegal,
    /// An identifier.
    Name,
    /// An identifier that is a keyword, or can be one by version and imports.
    Word(Word),
    /// A number without its sign.
    Number,
    /// `".."`
    String,
    /// `` `..` ``
    RawString,
    /// Text of a template string up to the `{` of an expression: the first part begins with `$`, others with `}`.
    TemplatePart,
    /// Text of a template string up to its end.
    TemplateEnd,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `=`
    Unify,
    /// `:=`
    Assign,
    /// An operator.
    Operator(super::ast::Operator),
}

/// The words that are keywords, or can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// `package`
    Package,
    /// `import`
    Import,
    /// `as`
    As,
    /// `default`
    Default,
    /// `else`
    Else,
    /// `not`
    Not,
    /// `some`
    Some,
    /// `with`
    With,
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// `in`
    In,
    /// `every`
    Every,
    /// `contains`
    Contains,
    /// `if`
    If,
    /// `and`
    And,
    /// `or`
    Or,
}

impl Word {
    /// The word of this spelling.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "package" => Self::Package,
            "import" => Self::Import,
            "as" => Self::As,
            "default" => Self::Default,
            "else" => Self::Else,
            "not" => Self::Not,
            "some" => Self::Some,
            "with" => Self::With,
            "null" => Self::Null,
            "true" => Self::True,
            "false" => Self::False,
            "in" => Self::In,
            "every" => Self::Every,
            "contains" => Self::Contains,
            "if" => Self::If,
            "and" => Self::And,
            "or" => Self::Or,
            _ => return None,
        })
    }
}
