//! The declared types of functions, in OPA's type language.

use std::fmt;

/// The functions that modules may call, by full name.
pub(crate) trait Signatures: fmt::Debug {
    /// The declaration of a function; `None` where there is none of this name.
    fn signature(&self, name: &str) -> Option<&Signature>;
}

/// The declaration of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each flag stands for itself")]
pub(crate) struct Signature {
    /// The types of its operands, with their names where they have some.
    pub(crate) operands: Vec<(String, Type)>,
    /// The type of the operands behind those, if it takes any number of them.
    pub(crate) variadic: Option<Type>,
    /// The type of its value; `None` for functions like `print` that have none.
    pub(crate) result: Option<(String, Type)>,
    /// Refused in strict mode.
    pub(crate) deprecated: bool,
    /// It may have several values, like `walk`.
    pub(crate) relation: bool,
    /// The same operands may give another value at another time.
    pub(crate) nondeterministic: bool,
    /// The operator that stands for it.
    pub(crate) infix: bool,
}

/// A type of OPA's type language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    /// Anything.
    Any,
    /// One of these.
    AnyOf(Vec<Type>),
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// `number`
    Number,
    /// `string`
    String,
    /// Items at fixed places, then any number of items of one type.
    Array(Vec<Type>, Option<Box<Type>>),
    /// Members with fixed keys (as JSON text), then members of one key type and one value type.
    Object(Vec<(String, Type)>, Option<Box<(Type, Type)>>),
    /// Elements of one type.
    Set(Box<Type>),
    /// A function value.
    Function,
}
