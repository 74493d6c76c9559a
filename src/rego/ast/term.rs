//! Terms: what has a value.

use super::{Body, Expr, Span};

/// A term and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: TermKind,
}

/// What a term is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TermKind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Boolean(bool),
    /// The text of a number as it was written, with its sign: `-1`, `.5`, `1e3`.
    Number(String),
    /// The value of a quoted or raw string.
    String(String),
    /// `$"..{x}.."`; adjacent texts do not occur, empty texts neither.
    Template(Vec<TemplatePart>),
    /// A variable, also `input` and `data` when nothing follows them; never `_`.
    Var(String),
    /// `_`: each one is a variable of its own.
    Wildcard,
    /// `x.y[z]`: a head and at least one more element.
    Ref(Ref),
    /// `f(x)`, `a.b.f(x)`: `function` is a variable or a reference. Operators are `Binary`, unless they are called by name.
    Call(Box<Term>, Vec<Term>),
    /// An infix operator. `-x` is `0 - x`.
    Binary(Operator, Box<Term>, Box<Term>),
    /// `value in collection`, or `key, value in collection`.
    Member(Option<Box<Term>>, Box<Term>, Box<Term>),
    /// `[x, y]`.
    Array(Vec<Term>),
    /// `{k: v}`; `{}` is the empty object.
    Object(Vec<(Term, Term)>),
    /// `{x, y}`; `set()` is the empty set.
    Set(Vec<Term>),
    /// `[term | body]`.
    ArrayComprehension(Box<Term>, Body),
    /// `{term | body}`.
    SetComprehension(Box<Term>, Body),
    /// `{key: value | body}`.
    ObjectComprehension(Box<Term>, Box<Term>, Body),
}

/// A reference: `head` followed by one element for each dot or bracket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ref {
    /// A variable mostly, or a call, a composite or a comprehension.
    pub(crate) head: Box<Term>,
    /// The elements; a dotted name is a string.
    pub(crate) path: Vec<Term>,
}

/// A part of a template string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplatePart {
    /// Literal text.
    Text(Span, String),
    /// `{expr}`.
    Expr(Expr),
}

/// An infix operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operator {
    /// `+`
    Plus,
    /// `-`, of numbers and of sets.
    Minus,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `&`, of sets.
    And,
    /// `|`, of sets.
    Or,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Operator {
    /// How it is written.
    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::And => "&",
            Self::Or => "|",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// The name of the builtin that it calls.
    pub(crate) const fn builtin(self) -> &'static str {
        match self {
            Self::Plus => "plus",
            Self::Minus => "minus",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Rem => "rem",
            Self::And => "and",
            Self::Or => "or",
            Self::Equal => "equal",
            Self::NotEqual => "neq",
            Self::Less => "lt",
            Self::LessEqual => "lte",
            Self::Greater => "gt",
            Self::GreaterEqual => "gte",
        }
    }

    /// How tightly it binds: a higher number binds tighter, all bind to the left.
    pub(crate) const fn precedence(self) -> u8 {
        match self {
            Self::Mul | Self::Div | Self::Rem => 5,
            Self::Plus | Self::Minus => 4,
            Self::And => 3,
            Self::Or => 2,
            _ => 1,
        }
    }
}

impl Term {
    /// A term of `kind` at `span`.
    pub(crate) const fn new(span: Span, kind: TermKind) -> Self {
        Self { span, kind }
    }

    /// A variable.
    pub(crate) fn var(span: Span, name: impl Into<String>) -> Self {
        Self::new(span, TermKind::Var(name.into()))
    }

    /// A string.
    pub(crate) fn string(span: Span, value: impl Into<String>) -> Self {
        Self::new(span, TermKind::String(value.into()))
    }

    /// A number.
    #[expect(clippy::needless_pass_by_value, reason = "numbers of any type are given by value")]
    pub(crate) fn number(span: Span, value: impl ToString) -> Self {
        Self::new(span, TermKind::Number(value.to_string()))
    }

    /// `head.path[0].path[1]..`; just the variable where `path` is empty.
    pub(crate) fn dotted(span: Span, head: &str, path: &[String]) -> Self {
        let head = Self::var(span, head);
        if path.is_empty() {
            return head;
        }
        let path = path.iter().map(|name| Self::string(span, name)).collect();
        Self::new(span, TermKind::Ref(Ref { head: Box::new(head), path }))
    }

    /// A call of the function with this dotted name.
    pub(crate) fn call(span: Span, name: &str, arguments: Vec<Self>) -> Self {
        let mut names = name.split('.');
        let head = names.next().unwrap_or_default();
        let path: Vec<String> = names.map(str::to_owned).collect();
        Self::new(span, TermKind::Call(Box::new(Self::dotted(span, head, &path)), arguments))
    }

    /// The name of a variable.
    pub(crate) fn as_var(&self) -> Option<&str> {
        if let TermKind::Var(name) = &self.kind { Some(name) } else { None }
    }

    /// The value of a string.
    pub(crate) fn as_string(&self) -> Option<&str> {
        if let TermKind::String(value) = &self.kind { Some(value) } else { None }
    }

    /// `self[key]`: one reference where it is one already.
    pub(crate) fn member(self, key: Self) -> Self {
        let span = self.span;
        let reference = match self.kind {
            TermKind::Ref(Ref { head, mut path }) => {
                path.push(key);
                Ref { head, path }
            }
            kind => Ref { head: Box::new(Self::new(span, kind)), path: vec![key] },
        };
        Self::new(span, TermKind::Ref(reference))
    }

    /// `["a", "b", "c"]` of a variable `a` or a reference `a.b["c"]` whose every element is a string.
    pub(crate) fn as_path(&self) -> Option<Vec<&str>> {
        match &self.kind {
            TermKind::Var(name) => Some(vec![name]),
            TermKind::Ref(reference) => {
                let head = reference.head.as_var()?;
                std::iter::once(Some(head)).chain(reference.path.iter().map(Self::as_string)).collect()
            }
            _ => None,
        }
    }

    /// Whether it is a variable or a reference that begins with one of this name.
    pub(crate) fn is_rooted_at(&self, name: &str) -> bool {
        match &self.kind {
            TermKind::Var(head) => head == name,
            TermKind::Ref(reference) => reference.head.as_var() == Some(name),
            _ => false,
        }
    }

    /// Whether it is `null`, a boolean, a number or a string.
    pub(crate) const fn is_scalar(&self) -> bool {
        matches!(self.kind, TermKind::Null | TermKind::Boolean(_) | TermKind::Number(_) | TermKind::String(_))
    }

    /// Whether its value can be read off: scalars, and arrays, objects and sets of such.
    pub(crate) fn is_constant(&self) -> bool {
        match &self.kind {
            TermKind::Array(items) | TermKind::Set(items) => items.iter().all(Self::is_constant),
            TermKind::Object(members) => members.iter().all(|(key, value)| key.is_constant() && value.is_constant()),
            _ => self.is_scalar(),
        }
    }

    /// Whether no variable occurs in it (`input` and `data` count as variables; comprehensions count as having some).
    pub(crate) fn is_ground(&self) -> bool {
        match &self.kind {
            TermKind::Ref(reference) => reference.head.is_ground() && reference.path.iter().all(Self::is_ground),
            TermKind::Call(_, arguments) => arguments.iter().all(Self::is_ground),
            TermKind::Binary(_, left, right) => left.is_ground() && right.is_ground(),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().all(Self::is_ground),
            TermKind::Object(members) => members.iter().all(|(key, value)| key.is_ground() && value.is_ground()),
            _ => self.is_scalar(),
        }
    }
}
