//! Vidimus: a policy engine for container images whose signature verdicts outlive one evaluation.
//!
//! `Engine -> Policy -> Evaluation`; `Verifier -> Verified`. The arrows between the modules point one way: `verify`
//! knows `oci` and `memo`, `builtins` knows `verify`, and nothing below `builtins` knows Rego.

#[expect(dead_code, unused_imports, reason = "the families fill the table")]
mod builtins;
pub mod memo;
pub mod oci;
#[expect(dead_code, unused_imports, reason = "the engine calls it")]
mod rego;
pub mod verify;
