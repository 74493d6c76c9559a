//! The one integration binary.
#![cfg(test)]

mod cli;
mod engine;
mod fuzz;
mod layering;
mod memo;
mod oci;
mod policy_bundle;
mod rego;
mod testkit;
mod verify;
