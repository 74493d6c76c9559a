//! The fuzz targets' common part.

pub mod harness;
