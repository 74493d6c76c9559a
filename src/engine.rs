//! `Engine`: compiles modules into policies, all of which share one `Verifier`. A clone is another handle on the same.

mod answers;
mod apart;
mod compile;
mod compiled;
mod extension;
mod failure;
mod frontend;
mod known;
mod lasting;
mod observer;
mod outside;
mod pace;
mod permits;
mod problem;
mod recall;
mod rounds;
mod scope;
mod trail;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;

use crate::inspection::Inspection;
use crate::oci::ImageSource;
use crate::policy::Policy;
use crate::report::Stats;
use crate::suite::Suite;
use crate::verify::{InvalidVerifier, KeyReferences, NoKeyReferences, Trust, Verifier, VerifierConfig};

pub use compile::{CompileOptions, RegoModule, RegoVersion};
pub use problem::{CompileError, Problem};
pub use workers::{Place, Workers};

pub(crate) use compiled::Bridge;
pub(crate) use failure::Failing;
use frontend::Purpose;
pub(crate) use frontend::{NamedRule, Origins, package};
pub(crate) use lasting::Lasting;
pub(crate) use observer::{Cost, Observer, Step};
pub(crate) use outside::Outside;
pub(crate) use pace::Pace;
pub(crate) use scope::{Scope, Terms};
pub(crate) use trail::Trail;
pub(crate) use workers::STACK;

/// Where policies come from. Policies of one engine, and of its clones, share its verifier and so the verdicts it
/// remembers; two engines share nothing.
#[derive(Debug, Clone)]
pub struct Engine {
    outside: Arc<Outside>,
}

/// What an engine is made of.
#[derive(Debug)]
pub struct EngineConfig {
    /// Where images are.
    pub source: Arc<dyn ImageSource>,
    /// Which certificates and logs are believed.
    pub trust: Trust,
    /// How verifications are done and remembered.
    pub verifier: VerifierConfig,
    /// Which keys a policy may name by reference.
    pub key_references: Arc<dyn KeyReferences>,
    /// Where the machine code of WebAssembly policies is kept, if anywhere: a directory that only this user can write.
    pub wasm_cache: Option<PathBuf>,
}

/// Why there is no [`Engine`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no verifier.
    #[error(transparent)]
    Verifier(#[from] InvalidVerifier),
    /// The threads that fetch could not be started.
    #[error("cannot start the threads that fetch")]
    Threads(#[source] std::io::Error),
}

impl EngineConfig {
    /// An engine that asks `source`, believes `trust`, and follows no reference to a key.
    #[must_use]
    pub fn new(source: Arc<dyn ImageSource>, trust: Trust) -> Self {
        Self { source, trust, verifier: VerifierConfig::default(), key_references: Arc::new(NoKeyReferences), wasm_cache: None }
    }
}

impl Engine {
    /// An engine that remembers nothing yet.
    ///
    /// # Errors
    /// [`EngineError`] where its threads cannot be started.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        Ok(Self { outside: Arc::new(Outside::new(config)?) })
    }

    /// Who answers for signatures.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.outside.verifier
    }

    /// What verifications and fetches have cost so far, as reports say it.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.outside.stats()
    }

    /// Compiles modules into a policy. Everything that is wrong with them is said at once.
    ///
    /// # Errors
    /// Mistakes in modules, with their places; data that is no object; no rule that could decide, where no query is asked.
    pub fn compile(&self, modules: &[RegoModule], options: &CompileOptions) -> Result<Policy, CompileError> {
        compile::compile(modules, options, Arc::clone(&self.outside))
    }
    /// Compiles the tests among modules. Nothing outside is reached by them: see [`Suite`].
    ///
    /// # Errors
    /// As [`Engine::compile`]; that there are no tests is none.
    pub fn compile_tests(&self, modules: &[RegoModule], options: &CompileOptions) -> Result<Suite, CompileError> {
        compile::suite(modules, options, (Purpose::Tests, Arc::clone(&self.outside)))
    }

    /// As [`Engine::compile_tests`], in a form that tells why tests fail and what they reach, and takes its time for it.
    ///
    /// # Errors
    /// As [`Engine::compile_tests`].
    pub fn compile_explained_tests(&self, modules: &[RegoModule], options: &CompileOptions) -> Result<Suite, CompileError> {
        compile::suite(modules, options, (Purpose::ProbedTests, Arc::clone(&self.outside)))
    }

    /// What modules contribute: they are read, but neither checked nor compiled.
    ///
    /// # Errors
    /// Modules that are no Rego.
    pub fn inspect(modules: &[RegoModule], options: &CompileOptions) -> Result<Inspection, CompileError> {
        Ok(Inspection::of(&frontend::describe(modules, options).map_err(CompileError::from)?))
    }

    /// Checks modules without keeping what they compile to.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn check(modules: &[RegoModule], options: &CompileOptions) -> Result<(), CompileError> {
        compile::check(modules, options)
    }
}
