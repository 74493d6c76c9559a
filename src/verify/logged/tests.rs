//! Judgement of evidence as it lies in fixtures, without any registry between.

mod conformance;
mod data;
mod keyless;
mod search;
