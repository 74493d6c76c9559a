//! The types that builtins declare, and how OPA writes them.

use std::fmt;

/// What a builtin takes and gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decl {
    /// The operands, in order.
    pub(crate) arguments: Vec<Argument>,
    /// Any number of further operands of this type (`print`).
    pub(crate) variadic: Option<Type>,
    /// What it gives; `None` for a builtin that is only called for its effect.
    pub(crate) result: Option<Argument>,
}

/// One operand or result: its type and the name that messages use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    /// Its name in OPA's documentation, where it has one.
    pub(crate) name: Option<String>,
    /// Its type.
    pub(crate) of: Type,
}

/// A type of Rego.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Every value, or one of these if there are any.
    Any(Vec<Type>),
    /// `null`.
    Null,
    /// `true` and `false`.
    Boolean,
    /// Numbers.
    Number,
    /// Strings.
    String,
    /// Arrays that begin with the fixed elements; further ones are of the type `rest`.
    Array {
        /// The fixed elements.
        fixed: Vec<Type>,
        /// The type of all others, if there may be any.
        rest: Option<Box<Type>>,
    },
    /// Sets of one element type.
    Set(Box<Type>),
    /// Objects with these members; further ones are of the types `rest`.
    Object {
        /// Members that are always there.
        fixed: Vec<(String, Type)>,
        /// Key and value types of all others, if there may be any.
        rest: Option<Box<(Type, Type)>>,
    },
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}: ")?;
        }
        self.of.fmt(f)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any(of) if of.is_empty() => f.write_str("any"),
            Type::Any(of) => write!(f, "any<{}>", Listed(of)),
            Type::Null => f.write_str("null"),
            Type::Boolean => f.write_str("boolean"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::Array { fixed, rest } => {
                f.write_str("array")?;
                if !fixed.is_empty() {
                    write!(f, "<{}>", Listed(fixed))?;
                }
                rest.as_ref().map_or(Ok(()), |rest| write!(f, "[{rest}]"))
            }
            Type::Set(of) => write!(f, "set[{of}]"),
            Type::Object { fixed, rest } => {
                f.write_str("object")?;
                for (at, (key, of)) in fixed.iter().enumerate() {
                    write!(f, "{}{key}: {of}", if at == 0 { "<" } else { ", " })?;
                }
                if !fixed.is_empty() {
                    f.write_str(">")?;
                }
                rest.as_ref().map_or(Ok(()), |rest| write!(f, "[{}: {}]", rest.0, rest.1))
            }
        }
    }
}

/// Types with commas between them.
struct Listed<'a>(&'a [Type]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, of) in self.0.iter().enumerate() {
            write!(f, "{}{of}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
