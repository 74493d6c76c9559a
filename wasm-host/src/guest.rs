//! `Guest`: what the host keeps for one instance, and the trait by which an embedder answers its calls.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Instance, ResourceLimiter, Result as WasmResult, Trap};

use crate::abi::Requirement;
use crate::error::EvalError;
use crate::exports::Exports;
use crate::limits::Limits;

/// Who answers the builtins that a policy calls. One for each instance.
pub trait Builtins {
    /// Answers a call of `builtin`, an index into [`crate::PolicyModule::builtins`], whose operands are value text, and
    /// so is the answer; `None` is undefined.
    ///
    /// # Errors
    /// [`BuiltinError`] ends the evaluation.
    fn call(&mut self, builtin: usize, operands: &[&str]) -> Result<Option<String>, BuiltinError>;

    /// Takes a line that the policy prints.
    fn print(&mut self, line: &str) {
        let _ = line;
    }
}

/// Why a builtin ends the evaluation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BuiltinError(pub String);

/// Nobody: for modules that need no builtin.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBuiltins;

impl Builtins for NoBuiltins {
    fn call(&mut self, _: usize, _: &[&str]) -> Result<Option<String>, BuiltinError> {
        Err(BuiltinError("no builtins are here".to_owned()))
    }
}

/// The state of a store.
pub(crate) struct Guest {
    pub(crate) limits: Arc<Limits>,
    pub(crate) requirements: Arc<[Requirement]>,
    pub(crate) exports: Arc<Exports>,
    pub(crate) deadline: Instant,
    pub(crate) builtins: Box<dyn Builtins>,
    pub(crate) instance: Option<Instance>,
    /// Whether a value is being handed over: no builtin may be called then.
    pub(crate) handing_over: bool,
    /// Why the evaluation ends; what the engine says of it is only its echo.
    failure: Option<EvalError>,
    pub(crate) meter: Meter,
}

/// What a guest's memory and tables may grow to.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Arc<Limits>,
    denied: bool,
}

impl Guest {
    pub(crate) fn new(limits: Arc<Limits>, (requirements, exports): (Arc<[Requirement]>, Arc<Exports>), deadline: Instant) -> Self {
        let meter = Meter { limits: Arc::clone(&limits), denied: false };
        Self {
            limits,
            requirements,
            exports,
            deadline,
            builtins: Box::new(NoBuiltins),
            instance: None,
            handing_over: false,
            failure: None,
            meter,
        }
    }

    /// Notes why the evaluation ends, and gives what ends it.
    pub(crate) fn fail(&mut self, error: EvalError) -> wasmtime::Error {
        let echo = wasmtime::Error::msg(error.to_string());
        self.failure.get_or_insert(error);
        echo
    }

    /// What an error of the engine means.
    pub(crate) fn explain(&mut self, error: &wasmtime::Error) -> EvalError {
        let failure = self.failure.take();
        if self.meter.denied && !matches!(failure, Some(EvalError::Deadline)) {
            return EvalError::Memory;
        }
        if let Some(failure) = failure {
            return failure;
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => EvalError::Stack,
            Some(Trap::Interrupt) => EvalError::Deadline,
            Some(trap) => EvalError::Trap(trap.to_string()),
            None => EvalError::Trap(error.to_string()),
        }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> WasmResult<bool> {
        let allowed = desired <= self.limits.memory_bytes && maximum.is_none_or(|maximum| desired <= maximum);
        self.denied |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> WasmResult<bool> {
        let allowed = desired <= self.limits.table_elements && maximum.is_none_or(|maximum| desired <= maximum);
        self.denied |= !allowed;
        Ok(allowed)
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
