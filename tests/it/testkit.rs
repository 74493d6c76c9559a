//! What integration tests are made of: an in-process registry, fixtures and their places.

pub(crate) mod forge;
pub(crate) mod gate;
pub(crate) mod registry;
pub(crate) mod signer;
pub(crate) mod site;
mod tls;
pub(crate) mod tuf;

use std::path::{Path, PathBuf};

pub(crate) use registry::{Bearer, Fault, Route, TestRegistry, Wrong};
pub(crate) use tls::Tls;

/// A file or directory of the project's `fixtures/`.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// A file or directory of the conformance data, which is not part of the project; says so aloud where it is absent.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told by the environment where data is, and say what they skip"
)]
pub(crate) fn conformance(path: &str) -> Option<PathBuf> {
    let root = std::env::var("VIDIMUS_CONFORMANCE_DIR")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"), PathBuf::from);
    let found = Some(root.join(path)).filter(|p| p.exists());
    if found.is_none() {
        eprintln!("SKIPPED: `{path}` is not in {}", root.display());
    }
    found
}
