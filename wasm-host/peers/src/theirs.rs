//! `opa-wasm`, as its users call it: a store, a memory, linking and the parsing of data for each instance.
//!
//! Input and data are texts that need no serialising, and no runtime wakes anybody: what is measured is their least.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use opa_wasm::wasmtime::{Config, Engine, InstanceAllocationStrategy, Module, PoolingAllocationConfig, Store};
use opa_wasm::{DefaultContext, Policy, Runtime};
use serde_json::Value;
use serde_json::value::RawValue;

/// An engine, a compiled module, and the data that each instance parses.
pub(crate) struct Theirs {
    engine: Engine,
    module: Module,
    data: Box<RawValue>,
    entrypoint: &'static str,
    input: Box<RawValue>,
}

/// An instance.
pub(crate) struct Kept {
    store: Store<()>,
    policy: Policy<DefaultContext>,
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

/// Nothing here waits: the first poll ends it.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("something waited"),
    }
}

/// An engine that takes instances and stacks from a pool.
pub(crate) fn pooled() -> Engine {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new()));
    Engine::new(&config).expect("an engine")
}

impl Theirs {
    pub(crate) fn new(engine: Engine, (wasm, data): (&[u8], &str), entrypoint: &'static str, input: &str) -> Self {
        let module = Module::new(&engine, wasm).expect("a module");
        Self { engine, module, data: raw(data), entrypoint, input: raw(input) }
    }

    /// From the bytes of a module to a policy that can be asked.
    pub(crate) fn load(&self, wasm: &[u8]) -> Kept {
        self.instance_of(&Module::new(&self.engine, wasm).expect("a module"))
    }

    pub(crate) fn instance(&self) -> Kept {
        self.instance_of(&self.module)
    }

    fn instance_of(&self, module: &Module) -> Kept {
        let mut store = Store::new(&self.engine, ());
        let policy = now(async {
            let runtime = Runtime::new(&mut store, module).await.expect("an instance");
            runtime.with_data(&mut store, &self.data).await.expect("data")
        });
        Kept { store, policy }
    }

    /// One evaluation in an instance of its own; the result is read.
    pub(crate) fn fresh(&self) -> Value {
        self.again(&mut self.instance())
    }

    /// One more evaluation in an instance; the result is read.
    pub(crate) fn again(&self, kept: &mut Kept) -> Value {
        now(kept.policy.evaluate(&mut kept.store, self.entrypoint, &self.input)).expect("a decision")
    }
}
