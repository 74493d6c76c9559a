//! Runs policies that OPA compiled to WebAssembly (`opa build -t wasm`), each evaluation in a fresh sandbox.
//!
//! ```text
//! Host ──► PolicyModule ──► Snapshot ──► Instance ──► Decision
//!  engine   code, builtins   + data       one guest    value text
//! ```
//!
//! A [`Host`] holds the engine and its bounds. [`Host::load`] reads a module of ABI 1.0 to 1.x, gives it a memory of its own
//! and says at once which builtins it needs. [`PolicyModule::with_data`] runs its start function and parses the data
//! document once, and keeps the memory as it then is. Every [`Instance`] begins with a private copy-on-write view of that
//! memory, so evaluations share nothing, and one that traps leaves nothing behind.
//!
//! Values cross the boundary as *value text*, OPA's own notation: JSON, with sets (`{1, 2}`, `set()`) and keys of any type.
//! [`text`] reads and writes it. The crate knows no particular builtin: see [`Builtins`].
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//! use vidimus_wasm_host::text::{Terms, ValueText};
//! use vidimus_wasm_host::{Host, HostConfig, MissingBuiltins, NoBuiltins};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::new(HostConfig::default())?;
//! let module = host.load(&std::fs::read("policy.wasm")?, |_| false, MissingBuiltins::Refuse)?;
//! let policy = module.with_data(&ValueText::new(r#"{"roles": {"ann": ["reader"]}}"#, 64)?)?;
//! let input = ValueText::new(r#"{"user": "ann"}"#, 64)?;
//! for entrypoint in module.entrypoints() {
//!     let deadline = Instant::now() + Duration::from_secs(1);
//!     let decision = policy.evaluate(entrypoint.id, Some(&input), Box::new(NoBuiltins), deadline)?;
//!     println!("{}: {:?}", entrypoint.path, decision.read(&mut Terms)?);
//! }
//! # Ok(())
//! # }
//! ```

mod abi;
mod cache;
mod error;
mod exports;
mod guest;
mod host;
mod imports;
mod instance;
mod limits;
mod memory;
mod policy;
mod rewrite;
mod slots;
mod snapshot;
pub mod text;
mod ticker;

pub use abi::{AbiVersion, Entrypoint, Requirement};
pub use cache::{CacheDirectory, CacheError};
pub use error::{EvalError, HostError, LoadError};
pub use guest::{BuiltinError, Builtins, NoBuiltins};
pub use host::{Host, HostConfig};
pub use instance::{Asking, Decision, Instance};
pub use limits::Limits;
pub use policy::{MissingBuiltins, PolicyModule};
pub use snapshot::Snapshot;
