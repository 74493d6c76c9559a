//! `Term`: a value as it is written, for whoever has no values of their own.

use std::borrow::Cow;

use super::{Build, Write, write_string};

/// A value. Numbers are text, so that none loses a digit; the order of members is that of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `-1.5e3`
    Number(String),
    /// `"a"`
    String(String),
    /// `[1, 2]`
    Array(Vec<Term>),
    /// `{1, 2}`, `set()`
    Set(Vec<Term>),
    /// `{"a": 1, [2]: 3}`
    Object(Vec<(Term, Term)>),
}

/// Builds [`Term`]s.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms;

impl Build for Terms {
    type Value = Term;

    fn null(&mut self) -> Term {
        Term::Null
    }

    fn boolean(&mut self, value: bool) -> Term {
        Term::Bool(value)
    }

    fn number(&mut self, text: &str) -> Option<Term> {
        Some(Term::Number(text.to_owned()))
    }

    fn string(&mut self, text: Cow<'_, str>) -> Term {
        Term::String(text.into_owned())
    }

    fn array(&mut self, items: Vec<Term>) -> Term {
        Term::Array(items)
    }

    fn set(&mut self, items: Vec<Term>) -> Term {
        Term::Set(items)
    }

    fn object(&mut self, members: Vec<(Term, Term)>) -> Term {
        Term::Object(members)
    }
}

impl Write for Term {
    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => write_list(('[', ']'), items, out),
            Self::Set(items) if items.is_empty() => out.push_str("set()"),
            Self::Set(items) => write_list(('{', '}'), items, out),
            Self::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    key.write(out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl Term {
    /// The members of an object whose keys are strings.
    pub(crate) fn members(self) -> Option<Vec<(String, Term)>> {
        let Self::Object(members) = self else { return None };
        members.into_iter().map(|(key, value)| if let Self::String(key) = key { Some((key, value)) } else { None }).collect()
    }
}

fn write_list((open, close): (char, char), items: &[Term], out: &mut String) {
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        item.write(out);
    }
    out.push(close);
}
