//! `Engine`: compiles modules into policies, all of which share one `Verifier`. A clone is another handle on the same.

mod compile;
mod extension;
mod failure;
mod frontend;
pub(crate) mod pending;
mod permits;
mod problem;
mod scope;
mod workers;

use std::sync::Arc;

use crate::engine::pending::Verifier;
use crate::policy::Policy;
use crate::report::Stats;

pub use compile::{CompileOptions, RegoModule};
pub use problem::{CompileError, Problem};
pub use workers::{Place, Workers};

pub(crate) use failure::Failing;
pub(crate) use frontend::NamedRule;
pub(crate) use scope::{Scope, Terms};
pub(crate) use workers::STACK;

/// Where policies come from. Policies of one engine, and of its clones, share its verifier and so the verdicts it
/// remembers; two engines share nothing.
#[derive(Debug, Clone)]
pub struct Engine {
    verifier: Option<Arc<Verifier>>,
}

impl Engine {
    /// An engine whose policies ask `verifier` about signatures.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier: Some(Arc::new(verifier)) }
    }

    /// An engine without a source of images: every question about a signature is *unavailable*.
    #[must_use]
    pub const fn offline() -> Self {
        Self { verifier: None }
    }

    /// Who answers for signatures.
    #[must_use]
    pub fn verifier(&self) -> Option<&Verifier> {
        self.verifier.as_deref()
    }

    /// What verifications have cost so far, as reports say it.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Compiles modules into a policy. Everything that is wrong with them is said at once.
    ///
    /// # Errors
    /// Mistakes in modules, with their places; data that is no object; no rule that could decide, where no query is asked.
    pub fn compile(&self, modules: &[RegoModule], options: &CompileOptions) -> Result<Policy, CompileError> {
        compile::compile(modules, options, self.verifier.clone())
    }
}
