//! The declared types of functions, in OPA's type language.

use std::collections::BTreeMap;
use std::fmt;

use crate::builtins::{self, Argument, Builtin};
pub(crate) use crate::builtins::{Constancy, Type};

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
    /// For how long the same operands give the same value.
    pub(crate) constancy: Constancy,
    /// The operator that stands for it.
    pub(crate) infix: bool,
}

impl From<&Builtin> for Signature {
    fn from(builtin: &Builtin) -> Self {
        let named = |argument: &Argument| (argument.name.clone().unwrap_or_default(), argument.of.clone());
        Self {
            operands: builtin.decl.arguments.iter().map(named).collect(),
            variadic: builtin.decl.variadic.clone(),
            result: builtin.decl.result.as_ref().map(named),
            deprecated: builtin.deprecated,
            relation: builtin.relation,
            nondeterministic: builtin.nondeterministic,
            constancy: builtin.constancy(),
            infix: builtin.infix.is_some(),
        }
    }
}

/// The functions of the table of builtins.
#[derive(Debug)]
pub(crate) struct Table(BTreeMap<&'static str, Signature>);

impl Table {
    /// All of them.
    pub(crate) fn new() -> Self {
        Self(builtins::table().iter().map(|builtin| (builtin.name, Signature::from(builtin))).collect())
    }
}

impl Signatures for Table {
    fn signature(&self, name: &str) -> Option<&Signature> {
        self.0.get(name)
    }
}
