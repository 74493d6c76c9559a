//! `Instance`: one guest. It evaluates as often as it is asked to, until the first thing that goes wrong.

use std::time::Instant;

use wasmtime::{AsContextMut, Memory, ModuleExport, Store, TypedFunc, WasmParams, WasmResults};

use crate::error::EvalError;
use crate::exports;
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

/// An input that the guest has read, and where it may write while it decides.
#[derive(Debug, Clone, Copy)]
struct Read {
    input: Option<i32>,
    heap: i32,
}

/// An input that entrypoints are asked about, one after the other, in one instance.
#[derive(Debug)]
pub struct Asking<'a> {
    instance: &'a mut Instance,
    reading: Reading<'a>,
    deadline: Instant,
}

#[derive(Debug)]
enum Reading<'a> {
    Once(Read),
    /// By `opa_eval`, which reads it each time: modules may have nothing else.
    Each(Option<&'a ValueText<'a>>),
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
        self.known(entrypoint)?;
        self.guarded(deadline, |instance| {
            let address = instance.ask(entrypoint, input.map(ValueText::as_str))?;
            instance.decision(address)
        })
    }

    /// Lets the guest read an input once, to be asked about it by several entrypoints.
    ///
    /// # Errors
    /// As [`Instance::evaluate`].
    pub fn asking<'a>(&'a mut self, input: Option<&'a ValueText<'a>>, deadline: Instant) -> Result<Asking<'a>, EvalError> {
        let reading = match self.snapshot.exports().context {
            Some(_) => Reading::Once(self.guarded(deadline, |instance| instance.read(input.map(ValueText::as_str)))?),
            None => Reading::Each(input),
        };
        Ok(Asking { instance: self, reading, deadline })
    }

    fn known(&self, entrypoint: i32) -> Result<(), EvalError> {
        let known = self.snapshot.module().entrypoints().iter().any(|known| known.id == entrypoint);
        if known { Ok(()) } else { Err(EvalError::Entrypoint(entrypoint)) }
    }

    /// Runs the guest until the deadline. Whatever goes wrong is the last that it does.
    fn guarded<T>(&mut self, deadline: Instant, run: impl FnOnce(&mut Self) -> Result<T, EvalError>) -> Result<T, EvalError> {
        if std::mem::replace(&mut self.spent, true) {
            return Err(EvalError::Spent);
        }
        if Instant::now() >= deadline {
            return Err(EvalError::Deadline);
        }
        self.store.data_mut().deadline = deadline;
        // A handle of its own: the guest is lent to `run`.
        let snapshot = self.snapshot.clone();
        let running = snapshot.host().ticker.run();
        let outcome = run(self)?;
        drop(running);
        self.spent = false;
        Ok(outcome)
    }

    fn decision(&mut self, address: i32) -> Result<Decision, EvalError> {
        let limits = std::sync::Arc::clone(&self.snapshot.host().limits);
        let text = memory::text(self.memory()?.data(&self.store), address, ("the result", limits.text_bytes))?.to_owned();
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
        match &snapshot.exports().one_call {
            Some(eval) => self.one_call(eval, entrypoint, input.unwrap_or_default()),
            None => self.read(input).and_then(|read| self.decide(entrypoint, read)),
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

    /// Reads an input where evaluations begin to write, and lets them begin behind it.
    fn read(&mut self, input: Option<&str>) -> Result<Read, EvalError> {
        let snapshot = self.snapshot.clone();
        let exports = snapshot.exports();
        let () = self.call(&exports.set_heap, snapshot.start().heap)?;
        let input = input.map(|text| self.parse(text)).transpose()?;
        Ok(Read { input, heap: self.call(&exports.heap, ())? })
    }

    /// The address of the text of what an entrypoint says about an input that was read.
    fn decide(&mut self, entrypoint: i32, read: Read) -> Result<i32, EvalError> {
        let snapshot = self.snapshot.clone();
        let exports = snapshot.exports();
        let Some([context, set_input, set_data, set_entrypoint, eval, result]) = &exports.context else {
            return Err(EvalError::Malformed { what: "an export", why: "it is not there".to_owned() });
        };
        let () = self.call(&exports.set_heap, read.heap)?;
        let context: i32 = self.call(context, ())?;
        if let Some(input) = read.input {
            let () = self.call(set_input, (context, input))?;
        }
        let () = self.call(set_data, (context, snapshot.start().data))?;
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

impl Asking<'_> {
    /// Evaluates an entrypoint. What the one before left in memory is overwritten, not cleared.
    ///
    /// # Errors
    /// As [`Instance::evaluate`].
    pub fn evaluate(&mut self, entrypoint: i32) -> Result<Decision, EvalError> {
        match self.reading {
            Reading::Each(input) => self.instance.evaluate(entrypoint, input, self.deadline),
            Reading::Once(read) => {
                self.instance.known(entrypoint)?;
                self.instance.guarded(self.deadline, |instance| {
                    let address = instance.decide(entrypoint, read)?;
                    instance.decision(address)
                })
            }
        }
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
