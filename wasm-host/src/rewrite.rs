//! Rewriting of modules: a memory of their own in place of the imported one, and a module that begins where another stands.
//!
//! OPA's modules import their memory, which keeps an engine from preparing it. Without the import, and with the memory as
//! it is after the start function and after the data was parsed, an instance begins as a copy-on-write view of that image.

mod read;
mod write;

pub(crate) use read::Shape;
pub(crate) use write::Image;

/// Names under which all globals are exported, so that an image can hold their values.
fn global_name(number: u32) -> String {
    format!("vidimus:global:{number}")
}
