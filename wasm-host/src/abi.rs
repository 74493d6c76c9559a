//! The policy ABI: what modules import and export, by name, and the versions that are spoken.

use wasmparser::{FuncType, ValType};

use crate::error::LoadError;

/// The version that a module declares. 1.2 brought the evaluation in one call; whatever is missing is done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AbiVersion {
    /// `opa_wasm_abi_version`: 1.
    pub major: i32,
    /// `opa_wasm_abi_minor_version`.
    pub minor: i32,
}

/// A decision that a module can be asked for, such as `main/deny`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrypoint {
    /// Its path below `data`, with slashes.
    pub path: String,
    /// Its number in the module.
    pub id: i32,
}

/// A builtin that a module calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, such as `time.now_ns`.
    pub name: String,
    /// Its number in the module.
    pub id: i32,
    /// Whether somebody answers it; a call of one that nobody answers ends the evaluation.
    pub available: bool,
}

/// Names of the exports that the ABI fixes.
pub(crate) mod export {
    pub(crate) const MEMORY: &str = "memory";
    pub(crate) const MAJOR: &str = "opa_wasm_abi_version";
    pub(crate) const MINOR: &str = "opa_wasm_abi_minor_version";
    pub(crate) const BUILTINS: &str = "builtins";
    pub(crate) const ENTRYPOINTS: &str = "entrypoints";
    pub(crate) const ONE_CALL: &str = "opa_eval";
    pub(crate) const EVAL: &str = "eval";
    pub(crate) const CONTEXT: &str = "opa_eval_ctx_new";
    pub(crate) const SET_INPUT: &str = "opa_eval_ctx_set_input";
    pub(crate) const SET_DATA: &str = "opa_eval_ctx_set_data";
    pub(crate) const SET_ENTRYPOINT: &str = "opa_eval_ctx_set_entrypoint";
    pub(crate) const RESULT: &str = "opa_eval_ctx_get_result";
    pub(crate) const MALLOC: &str = "opa_malloc";
    pub(crate) const FREE: &str = "opa_free";
    pub(crate) const PARSE: &str = "opa_value_parse";
    pub(crate) const DUMP: &str = "opa_value_dump";
    pub(crate) const HEAP: &str = "opa_heap_ptr_get";
    pub(crate) const SET_HEAP: &str = "opa_heap_ptr_set";
}

/// The module part of every import.
pub(crate) const ENV: &str = "env";

/// How many operands `opa_builtin<n>` takes beside its number and its context.
pub(crate) const BUILTIN_IMPORTS: [&str; 5] = ["opa_builtin0", "opa_builtin1", "opa_builtin2", "opa_builtin3", "opa_builtin4"];
pub(crate) const ABORT: &str = "opa_abort";
pub(crate) const PRINT: &str = "opa_println";

/// Checks that a function import is one of the ABI's, of the right type.
pub(crate) fn check_import((module, name): (&str, &str), of: &FuncType) -> Result<(), LoadError> {
    let unknown = || LoadError::Import { module: module.to_owned(), name: name.to_owned() };
    let (operands, results) = match name {
        ABORT | PRINT => (1, 0),
        _ => (2 + BUILTIN_IMPORTS.iter().position(|known| *known == name).ok_or_else(unknown)?, 1),
    };
    let right = of.params().len() == operands
        && of.results().len() == results
        && of.params().iter().chain(of.results()).all(|kind| *kind == ValType::I32);
    if module == ENV && right { Ok(()) } else { Err(unknown()) }
}

impl AbiVersion {
    pub(crate) fn check(self) -> Result<Self, LoadError> {
        let Self { major, minor } = self;
        if major == 1 && minor >= 0 { Ok(self) } else { Err(LoadError::Abi { major, minor }) }
    }
}

impl std::fmt::Display for AbiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
