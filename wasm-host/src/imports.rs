//! What a guest may call: `opa_abort`, `opa_println`, `opa_builtin0` to `opa_builtin4`. Nothing else is linked.

use wasmtime::{Caller, Linker, Memory, TypedFunc};

use crate::abi::{ABORT, BUILTIN_IMPORTS, ENV, PRINT};
use crate::error::EvalError;
use crate::exports::{self, Exports};
use crate::guest::Guest;
use crate::memory;

type Call = Result<i32, wasmtime::Error>;

/// Defines every import of the ABI.
pub(crate) fn define(linker: &mut Linker<Guest>) -> Result<(), wasmtime::Error> {
    linker.func_wrap(ENV, ABORT, abort)?;
    linker.func_wrap(ENV, PRINT, print)?;
    let [none, one, two, three, four] = BUILTIN_IMPORTS;
    linker.func_wrap(ENV, none, |guest: Caller<'_, Guest>, id: i32, _: i32| -> Call { call(guest, id, &[]) })?;
    linker.func_wrap(ENV, one, |guest: Caller<'_, Guest>, id: i32, _: i32, a: i32| -> Call { call(guest, id, &[a]) })?;
    linker.func_wrap(ENV, two, |guest: Caller<'_, Guest>, id: i32, _: i32, a: i32, b: i32| -> Call { call(guest, id, &[a, b]) })?;
    linker.func_wrap(ENV, three, |guest: Caller<'_, Guest>, id: i32, _: i32, a: i32, b: i32, c: i32| -> Call {
        call(guest, id, &[a, b, c])
    })?;
    linker.func_wrap(ENV, four, |guest: Caller<'_, Guest>, id: i32, _: i32, a: i32, b: i32, c: i32, d: i32| -> Call {
        call(guest, id, &[a, b, c, d])
    })?;
    Ok(())
}

fn abort(mut guest: Caller<'_, Guest>, address: i32) -> Result<(), wasmtime::Error> {
    let message = said(&mut guest, address).unwrap_or_else(|error| format!("aborted, with {error}"));
    Err(guest.data_mut().fail(EvalError::Abort(message)))
}

fn print(mut guest: Caller<'_, Guest>, address: i32) -> Result<(), wasmtime::Error> {
    match said(&mut guest, address) {
        Ok(line) => {
            guest.data_mut().builtins.print(&line);
            Ok(())
        }
        Err(error) => Err(guest.data_mut().fail(error)),
    }
}

/// A message of the guest. It may come from the start function, when there is no instance yet.
fn said(guest: &mut Caller<'_, Guest>, address: i32) -> Result<String, EvalError> {
    let place = guest.data().exports.memory;
    let memory = guest.get_module_export(&place).and_then(wasmtime::Extern::into_memory);
    let memory = memory.ok_or_else(|| EvalError::Malformed { what: "a message", why: "there is no memory".to_owned() })?;
    let limit = guest.data().limits.text_bytes;
    memory::text(memory.data(&*guest), address, ("a message", limit)).map(str::to_owned)
}

fn call(mut guest: Caller<'_, Guest>, id: i32, operands: &[i32]) -> Call {
    let entered = match enter(guest.data_mut(), id) {
        Ok(builtin) => Boundary::of(&mut guest).map(|boundary| (builtin, boundary)),
        Err(error) => Err(error),
    };
    let answered = match entered {
        Ok((builtin, boundary)) => answer(&mut guest, &boundary, (builtin, operands)),
        Err(error) => Err(guest.data_mut().fail(error)),
    };
    guest.data_mut().handing_over = false;
    answered
}

/// The index of the builtin that the guest calls by `id`.
fn enter(guest: &mut Guest, id: i32) -> Result<usize, EvalError> {
    if std::mem::replace(&mut guest.handing_over, true) {
        return Err(EvalError::Reentrant);
    }
    let builtin = guest.requirements.binary_search_by_key(&id, |requirement| requirement.id);
    let builtin = builtin.map_err(|_| EvalError::UnknownBuiltin(id))?;
    match guest.requirements.get(builtin) {
        Some(requirement) if !requirement.available => Err(EvalError::MissingBuiltin(requirement.name.clone())),
        _ => Ok(builtin),
    }
}

/// The functions by which values are handed over.
struct Boundary {
    memory: Memory,
    malloc: TypedFunc<i32, i32>,
    free: TypedFunc<i32, ()>,
    parse: TypedFunc<(i32, i32), i32>,
    dump: TypedFunc<i32, i32>,
}

impl Boundary {
    fn of(guest: &mut Caller<'_, Guest>) -> Result<Self, EvalError> {
        let Some(instance) = guest.data().instance else { return Err(EvalError::Reentrant) };
        let exports = std::sync::Arc::clone(&guest.data().exports);
        let Exports { memory, malloc, free, parse, dump, .. } = &*exports;
        Ok(Self {
            memory: exports::memory(&mut *guest, &instance, memory)?,
            malloc: exports::function(&mut *guest, &instance, malloc)?,
            free: exports::function(&mut *guest, &instance, free)?,
            parse: exports::function(&mut *guest, &instance, parse)?,
            dump: exports::function(&mut *guest, &instance, dump)?,
        })
    }
}

/// Operands out, the answer in. What was allocated for them is freed: a policy may call a builtin a million times.
fn answer(guest: &mut Caller<'_, Guest>, boundary: &Boundary, (builtin, operands): (usize, &[i32])) -> Call {
    let mut dumped = [0; 4];
    for (slot, operand) in dumped.iter_mut().zip(operands) {
        *slot = boundary.dump.call(&mut *guest, *operand)?;
    }
    let dumped = dumped.get(..operands.len()).unwrap_or_default();
    let answer = ask(guest, boundary.memory, (builtin, dumped));
    let answer = answer.map_err(|error| guest.data_mut().fail(error))?;
    for address in dumped {
        boundary.free.call(&mut *guest, *address)?;
    }
    let Some(text) = answer else { return Ok(0) };
    let address = hand_over(guest, boundary, &text)?;
    if address == 0 { Err(guest.data_mut().fail(EvalError::Unreadable("the answer of a builtin"))) } else { Ok(address) }
}

/// Calls the builtin with the texts at these addresses.
fn ask(guest: &mut Caller<'_, Guest>, memory: Memory, (builtin, addresses): (usize, &[i32])) -> Result<Option<String>, EvalError> {
    let (bytes, guest) = memory.data_and_store_mut(guest);
    let mut left = guest.limits.text_bytes;
    let mut operands = [""; 4];
    for (operand, address) in operands.iter_mut().zip(addresses) {
        *operand = memory::text(bytes, *address, ("an operand", left))?;
        left -= operand.len();
    }
    let operands = operands.get(..addresses.len()).unwrap_or_default();
    guest.builtins.call(builtin, operands).map_err(|error| EvalError::Builtin(error.0))
}

fn hand_over(guest: &mut Caller<'_, Guest>, boundary: &Boundary, text: &str) -> Call {
    let too_large = || EvalError::TooLarge { what: "the answer of a builtin", limit: i32::MAX.cast_unsigned() as usize };
    let Ok(length) = i32::try_from(text.len()) else { return Err(guest.data_mut().fail(too_large())) };
    let buffer = boundary.malloc.call(&mut *guest, length)?;
    let written = memory::write(&mut *guest, boundary.memory, (buffer, text.as_bytes()));
    written.map_err(|error| guest.data_mut().fail(error))?;
    let value = boundary.parse.call(&mut *guest, (buffer, length))?;
    boundary.free.call(&mut *guest, buffer)?;
    Ok(value)
}
