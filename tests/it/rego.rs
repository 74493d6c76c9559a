//! Rego means what OPA means: OPA's own cases, recorded probes, and programs that are generated.

pub(crate) mod case;
mod compare;
pub(crate) mod conformance;
mod differential;
mod generator;
pub(crate) mod known;
mod levers;
mod opa;
pub(crate) mod probes;
