//! The one integration binary.

#[cfg(test)]
mod oci;
#[cfg(test)]
mod testkit;
