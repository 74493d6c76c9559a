//! `Ticker`: the thread that lets running guests look at their deadlines, asleep while there are none.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wasmtime::Engine;

/// How often a guest looks at its deadline.
const TICK: Duration = Duration::from_millis(5);

/// Advances the epoch of engines while guests run.
#[derive(Debug)]
pub(crate) struct Ticker(Arc<State>);

#[derive(Debug, Default)]
struct State {
    running: AtomicUsize,
    closed: AtomicBool,
    gate: Mutex<()>,
    wake: Condvar,
}

/// A guest that runs, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Running(Arc<State>);

impl Ticker {
    pub(crate) fn start(engines: [Engine; 2]) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::Builder::new().name("wasm-deadlines".to_owned()).spawn(move || shared.tick(&engines))?;
        Ok(Self(state))
    }

    pub(crate) fn run(&self) -> Running {
        if self.0.running.fetch_add(1, Ordering::SeqCst) == 0 {
            let _gate = self.0.lock();
            self.0.wake.notify_one();
        }
        Running(Arc::clone(&self.0))
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self, engines: &[Engine]) {
        loop {
            let mut gate = self.lock();
            while self.running.load(Ordering::SeqCst) == 0 {
                if self.closed.load(Ordering::SeqCst) {
                    return;
                }
                gate = self.wake.wait(gate).unwrap_or_else(PoisonError::into_inner);
            }
            drop(gate);
            std::thread::sleep(TICK);
            engines.iter().for_each(Engine::increment_epoch);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::SeqCst);
        let _gate = self.0.lock();
        self.0.wake.notify_one();
    }
}
