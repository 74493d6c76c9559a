//! `Limits`: how much of everything a guest may use.

use std::time::Duration;

/// Bytes of a page of guest memory.
pub(crate) const PAGE: usize = 65_536;

/// Bounds of guests. Each of them ends an evaluation, or refuses a module, with an error of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a module that is loaded.
    pub module_bytes: usize,
    /// Bytes of memory of one instance.
    pub memory_bytes: usize,
    /// Elements of the table of one instance.
    pub table_elements: usize,
    /// Bytes of stack that guest code may use; the thread that evaluates needs as much and half a megabyte more.
    pub stack_bytes: usize,
    /// Bytes of one text that is read from a guest: a result, the operands of one call, a message.
    pub text_bytes: usize,
    /// Nesting of values that are read from a guest.
    pub depth: usize,
    /// Instances that exist at once; further ones wait for these.
    pub instances: u32,
    /// Time for the start function, and for the parsing of data.
    pub load_time: Duration,
}

impl Limits {
    /// Bytes of a module that is loaded where nothing else is said: 64 MiB. Who reads modules from files need not read more.
    pub const MODULE_BYTES: usize = 64 << 20;
}

impl Default for Limits {
    /// What real policies need, with room: 64 MiB of module, 256 MiB of memory, 1 MiB of stack.
    fn default() -> Self {
        Self {
            module_bytes: Self::MODULE_BYTES,
            memory_bytes: 256 << 20,
            table_elements: 100_000,
            stack_bytes: 1 << 20,
            text_bytes: 64 << 20,
            depth: 512,
            instances: 128,
            load_time: Duration::from_mins(1),
        }
    }
}
