//! Rego means what OPA means: OPA's own cases, recorded probes, and programs that are generated.

mod case;
mod compare;
mod conformance;
mod differential;
mod generator;
mod known;
mod levers;
mod opa;
mod probes;
