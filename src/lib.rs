//! Vidimus: a policy engine for container images whose signature verdicts outlive one evaluation.
//!
//! `Engine -> Policy -> Evaluation`; `Verifier -> Verified`. The arrows between the modules point one way: `verify`
//! knows `oci` and `memo`, `builtins` knows `verify`, and nothing below `builtins` knows Rego.

mod builtins;
mod component;
mod engine;
mod evaluation;
pub mod memo;
pub mod oci;
mod policy;
mod rego;
mod report;
mod suite;
pub mod verify;

pub use builtins::capabilities;
pub use component::{Component, ComponentError};
pub use engine::{CompileError, CompileOptions, Engine, EngineConfig, EngineError, Place, Problem, RegoModule, Workers};
pub use evaluation::{ErrorKind, Evaluation, EvaluationError, Finding, Location};
pub use policy::{EvaluateOptions, Policy};
pub use report::{MemoStats, Outcome, Report, Stats};
pub use suite::{Suite, TestCase, TestOutcome, TestResult};
