//! `Exports`: the functions of the ABI in a compiled module, found once and looked up by number in each instance.

use wasmtime::{AsContextMut, Instance, Memory, Module, ModuleExport, TypedFunc, WasmParams, WasmResults};

use crate::abi::export;
use crate::error::{EvalError, LoadError};

/// Where the exports of a module are.
#[derive(Clone)]
pub(crate) struct Exports {
    pub(crate) memory: ModuleExport,
    pub(crate) malloc: ModuleExport,
    pub(crate) free: ModuleExport,
    pub(crate) parse: ModuleExport,
    pub(crate) dump: ModuleExport,
    pub(crate) heap: ModuleExport,
    pub(crate) set_heap: ModuleExport,
    /// `opa_eval`, since ABI 1.2; without it there is `context`.
    pub(crate) one_call: Option<ModuleExport>,
    /// New, input, data, entrypoint, eval, result.
    pub(crate) context: Option<[ModuleExport; 6]>,
}

impl Exports {
    pub(crate) fn find(module: &Module) -> Result<Self, LoadError> {
        let find = |name: &'static str| module.get_export_index(name).ok_or(LoadError::MissingExport(name));
        let context = || -> Result<_, LoadError> {
            Ok([
                find(export::CONTEXT)?,
                find(export::SET_INPUT)?,
                find(export::SET_DATA)?,
                find(export::SET_ENTRYPOINT)?,
                find(export::EVAL)?,
                find(export::RESULT)?,
            ])
        };
        let one_call = find(export::ONE_CALL).ok();
        let context: Option<_> = if one_call.is_some() { context().ok() } else { Some(context()?) };
        Ok(Self {
            memory: find(export::MEMORY)?,
            malloc: find(export::MALLOC)?,
            free: find(export::FREE)?,
            parse: find(export::PARSE)?,
            dump: find(export::DUMP)?,
            heap: find(export::HEAP)?,
            set_heap: find(export::SET_HEAP)?,
            one_call,
            context,
        })
    }
}

/// The memory of an instance.
pub(crate) fn memory(mut store: impl AsContextMut, instance: &Instance, place: &ModuleExport) -> Result<Memory, EvalError> {
    let found = instance.get_module_export(store.as_context_mut(), place);
    found.and_then(wasmtime::Extern::into_memory).ok_or_else(|| other_type("memory"))
}

/// A function of an instance, which must be of this type.
pub(crate) fn function<P: WasmParams, R: WasmResults>(
    mut store: impl AsContextMut,
    instance: &Instance,
    place: &ModuleExport,
) -> Result<TypedFunc<P, R>, EvalError> {
    let found = instance.get_module_export(store.as_context_mut(), place).and_then(wasmtime::Extern::into_func);
    let found = found.ok_or_else(|| other_type("a function"))?;
    found.typed(store.as_context_mut()).map_err(|_| other_type("a function"))
}

fn other_type(what: &'static str) -> EvalError {
    EvalError::Malformed { what, why: "an export of another type than the ABI gives it".to_owned() }
}
