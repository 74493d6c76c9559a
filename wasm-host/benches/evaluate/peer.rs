//! The way of other hosts, in as few words: memory imported, module linked and data parsed for each evaluation.

use wasmtime::{Caller, Engine, Instance, Linker, Memory, MemoryType, Module, Store};

/// A module and the text of its data.
pub(crate) struct Peer {
    engine: Engine,
    module: Module,
    data: String,
}

impl Peer {
    pub(crate) fn new(wasm: &[u8], data: String) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).expect("a module");
        Self { engine, module, data }
    }

    /// One evaluation.
    pub(crate) fn evaluate(&self, entrypoint: i32, input: &str) -> usize {
        let mut store = Store::new(&self.engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(2, None)).expect("memory");
        let linker = self.linker(&mut store, memory);
        let instance = linker.instantiate(&mut store, &self.module).expect("an instance");
        let data = parse(&mut store, &instance, (memory, &self.data));
        let place: i32 = call(&mut store, &instance, "opa_heap_ptr_get", ());
        let at = usize::try_from(place).expect("an address");
        let free = (at + input.len()).next_multiple_of(8);
        if memory.data_size(&store) < free {
            memory.grow(&mut store, 1).expect("memory");
        }
        memory.write(&mut store, at, input.as_bytes()).expect("room");
        let (length, free) = (i32::try_from(input.len()).expect("small"), i32::try_from(free).expect("small"));
        let result: i32 = call(&mut store, &instance, "opa_eval", (0, entrypoint, data, place, length, free, 0));
        let text = &memory.data(&store)[usize::try_from(result).expect("an address")..];
        text.iter().position(|byte| *byte == 0).expect("an end")
    }

    fn linker(&self, store: &mut Store<()>, memory: Memory) -> Linker<()> {
        let mut linker = Linker::new(&self.engine);
        linker.define(&mut *store, "env", "memory", memory).expect("new");
        linker.func_wrap("env", "opa_abort", |_: Caller<'_, ()>, _: i32| {}).expect("new");
        linker.func_wrap("env", "opa_println", |_: i32| {}).expect("new");
        linker.func_wrap("env", "opa_builtin0", |_: i32, _: i32| 0).expect("new");
        linker.func_wrap("env", "opa_builtin1", |_: i32, _: i32, _: i32| 0).expect("new");
        linker.func_wrap("env", "opa_builtin2", |_: i32, _: i32, _: i32, _: i32| 0).expect("new");
        linker.func_wrap("env", "opa_builtin3", |_: i32, _: i32, _: i32, _: i32, _: i32| 0).expect("new");
        linker.func_wrap("env", "opa_builtin4", |_: i32, _: i32, _: i32, _: i32, _: i32, _: i32| 0).expect("new");
        linker
    }
}

fn call<P: wasmtime::WasmParams, R: wasmtime::WasmResults>(store: &mut Store<()>, instance: &Instance, name: &str, operands: P) -> R {
    let function = instance.get_typed_func::<P, R>(&mut *store, name).expect("an export");
    function.call(store, operands).expect("an answer")
}

fn parse(store: &mut Store<()>, instance: &Instance, (memory, text): (Memory, &str)) -> i32 {
    let length = i32::try_from(text.len()).expect("small");
    let buffer: i32 = call(store, instance, "opa_malloc", length);
    memory.write(&mut *store, usize::try_from(buffer).expect("an address"), text.as_bytes()).expect("room");
    let data = call(store, instance, "opa_json_parse", (buffer, length));
    let () = call(store, instance, "opa_free", buffer);
    data
}
