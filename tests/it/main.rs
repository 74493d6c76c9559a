//! The one integration binary.

mod memo;
