//! `PolicyModule`: a module that was read, checked and started once, so that what it needs and offers is known.

use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};
use wasmtime::{AsContextMut, Module, Store, TypedFunc};

use crate::abi::{AbiVersion, Entrypoint, Requirement, export};
use crate::error::{EvalError, LoadError};
use crate::exports::{self, Exports};
use crate::guest::Guest;
use crate::host::{self, Host, Shared};
use crate::memory;
use crate::rewrite::Shape;
use crate::snapshot::Snapshot;
use crate::text::{self, Term, Terms, ValueText};

/// What becomes of a module that calls builtins which nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingBuiltins {
    /// It is refused, and all of them are named.
    #[default]
    Refuse,
    /// A call of one ends the evaluation.
    Trap,
}

/// A policy without data. A clone is another handle on the same.
#[derive(Clone)]
pub struct PolicyModule {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) host: Arc<Shared>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) requirements: Arc<[Requirement]>,
    loader: Module,
    exports: Arc<Exports>,
    digest: [u8; 32],
    version: AbiVersion,
    entrypoints: Vec<Entrypoint>,
}

/// A guest that is being loaded.
pub(crate) struct Loading {
    pub(crate) store: Store<Guest>,
    pub(crate) instance: wasmtime::Instance,
}

impl Host {
    /// Reads and starts a module; `available` tells which builtins somebody answers.
    ///
    /// # Errors
    /// [`LoadError`] for what is no policy of ABI 1.x, and for builtins that are missing.
    pub fn load(&self, wasm: &[u8], available: impl Fn(&str) -> bool, missing: MissingBuiltins) -> Result<PolicyModule, LoadError> {
        let own_memory = Shape::read(wasm, &self.shared.limits)?.with_own_memory();
        let loader = Module::new(&self.shared.loader, own_memory).map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        let exports = Arc::new(Exports::find(&loader)?);
        let digest = Sha256::digest(wasm).into();
        let (requirements, version, entrypoints) = (Arc::from([]), AbiVersion { major: 1, minor: 0 }, Vec::new());
        let host = Arc::clone(&self.shared);
        let mut inner = Inner { host, bytes: wasm.to_vec(), requirements, loader, exports, digest, version, entrypoints };
        inner.declared(&available)?;
        let absent: Vec<String> = inner.requirements.iter().filter(|needed| !needed.available).map(|needed| needed.name.clone()).collect();
        if missing == MissingBuiltins::Refuse && !absent.is_empty() {
            return Err(LoadError::MissingBuiltins(absent));
        }
        Ok(PolicyModule { inner: Arc::new(inner) })
    }
}

impl Inner {
    /// Starts the module and lets it say what it is.
    fn declared(&mut self, available: &dyn Fn(&str) -> bool) -> Result<(), LoadError> {
        let running = self.host.ticker.run();
        let mut loading = self.start().map_err(LoadError::Start)?;
        self.version = AbiVersion { major: loading.number(export::MAJOR)?, minor: loading.number(export::MINOR).unwrap_or(0) }.check()?;
        let entrypoints = loading.declaration(export::ENTRYPOINTS, &self.exports)?;
        let builtins = loading.declaration(export::BUILTINS, &self.exports)?;
        drop(running);
        self.entrypoints = entrypoints.into_iter().map(|(path, id)| Entrypoint { path, id }).collect();
        self.entrypoints.sort_by(|one, other| one.path.cmp(&other.path));
        let mut requirements: Vec<Requirement> = Vec::with_capacity(builtins.len());
        requirements.extend(builtins.into_iter().map(|(name, id)| Requirement { available: available(&name), name, id }));
        requirements.sort_by_key(|needed| needed.id);
        self.requirements = requirements.into();
        Ok(())
    }

    /// A started guest with no data.
    pub(crate) fn start(&self) -> Result<Loading, EvalError> {
        let deadline = Instant::now() + self.host.limits.load_time;
        let known = (Arc::clone(&self.requirements), Arc::clone(&self.exports));
        let mut store = host::store(&self.host.loader, Guest::new(Arc::clone(&self.host.limits), known, deadline));
        match self.host.loader_linker.instantiate(&mut store, &self.loader) {
            Ok(instance) => {
                store.data_mut().instance = Some(instance);
                Ok(Loading { store, instance })
            }
            Err(error) => Err(store.data_mut().explain(&error)),
        }
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }
}

impl Loading {
    /// Calls a function of the guest.
    pub(crate) fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(
        &mut self,
        function: &wasmtime::ModuleExport,
        operands: P,
    ) -> Result<R, EvalError> {
        let function: TypedFunc<P, R> = exports::function(&mut self.store, &self.instance, function)?;
        function.call(&mut self.store, operands).map_err(|error| self.store.data_mut().explain(&error))
    }

    fn number(&mut self, name: &'static str) -> Result<i32, LoadError> {
        let global = self.instance.get_global(&mut self.store, name);
        let number = global.and_then(|global| global.get(&mut self.store).i32());
        number.ok_or(LoadError::MissingExport(name))
    }

    /// The object of names and numbers that an export gives.
    fn declaration(&mut self, name: &'static str, exports: &Exports) -> Result<Vec<(String, i32)>, LoadError> {
        let unreadable = |why: String| LoadError::Declaration { what: name, why };
        let function = self.instance.get_typed_func::<(), i32>(&mut self.store, name).map_err(|_| LoadError::MissingExport(name))?;
        let object = function.call(&mut self.store, ()).map_err(|error| LoadError::Start(self.store.data_mut().explain(&error)))?;
        let address = self.call(&exports.dump, object).map_err(LoadError::Start)?;
        let (limit, depth) = (self.store.data().limits.text_bytes, self.store.data().limits.depth);
        let memory = exports::memory(&mut self.store, &self.instance, &exports.memory).map_err(LoadError::Start)?;
        let text = memory::text(memory.data(self.store.as_context_mut()), address, ("a declaration", limit)).map_err(LoadError::Start)?;
        let read = text::read(text, depth, &mut Terms).map_err(|error| unreadable(error.to_string()))?;
        let members = read.members().ok_or_else(|| unreadable("it is no object of names".to_owned()))?;
        let number = |(name, value): (String, Term)| match value {
            Term::Number(text) => text.parse().ok().map(|id| (name, id)),
            _ => None,
        };
        members.into_iter().map(number).collect::<Option<_>>().ok_or_else(|| unreadable("a value is no number".to_owned()))
    }
}

impl PolicyModule {
    /// The module with a data document: an object, in value text or JSON.
    ///
    /// # Errors
    /// [`LoadError::Data`] where the module cannot read it, or it needs more than an instance may have.
    pub fn with_data(&self, data: &ValueText<'_>) -> Result<Snapshot, LoadError> {
        Snapshot::take(&self.inner, data)
    }

    /// The ABI that the module declares.
    #[must_use]
    pub fn version(&self) -> AbiVersion {
        self.inner.version
    }

    /// What the module can be asked for, sorted by path.
    #[must_use]
    pub fn entrypoints(&self) -> &[Entrypoint] {
        &self.inner.entrypoints
    }

    /// The builtins that the module calls. [`crate::Builtins::call`] is given their index.
    #[must_use]
    pub fn builtins(&self) -> &[Requirement] {
        &self.inner.requirements
    }

    /// SHA-256 of the module as it was given.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.inner.digest
    }
}

impl std::fmt::Debug for PolicyModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PolicyModule")
            .field("version", &self.inner.version)
            .field("entrypoints", &self.inner.entrypoints)
            .finish_non_exhaustive()
    }
}
