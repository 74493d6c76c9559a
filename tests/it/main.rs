//! The one integration binary.
#![cfg(test)]

mod cli;
mod ec;
mod engine;
mod fuzz;
mod layering;
mod memo;
mod oci;
mod oracle;
mod policy_bundle;
mod rego;
mod testkit;
mod verify;
mod wasm;
