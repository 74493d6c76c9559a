#![doc = include_str!("../README.md")]

mod builtins;
mod causes;
mod component;
pub mod content;
mod data;
mod engine;
mod evaluation;
mod explanation;
mod inspection;
pub mod memo;
pub mod oci;
mod policy;
mod policy_bundle;
mod profile;
mod rego;
mod report;
mod suite;
pub mod verify;

pub use builtins::capabilities;
pub use component::{Component, ComponentError};
pub use data::{DataConflict, merge_data};
pub use engine::{CompileError, CompileOptions, Engine, EngineConfig, EngineError, Place, Problem, RegoModule, RegoVersion, Workers};
pub use evaluation::{ErrorKind, Evaluation, EvaluationError, Finding, Location};
pub use explanation::{Detail, ExplainedStep, Explanation, Op};
pub use inspection::{InspectedAnnotation, InspectedPackage, InspectedRule, Inspection};
pub use policy::{EvaluateOptions, Policy};
pub use policy_bundle::{
    BundleError, BundleKey, BundleKeyError, BundleOptions, DataFile, FilePattern, InvalidPattern, Manifest, PolicyBundle, WasmModule,
    WasmResolver,
};
pub use profile::{Profile, ProfileOrder, ProfiledRule};
pub use rego::{Levers, Observed};
pub use report::{Outcome, Report, Stats};
pub use suite::{CaseResult, Coverage, FailedExpression, FileCoverage, Position, Range, Suite, TestCase, TestOutcome, TestResult};
pub use vidimus_wasm_host::MissingBuiltins;
