//! What a builtin is given and what it gives back.

use std::time::Instant;

/// A Rego value.
pub(crate) use regorus::Value;

/// The shape of every builtin. `Ok(Value::Undefined)` is undefined in Rego.
pub(crate) type Function = fn(&Call<'_>, &[Value]) -> Result<Value, Failure>;

/// What a builtin may use beside its operands: everything else is a function of these.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// When the evaluation must have ended.
    pub(crate) deadline: Instant,
    /// The time of the evaluation, nanoseconds since 1970, the same for all its calls.
    pub(crate) now_ns: i64,
    /// Reserved for what the families share.
    pub(crate) scope: std::marker::PhantomData<&'a ()>,
}

/// Why a builtin gave no value: undefined in Rego, an error under strict builtin errors. The text is OPA's, without
/// position and code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// An operand of another type (OPA: `eval_type_error`), such as `operand 1 must be string but got number`.
    #[error("{name}: {message}")]
    Type {
        /// Name of the builtin.
        name: &'static str,
        /// What is wrong with the operand.
        message: String,
    },
    /// Anything else (OPA: `eval_builtin_error`).
    #[error("{name}: {message}")]
    Failed {
        /// Name of the builtin.
        name: &'static str,
        /// What went wrong.
        message: String,
    },
}
