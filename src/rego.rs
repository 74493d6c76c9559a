//! The front-end that makes regorus mean what OPA means: parse, check, rewrite, print.
//!
//! The language is parsed by our own parser into our own tree, checked as OPA checks it, rewritten where regorus would
//! answer otherwise than OPA, and printed as plain Rego, with a map back to the user's files.

pub(crate) mod ast;
mod check;
mod compile;
mod diagnostic;
pub(crate) mod lexer;
pub(crate) mod parse;
pub(crate) mod print;
mod probe;
mod rewrite;
mod signature;
pub(crate) mod token;

pub(crate) use ast::Span;
pub(crate) use compile::{Options, Program, Purpose, RuleInfo, Source, TestCases, compile, describe};
pub(crate) use diagnostic::Diagnostic;
pub(crate) use probe::{PROBE, Probe, ProbeKind, Probes};
pub(crate) use rewrite::{KEEP, LAST, LASTING, RECALL};
pub(crate) use signature::Table;
