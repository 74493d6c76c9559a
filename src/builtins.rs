//! The one table of functions that policies can call: name, declared types, whether it is deterministic, function.
//!
//! Rego evaluation, `check`, `capabilities` and the wasm host all read this table. One file per family lies below.

mod call;
mod purl;
mod sigstore;

pub(crate) use call::{Call, Failure, Function, Host, Value};

/// One function of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Builtin {
    /// Full name, as a policy writes it.
    pub(crate) name: &'static str,
    /// How many operands it takes.
    pub(crate) arity: u8,
    /// Whether the same operands may give another answer at another time.
    pub(crate) nondeterministic: bool,
    /// What it does.
    pub(crate) function: Function,
}
