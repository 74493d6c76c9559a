//! `Host`: the engine that guests run in, its bounds, and the thread that watches their deadlines.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, Linker, OptLevel, PoolingAllocationConfig, Store, UpdateDeadline,
};

use crate::cache::CacheDirectory;
use crate::error::{EvalError, HostError};
use crate::guest::Guest;
use crate::imports;
use crate::limits::Limits;
use crate::slots::Slots;
use crate::ticker::Ticker;

/// Memory and tables of this size stay mapped between instances: clearing them is cheaper than mapping them anew.
const KEEP_RESIDENT: usize = 512 << 10;
/// Bytes that an instance's own records may take; they grow with a module's functions.
const INSTANCE_BYTES: usize = 16 << 20;

/// What a host is made of.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// How much guests may use.
    pub limits: Limits,
    /// Where compiled code is kept, if anywhere.
    pub cache: Option<CacheDirectory>,
}

/// Where policies are loaded. A clone is another handle on the same.
#[derive(Clone)]
pub struct Host {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// Runs evaluations: a pool of memories, code made for speed.
    pub(crate) engine: Engine,
    /// Runs start functions and the parsing of data: code made quickly.
    pub(crate) loader: Engine,
    pub(crate) linker: Linker<Guest>,
    pub(crate) loader_linker: Linker<Guest>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) ticker: Ticker,
    cache: Option<Cache>,
}

impl Host {
    /// A host that holds no module yet.
    ///
    /// # Errors
    /// [`HostError`] where the sandbox or its thread cannot be set up.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        let HostConfig { limits, cache } = config;
        let sandbox = |error: wasmtime::Error| HostError::Sandbox(format!("{error:#}"));
        let cache = cache.map(|directory| open(&directory)).transpose().map_err(sandbox)?;
        let engine = engine(&limits, cache.clone()).map_err(sandbox)?;
        let mut quick = base(&limits, cache.clone());
        quick.cranelift_opt_level(OptLevel::None);
        let loader = Engine::new(&quick).map_err(sandbox)?;
        let ticker = Ticker::start([engine.clone(), loader.clone()]).map_err(HostError::Thread)?;
        let (mut linker, mut loader_linker) = (Linker::new(&engine), Linker::new(&loader));
        imports::define(&mut linker).map_err(sandbox)?;
        imports::define(&mut loader_linker).map_err(sandbox)?;
        let slots = Slots::new(limits.instances);
        let shared = Shared { engine, loader, linker, loader_linker, limits: Arc::new(limits), slots, ticker, cache };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The bounds of guests.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// How often compiled code was found in the cache, and how often it was not; nothing without a cache.
    #[must_use]
    pub fn cache_use(&self) -> Option<(usize, usize)> {
        self.shared.cache.as_ref().map(|cache| (cache.cache_hits(), cache.cache_misses()))
    }
}

/// A store whose guest is stopped at its deadline, start functions included.
pub(crate) fn store(engine: &Engine, guest: Guest) -> Store<Guest> {
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.meter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        if Instant::now() < context.data().deadline {
            Ok(UpdateDeadline::Continue(1))
        } else {
            Err(context.data_mut().fail(EvalError::Deadline))
        }
    });
    store
}

fn open(directory: &CacheDirectory) -> Result<Cache, wasmtime::Error> {
    let mut config = CacheConfig::new();
    config.with_directory(directory.path());
    Cache::new(config)
}

/// What both engines share. Threads, garbage collection, components and WASI are not even compiled in.
fn base(limits: &Limits, cache: Option<Cache>) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.max_wasm_stack(limits.stack_bytes);
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    config.wasm_relaxed_simd(false);
    config.wasm_memory64(false);
    config.wasm_multi_memory(false);
    config.wasm_tail_call(false);
    config.cache(cache);
    config
}

/// With a pool where address space allows it, else without.
fn engine(limits: &Limits, cache: Option<Cache>) -> Result<Engine, wasmtime::Error> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(limits.instances.max(1));
    pool.total_memories(limits.instances.max(1));
    pool.total_tables(limits.instances.max(1));
    pool.max_memory_size(limits.memory_bytes);
    pool.table_elements(limits.table_elements);
    pool.max_core_instance_size(INSTANCE_BYTES);
    pool.linear_memory_keep_resident(KEEP_RESIDENT);
    pool.table_keep_resident(KEEP_RESIDENT);
    let mut config = base(limits, cache.clone());
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).or_else(|_| Engine::new(&base(limits, cache)))
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
