//! `Snapshot`: a module and a data document, as they are when the document has been parsed: where every instance begins.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{InstancePre, Module};

use crate::error::{EvalError, LoadError};
use crate::exports::{self, Exports};
use crate::guest::{Builtins, Guest};
use crate::host::{self, Shared};
use crate::instance::{Decision, Instance, Start};
use crate::memory;
use crate::policy::{Inner, Loading, PolicyModule};
use crate::rewrite::{Image, Shape};
use crate::text::ValueText;

/// A policy that can be evaluated. A clone is another handle on the same.
#[derive(Clone)]
pub struct Snapshot {
    module: PolicyModule,
    prepared: InstancePre<Guest>,
    exports: Arc<Exports>,
    start: Start,
}

impl Snapshot {
    pub(crate) fn take(inner: &Arc<Inner>, data: &ValueText<'_>) -> Result<Self, LoadError> {
        let host = &inner.host;
        let shape = Shape::read_again(&inner.bytes, &host.limits)?;
        let running = host.ticker.run();
        let mut loading = inner.start().map_err(LoadError::Start)?;
        let start = parse(&mut loading, inner.exports(), data).map_err(LoadError::Data)?;
        drop(running);
        let image = Image::of(&mut loading.store, &loading.instance, &shape).ok_or(LoadError::MissingExport("memory"))?;
        drop(loading);
        let compile = |error: wasmtime::Error| LoadError::Compile(format!("{error:#}"));
        let module = Module::new(&host.engine, shape.with_image(&image)).map_err(compile)?;
        let exports = Arc::new(Exports::find(&module)?);
        let prepared = host.linker.instantiate_pre(&module).map_err(compile)?;
        Ok(Self { module: PolicyModule { inner: Arc::clone(inner) }, prepared, exports, start })
    }

    /// A fresh instance, which nothing has touched; waits for a place where too many exist.
    ///
    /// # Errors
    /// [`EvalError::Deadline`] where there is no place until then, and whatever keeps it from being set up.
    pub fn instance(&self, builtins: Box<dyn Builtins>, deadline: Instant) -> Result<Instance, EvalError> {
        let host = self.host();
        let slot = host.slots.take(deadline)?;
        let known = (Arc::clone(&self.module.inner.requirements), Arc::clone(&self.exports));
        let mut store = host::store(&host.engine, Guest::new(Arc::clone(&host.limits), known, deadline));
        match self.prepared.instantiate(&mut store) {
            Ok(instance) => {
                store.data_mut().instance = Some(instance);
                store.data_mut().builtins = builtins;
                Ok(Instance::new((store, instance), self.clone(), slot))
            }
            Err(error) => Err(store.data_mut().explain(&error)),
        }
    }

    /// Evaluates once, in an instance of its own.
    ///
    /// # Errors
    /// As [`Snapshot::instance`] and [`Instance::evaluate`].
    #[expect(clippy::too_many_arguments, reason = "what, with what, answered by whom, until when")]
    pub fn evaluate(
        &self,
        entrypoint: i32,
        input: Option<&ValueText<'_>>,
        builtins: Box<dyn Builtins>,
        deadline: Instant,
    ) -> Result<Decision, EvalError> {
        self.instance(builtins, deadline)?.evaluate(entrypoint, input, deadline)
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &PolicyModule {
        &self.module
    }

    pub(crate) fn host(&self) -> &Shared {
        &self.module.inner.host
    }

    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }

    pub(crate) fn start(&self) -> Start {
        self.start
    }
}

/// Parses the data; tells where it is, and where evaluations may begin to write.
fn parse(loading: &mut Loading, exports: &Exports, data: &ValueText<'_>) -> Result<Start, EvalError> {
    let text = data.as_str().as_bytes();
    let length = i32::try_from(text.len()).map_err(|_| EvalError::Memory)?;
    let buffer: i32 = loading.call(&exports.malloc, length)?;
    let memory = exports::memory(&mut loading.store, &loading.instance, &exports.memory)?;
    memory::write(&mut loading.store, memory, (buffer, text))?;
    let data: i32 = loading.call(&exports.parse, (buffer, length))?;
    if data == 0 {
        return Err(EvalError::Unreadable("the data"));
    }
    let () = loading.call(&exports.free, buffer)?;
    let heap: i32 = loading.call(&exports.heap, ())?;
    Ok(Start { data, heap })
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("module", &self.module).finish_non_exhaustive()
    }
}
