//! `Instance`: one guest. It evaluates as often as it is asked to, until the first thing that goes wrong.

use std::time::Instant;

use wasmtime::{AsContextMut, Memory, ModuleExport, Store, TypedFunc, WasmParams, WasmResults};

use crate::error::EvalError;
use crate::exports::{self, Way};
use crate::guest::Guest;
use crate::memory;
use crate::slots::Slot;
use crate::snapshot::Snapshot;
use crate::text::{self, Build, ValueText};

/// Where an evaluation begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// Address of the data.
    pub(crate) data: i32,
    /// First address that the data leaves free.
    pub(crate) heap: i32,
}

/// A guest with a memory of its own. Not to be shared among threads.
pub struct Instance {
    // INVARIANT: before the slot, so that the store is gone when the next one takes its place.
    store: Store<Guest>,
    guest: wasmtime::Instance,
    snapshot: Snapshot,
    spent: bool,
    _slot: Slot,
}

/// What a policy decided: a result set in value text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    text: String,
    depth: usize,
}

/// The format of results that keeps sets and keys of any type.
const VALUE_FORMAT: i32 = 1;

impl Instance {
    pub(crate) fn new((store, guest): (Store<Guest>, wasmtime::Instance), snapshot: Snapshot, slot: Slot) -> Self {
        Self { store, guest, snapshot, spent: false, _slot: slot }
    }

    /// Evaluates an entrypoint. `None` is an input that is undefined.
    ///
    /// What the evaluation before left in memory is overwritten, not cleared: use a fresh instance where policies are not trusted.
    ///
    /// # Errors
    /// [`EvalError`]; the instance then fails for ever, since a guest that was stopped is in no known state.
    pub fn evaluate(&mut self, entrypoint: i32, input: Option<&ValueText<'_>>, deadline: Instant) -> Result<Decision, EvalError> {
        if !self.snapshot.module().entrypoints().iter().any(|known| known.id == entrypoint) {
            return Err(EvalError::Entrypoint(entrypoint));
        }
        if std::mem::replace(&mut self.spent, true) {
            return Err(EvalError::Spent);
        }
        if Instant::now() >= deadline {
            return Err(EvalError::Deadline);
        }
        self.store.data_mut().deadline = deadline;
        let running = self.snapshot.host().ticker.run();
        let address = self.ask(entrypoint, input.map(ValueText::as_str))?;
        drop(running);
        let limits = std::sync::Arc::clone(&self.snapshot.host().limits);
        let text = memory::text(self.memory()?.data(&self.store), address, ("the result", limits.text_bytes))?.to_owned();
        self.spent = false;
        Ok(Decision { text, depth: limits.depth })
    }

    /// Bytes of memory that the guest has.
    #[must_use]
    pub fn memory_bytes(&mut self) -> usize {
        self.memory().map_or(0, |memory| memory.data_size(&self.store))
    }

    fn memory(&mut self) -> Result<Memory, EvalError> {
        exports::memory(&mut self.store, &self.guest, &self.snapshot.exports().memory)
    }

    /// The address of the result's text.
    fn ask(&mut self, entrypoint: i32, input: Option<&str>) -> Result<i32, EvalError> {
        let snapshot = self.snapshot.clone();
        match &snapshot.exports().way {
            Way::OneCall(eval) => self.one_call(eval, entrypoint, input.unwrap_or_default()),
            Way::Context(functions) => self.context(functions, entrypoint, input),
        }
    }

    fn one_call(&mut self, eval: &ModuleExport, entrypoint: i32, input: &str) -> Result<i32, EvalError> {
        let Start { data, heap } = self.snapshot.start();
        let (memory, too_large) = (self.memory()?, |_| EvalError::Memory);
        let place = usize::try_from(heap.cast_unsigned()).map_err(too_large)?;
        // Values are aligned to eight bytes.
        let free = place.saturating_add(input.len()).next_multiple_of(8);
        memory::reserve(self.store.as_context_mut(), memory, free)?;
        memory::write(&mut self.store, memory, (heap, input.as_bytes()))?;
        let length = i32::try_from(input.len()).map_err(too_large)?;
        let free = u32::try_from(free).map_err(too_large)?.cast_signed();
        let address = if length == 0 { 0 } else { heap };
        self.call(eval, (0, entrypoint, data, address, length, free, VALUE_FORMAT))
    }

    fn context(&mut self, functions: &[ModuleExport; 6], entrypoint: i32, input: Option<&str>) -> Result<i32, EvalError> {
        let snapshot = self.snapshot.clone();
        let (exports, Start { data, heap }) = (snapshot.exports(), snapshot.start());
        let [context, set_input, set_data, set_entrypoint, eval, result] = functions;
        let () = self.call(&exports.set_heap, heap)?;
        let input = input.map(|text| self.parse(text)).transpose()?;
        let context: i32 = self.call(context, ())?;
        if let Some(input) = input {
            let () = self.call(set_input, (context, input))?;
        }
        let () = self.call(set_data, (context, data))?;
        let () = self.call(set_entrypoint, (context, entrypoint))?;
        let _: i32 = self.call(eval, context)?;
        let result: i32 = self.call(result, context)?;
        self.call(&exports.dump, result)
    }

    fn parse(&mut self, text: &str) -> Result<i32, EvalError> {
        let snapshot = self.snapshot.clone();
        let length = i32::try_from(text.len()).map_err(|_| EvalError::Memory)?;
        let buffer: i32 = self.call(&snapshot.exports().malloc, length)?;
        let memory = self.memory()?;
        memory::write(&mut self.store, memory, (buffer, text.as_bytes()))?;
        match self.call(&snapshot.exports().parse, (buffer, length))? {
            0 => Err(EvalError::Unreadable("the input")),
            input => Ok(input),
        }
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, function: &ModuleExport, operands: P) -> Result<R, EvalError> {
        let function: TypedFunc<P, R> = exports::function(&mut self.store, &self.guest, function)?;
        function.call(&mut self.store, operands).map_err(|error| self.store.data_mut().explain(&error))
    }
}

impl Decision {
    /// The result set as the guest wrote it: `set()`, or a set of one object whose member `result` is the value.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The results, read into values of the caller's: a set or an array of objects with a member `result`; empty where the
    /// decision is undefined.
    ///
    /// # Errors
    /// [`EvalError::Malformed`] for a text that is no value.
    pub fn read<B: Build>(&self, build: &mut B) -> Result<B::Value, EvalError> {
        text::read(&self.text, self.depth, build).map_err(|error| EvalError::text("a result", &error))
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("snapshot", &self.snapshot).field("spent", &self.spent).finish_non_exhaustive()
    }
}
