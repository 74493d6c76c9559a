//! The one integration binary.
#![cfg(test)]

mod layering;
mod memo;
mod oci;
mod testkit;
mod verify;
