//! Expressions: what a body is made of.

use super::{Span, Term};

/// The expressions of a body, all of which must hold. An empty one always holds.
pub(crate) type Body = Vec<Expr>;

/// One expression of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expr {
    /// Where it stands, modifiers included.
    pub(crate) span: Span,
    /// What it asks.
    pub(crate) kind: ExprKind,
    /// Its `with` modifiers, which apply to all of `kind`.
    pub(crate) with: Vec<With>,
}

/// What an expression asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExprKind {
    /// A term that must be defined and not `false`.
    Term(Term),
    /// `left = right`.
    Unify(Term, Term),
    /// `left := right`.
    Assign(Term, Term),
    /// `some x, y`.
    Some(Vec<Variable>),
    /// `some value in collection`, `some key, value in collection`.
    SomeIn {
        /// The pattern of the key or index.
        key: Option<Term>,
        /// The pattern of the value.
        value: Term,
        /// What is iterated.
        collection: Term,
    },
    /// `every key, value in domain { body }`; the variables are seen in `body` only.
    Every {
        /// Key or index; a wildcard is `None`.
        key: Option<Variable>,
        /// The value; `_` is a variable of that name.
        value: Variable,
        /// What is iterated.
        domain: Term,
        /// What must hold for each element.
        body: Body,
    },
    /// `not expr` as it always was: operands inside the expression are evaluated before the negation. Its inner
    /// expression has no modifiers of its own.
    Not(Box<Expr>),
    /// `not { body }`, and `not expr` where `future.keywords.not` or `rego.v2` is imported: holds iff the body, operands
    /// included, does not.
    NotBody(Body),
    /// `a and b and ..`, at least two operands. Each is a body of its own: what it binds is not seen outside.
    And(Vec<Body>),
    /// `a or b or ..`, at least two operands. Each is a body of its own: what it binds is not seen outside.
    Or(Vec<Body>),
}

/// The name of a variable where it is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its name, `_` included.
    pub(crate) name: String,
}

/// `with target as value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct With {
    /// Where it stands.
    pub(crate) span: Span,
    /// A variable or a reference below `input` or `data`, or the name of a function.
    pub(crate) target: Term,
    /// What stands in its place.
    pub(crate) value: Term,
}

impl Expr {
    /// An expression without modifiers.
    pub(crate) const fn new(span: Span, kind: ExprKind) -> Self {
        Self { span, kind, with: Vec::new() }
    }

    /// `term`, standing where `term` stands.
    pub(crate) const fn term(term: Term) -> Self {
        Self::new(term.span, ExprKind::Term(term))
    }

    /// `name := value`, standing where `value` stands.
    pub(crate) fn assign(name: impl Into<String>, value: Term) -> Self {
        let span = value.span;
        Self::new(span, ExprKind::Assign(Term::var(span, name), value))
    }

    /// The same with these modifiers.
    #[must_use]
    pub(crate) fn with(mut self, with: Vec<With>) -> Self {
        self.with = with;
        self
    }
}
