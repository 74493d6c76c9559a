//! The one integration binary.

mod memo;
#[cfg(test)]
mod oci;
#[cfg(test)]
mod testkit;
