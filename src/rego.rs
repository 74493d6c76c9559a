//! The front-end that makes regorus mean what OPA means: parse, check, rewrite, print.
//!
//! The language is parsed by our own parser into our own tree, checked as OPA checks it, rewritten where regorus would
//! answer otherwise than OPA, and printed as plain Rego, with a map back to the user's files.

pub(crate) mod ast;
mod check;
mod compile;
mod diagnostic;
mod levers;
pub(crate) mod lexer;
pub(crate) mod parse;
pub(crate) mod print;
mod probe;
mod rewrite;
mod signature;
pub(crate) mod token;

pub(crate) use ast::Span;
pub(crate) use compile::{Callees, Entries, Options, Program, Purpose, RuleInfo, Source, compile, describe};
pub(crate) use diagnostic::Diagnostic;
pub use levers::{Levers, Observed};
pub(crate) use probe::{PROBE, Probe, ProbeKind, Probes};
pub(crate) use rewrite::{CASE, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, RECALL};
pub(crate) use signature::Table;
