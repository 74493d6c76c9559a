//! What goes wrong: with a host, with a module that is loaded, with an evaluation.

use crate::cache::CacheError;
use crate::text::TextError;

/// Why there is no [`crate::Host`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The sandbox cannot be set up here.
    #[error("cannot set up the sandbox: {0}")]
    Sandbox(String),
    /// The thread that watches deadlines cannot be started.
    #[error("cannot start the thread that watches deadlines")]
    Thread(#[source] std::io::Error),
    /// The directory for compiled code cannot be trusted.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// Why a module is no policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// More bytes than are read.
    #[error("the module has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        limit: usize,
    },
    /// Not a valid module, or one that uses what policies do not.
    #[error("not a WebAssembly policy: {0}")]
    Invalid(String),
    /// It wants something that OPA's policies do not.
    #[error("the module imports `{module}.{name}`, which no policy does")]
    Import {
        /// Module part of the import.
        module: String,
        /// Name part of the import.
        name: String,
    },
    /// A function of the ABI is not there, or has another type.
    #[error("the module has no export `{0}` of the type that the ABI gives it")]
    MissingExport(&'static str),
    /// An ABI that is not known.
    #[error("ABI version {major}.{minor} is not supported, only 1.x")]
    Abi {
        /// `opa_wasm_abi_version`.
        major: i32,
        /// `opa_wasm_abi_minor_version`.
        minor: i32,
    },
    /// It begins with more memory than an instance may have.
    #[error("the module begins with {bytes} bytes of memory, more than the {limit} that an instance may have")]
    Memory {
        /// What it wants.
        bytes: u64,
        /// The bound.
        limit: usize,
    },
    /// Builtins that nobody here answers.
    #[error("the policy calls builtins that are not there: `{}`", .0.join("`, `"))]
    MissingBuiltins(Vec<String>),
    /// The start function, or reading what the module declares, failed.
    #[error("the module cannot be started: {0}")]
    Start(#[source] EvalError),
    /// What the module declares is not what the ABI says.
    #[error("the module declares {what} that cannot be read: {why}")]
    Declaration {
        /// `builtins` or `entrypoints`.
        what: &'static str,
        /// What is wrong with them.
        why: String,
    },
    /// The data document cannot be loaded.
    #[error("the data cannot be loaded: {0}")]
    Data(#[source] EvalError),
    /// The compiler gave up.
    #[error("the module cannot be compiled: {0}")]
    Compile(String),
}

/// Why an evaluation gave no decision. Its instance is not used again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// The policy gave up: `opa_abort`, such as for two values of one rule.
    #[error("{0}")]
    Abort(String),
    /// Its time was over.
    #[error("the evaluation ran past its deadline")]
    Deadline,
    /// It wanted more memory, or a larger table, than it may have.
    #[error("the policy needs more memory than an instance may have")]
    Memory,
    /// It recursed deeper than its stack.
    #[error("the policy needs more stack than an instance may have")]
    Stack,
    /// The guest did what WebAssembly does not allow.
    #[error("the policy trapped: {0}")]
    Trap(String),
    /// A builtin ended the evaluation.
    #[error("{0}")]
    Builtin(String),
    /// A builtin was called that nobody answers.
    #[error("the builtin `{0}` is not there")]
    MissingBuiltin(String),
    /// A builtin was called that the module does not declare.
    #[error("the policy calls a builtin by the unknown number {0}")]
    UnknownBuiltin(i32),
    /// A builtin was called where none may be: while the host reads or writes a value.
    #[error("the policy calls a builtin while a value is handed over")]
    Reentrant,
    /// The guest handed over what cannot be read.
    #[error("the policy handed over {what} that cannot be read: {why}")]
    Malformed {
        /// What it should have been.
        what: &'static str,
        /// Why it is not.
        why: String,
    },
    /// The guest could not read a value that was handed to it.
    #[error("the policy cannot read {0}")]
    Unreadable(&'static str),
    /// A text is larger than may be read.
    #[error("{what} of more than {limit} bytes")]
    TooLarge {
        /// Which text.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// An entrypoint of another module.
    #[error("the policy has no entrypoint of the number {0}")]
    Entrypoint(i32),
    /// The instance has failed before.
    #[error("the instance has failed before")]
    Spent,
}

impl EvalError {
    pub(crate) fn text(what: &'static str, error: &TextError) -> Self {
        Self::Malformed { what, why: error.to_string() }
    }
}
