//! Keys of objects as types know them: the JSON form of a constant.

use std::collections::BTreeMap;
use std::fmt;

use super::kind::{Array, Object, Type};
use crate::rego::ast::{Term, TermKind};

/// A constant that names a member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Null,
    Boolean(bool),
    /// By its value: `1` and `1.0` are one number.
    Number(String),
    String(String),
    /// Also a set, which is sorted.
    Array(Vec<Key>),
    Object(BTreeMap<Key, Key>),
}

impl Key {
    /// The key that a constant term is.
    pub(super) fn of(term: &Term) -> Option<Self> {
        Some(match &term.kind {
            TermKind::Null => Self::Null,
            TermKind::Boolean(value) => Self::Boolean(*value),
            TermKind::Number(text) => Self::Number(number(text)),
            TermKind::String(text) => Self::String(text.clone()),
            TermKind::Array(items) => Self::Array(items.iter().map(Self::of).collect::<Option<_>>()?),
            TermKind::Set(items) => {
                let mut items: Vec<Self> = items.iter().map(Self::of).collect::<Option<_>>()?;
                items.sort();
                items.dedup();
                Self::Array(items)
            }
            TermKind::Object(members) => {
                let pair = |(key, value): &(Term, Term)| Some((Self::of(key)?, Self::of(value)?));
                Self::Object(members.iter().map(pair).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The type of the constant.
    pub(super) fn kind(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Boolean(_) => Type::Boolean,
            Self::Number(_) => Type::Number,
            Self::String(_) => Type::String,
            Self::Array(items) => Array { fixed: items.iter().map(|item| Some(item.kind())).collect(), rest: None }.into(),
            Self::Object(members) => {
                let fixed = members.iter().map(|(key, value)| (key.clone(), Some(value.kind()))).collect();
                Object { fixed, rest: None }.into()
            }
        }
    }

    /// The position in an array that it names.
    pub(super) fn position(&self) -> Option<usize> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }
}

/// One spelling for each number that is written plainly.
fn number(text: &str) -> String {
    text.parse::<f64>().map_or_else(|_| text.to_owned(), |value| value.to_string())
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(text) | Self::String(text) => f.write_str(text),
            Self::Array(items) => f.debug_list().entries(items.iter().map(ToString::to_string)).finish(),
            Self::Object(members) => {
                f.debug_map().entries(members.iter().map(|(key, value)| (key.to_string(), value.to_string()))).finish()
            }
        }
    }
}
