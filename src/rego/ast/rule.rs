//! Rules.

use super::{Body, Ref, Span, Term, TermKind};

/// A rule: a head, and what must hold for it. Chained bodies (`p { a } { b }`) are rules of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Where it stands.
    pub(crate) span: Span,
    /// Whether it is `default head := value`.
    pub(crate) default: bool,
    /// What it defines.
    pub(crate) head: Head,
    /// What must hold; empty where the rule has no body.
    pub(crate) body: Body,
    /// Its `else` branches, in order.
    pub(crate) otherwise: Vec<Else>,
    /// The `# METADATA` blocks that stand right before it: indices into `Module::annotations`.
    pub(crate) annotations: Vec<usize>,
}

/// The head of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Where it stands.
    pub(crate) span: Span,
    /// What is defined: `p`, `a.b[x].c`. The elements behind the first may be variables and references.
    pub(crate) name: Ref,
    /// The parameters of a function.
    pub(crate) parameters: Option<Vec<Term>>,
    /// The element of a partial set: `name contains key`.
    pub(crate) key: Option<Term>,
    /// The value; `None` is `true`. Never with `key`.
    pub(crate) value: Option<Term>,
    /// Whether the value was given by `:=`: such a name can be defined in no other way.
    pub(crate) assigned: bool,
}

/// `else := value if { body }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Else {
    /// Where it stands.
    pub(crate) span: Span,
    /// The value; `None` is `true`.
    pub(crate) value: Option<Term>,
    /// What must hold; empty where there is no body.
    pub(crate) body: Body,
}

/// What a rule defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RuleKind {
    /// One value.
    Complete,
    /// Elements of a set.
    PartialSet,
    /// Members of an object: a variable stands in its name.
    PartialObject,
    /// A function.
    Function,
}

impl Rule {
    /// What it defines.
    pub(crate) fn kind(&self) -> RuleKind {
        if self.head.parameters.is_some() {
            RuleKind::Function
        } else if self.head.key.is_some() {
            RuleKind::PartialSet
        } else if self.head.name.path.iter().all(Term::is_ground) {
            RuleKind::Complete
        } else {
            RuleKind::PartialObject
        }
    }

    /// The name as far as it is made of strings: `["a", "b"]` of `a.b[x].c`.
    pub(crate) fn ground_name(&self) -> Vec<&str> {
        let head = self.head.name.head.as_var();
        head.into_iter().chain(self.head.name.path.iter().map_while(Term::as_string)).collect()
    }
}

impl Ref {
    /// A reference of one variable and nothing behind it, as the names of rules are.
    pub(crate) fn name(span: Span, name: impl Into<String>) -> Self {
        Self { head: Box::new(Term::var(span, name)), path: Vec::new() }
    }

    /// The same as a term: a bare head stays a bare head.
    pub(crate) fn into_term(self, span: Span) -> Term {
        if self.path.is_empty() { *self.head } else { Term::new(span, TermKind::Ref(self)) }
    }
}
