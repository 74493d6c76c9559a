//! Types of values, as OPA's checker has them: a part may be unknown (`None`), `any` may be of some alternatives only.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::key::Key;
use crate::rego::signature::{self, Signature};

/// A type that may be unknown yet.
pub(super) type Maybe = Option<Type>;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array(Rc<Array>),
    Object(Rc<Object>),
    /// `None` is the empty set.
    Set(Option<Rc<Type>>),
    /// Every value, or one of these where there are any. Sorted.
    Any(Rc<Vec<Type>>),
    Function(Rc<Function>),
}

/// Arrays that begin with the fixed items; all others are of the type `rest`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Array {
    pub(super) fixed: Vec<Maybe>,
    pub(super) rest: Maybe,
}

/// Objects with the fixed members; all others have keys and values of the types `rest`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Object {
    pub(super) fixed: BTreeMap<Key, Maybe>,
    pub(super) rest: Option<(Maybe, Maybe)>,
}

/// Functions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Function {
    pub(super) operands: Vec<Maybe>,
    /// The type of any number of further operands.
    pub(super) variadic: Maybe,
    pub(super) result: Maybe,
}

impl From<Array> for Type {
    fn from(array: Array) -> Self {
        Self::Array(Rc::new(array))
    }
}

impl From<Object> for Type {
    fn from(object: Object) -> Self {
        Self::Object(Rc::new(object))
    }
}

impl Type {
    /// Every value.
    pub(super) fn any() -> Self {
        Self::Any(Rc::default())
    }

    /// Sets of such elements.
    pub(super) fn set(of: Maybe) -> Self {
        Self::Set(of.map(Rc::new))
    }

    /// Objects of any such keys and values.
    pub(super) fn map(key: Maybe, value: Maybe) -> Self {
        Object { fixed: BTreeMap::new(), rest: Some((key, value)) }.into()
    }
}

/// Whether something in it is unknown.
pub(super) fn is_unknown(of: &Maybe) -> bool {
    let Some(of) = of else { return true };
    match of {
        Type::Array(array) => array.fixed.iter().any(is_unknown) || (array.rest.is_some() && is_unknown(&array.rest)),
        Type::Object(object) => {
            object.fixed.values().any(is_unknown) || object.rest.as_ref().is_some_and(|(key, value)| is_unknown(key) || is_unknown(value))
        }
        Type::Set(of) => of.as_ref().is_none_or(|of| is_unknown(&Some((**of).clone()))),
        Type::Function(function) => function.operands.iter().any(is_unknown) || is_unknown(&function.result),
        _ => false,
    }
}

/// The declared type of a builtin.
pub(super) fn declared(signature: &Signature) -> Function {
    Function {
        operands: signature.operands.iter().map(|(_, of)| Some(Type::from(of))).collect(),
        variadic: signature.variadic.as_ref().map(Type::from),
        result: signature.result.as_ref().map(|(_, of)| Type::from(of)),
    }
}

impl From<&signature::Type> for Type {
    fn from(of: &signature::Type) -> Self {
        let boxed = |of: &Option<Box<signature::Type>>| of.as_deref().map(Self::from);
        match of {
            signature::Type::Any(of) => {
                let mut of: Vec<Self> = of.iter().map(Self::from).collect();
                of.sort();
                Self::Any(Rc::new(of))
            }
            signature::Type::Null => Self::Null,
            signature::Type::Boolean => Self::Boolean,
            signature::Type::Number => Self::Number,
            signature::Type::String => Self::String,
            signature::Type::Array { fixed, rest } => {
                Array { fixed: fixed.iter().map(|of| Some(Self::from(of))).collect(), rest: boxed(rest) }.into()
            }
            signature::Type::Set(of) => Self::set(Some(Self::from(&**of))),
            signature::Type::Object { fixed, rest } => {
                let fixed = fixed.iter().map(|(key, of)| (Key::String(key.clone()), Some(Self::from(of)))).collect();
                let rest = rest.as_deref().map(|(key, value)| (Some(Self::from(key)), Some(Self::from(value))));
                Object { fixed, rest }.into()
            }
        }
    }
}

/// A type in a message, `???` where it is unknown.
pub(super) struct Shown<'a>(pub(super) &'a Maybe);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("???"),
            Some(of) => of.fmt(f),
        }
    }
}

/// Types with commas between them.
pub(super) fn listed<'a>(of: impl IntoIterator<Item = &'a Maybe>) -> String {
    of.into_iter().map(|of| Shown(of).to_string()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean => f.write_str("boolean"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Array(array) => {
                f.write_str("array")?;
                if !array.fixed.is_empty() {
                    write!(f, "<{}>", listed(&array.fixed))?;
                }
                if array.rest.is_some() { write!(f, "[{}]", Shown(&array.rest)) } else { Ok(()) }
            }
            Self::Object(object) => {
                f.write_str("object")?;
                let fixed: Vec<String> = object.fixed.iter().map(|(key, of)| format!("{key}: {}", Shown(of))).collect();
                if !fixed.is_empty() {
                    write!(f, "<{}>", fixed.join(", "))?;
                }
                object.rest.as_ref().map_or(Ok(()), |(key, value)| write!(f, "[{}: {}]", Shown(key), Shown(value)))
            }
            Self::Set(of) => write!(f, "set[{}]", Shown(&of.as_deref().cloned())),
            Self::Any(of) if of.is_empty() => f.write_str("any"),
            Self::Any(of) => write!(f, "any<{}>", of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            Self::Function(function) => write!(f, "({}) => {}", listed(&function.operands), Shown(&function.result)),
        }
    }
}
