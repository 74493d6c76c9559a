//! `PolicyBundle`: an OPA bundle, an archive or a directory, read within bounds: modules, data, WebAssembly, manifest.
//!
//! What a bundle means is OPA's (its documentation, "Bundle File Format"); what is signed is verified before it is read.

mod archive;
mod contents;
mod directory;
mod error;
mod file;
mod hash;
mod manifest;
mod pattern;
mod roots;
mod signature;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::engine::RegoModule;
use contents::Contents;
pub use error::BundleError;
pub use manifest::{Manifest, WasmResolver};
pub use pattern::{FilePattern, InvalidPattern};
pub use signature::{BundleKey, BundleKeyError};

/// A bundle that was read.
#[derive(Debug, Clone)]
pub struct PolicyBundle {
    name: String,
    signed: Option<Vec<String>>,
    contents: Contents,
}

/// How bundles are read.
#[derive(Debug, Clone, Default)]
pub struct BundleOptions {
    /// The key that must have signed. `None` reads signed bundles as if they were not, as `opa eval`, `test` and `check` do.
    pub key: Option<BundleKey>,
    /// Files and directories that are passed over, by their own names.
    pub ignore: Vec<FilePattern>,
}

/// A WebAssembly module of a bundle: a file named `policy.wasm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WasmModule {
    /// Its path in the bundle, as it was written.
    pub path: String,
    /// Its bytes, unread.
    pub bytes: Arc<[u8]>,
    /// The entrypoints that the manifest maps to it, such as `authz/allow`.
    pub entrypoints: Vec<String>,
}

/// A data file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Its path, as errors show it.
    pub path: String,
    /// The path below `data` where its contents are.
    pub place: Vec<String>,
}

impl PolicyBundle {
    /// Reads the bundle at `path`: a directory, or a tar archive compressed by gzip.
    ///
    /// # Errors
    /// [`BundleError`]: it cannot be read, exceeds a bound, is malformed, or is not signed as it must be.
    pub fn open(path: &str, options: &BundleOptions) -> Result<Self, BundleError> {
        if Path::new(path).is_dir() {
            return Self::read(path, directory::files(path, &options.ignore)?, options);
        }
        let file = File::open(path).map_err(BundleError::Unreadable)?;
        Self::from_archive(path, BufReader::new(file), options)
    }

    /// Reads a bundle from the bytes of its archive; `name` is what it is called.
    ///
    /// # Errors
    /// As [`PolicyBundle::open`].
    pub fn from_archive(name: &str, archive: impl Read, options: &BundleOptions) -> Result<Self, BundleError> {
        Self::read(name, archive::files(archive, &options.ignore)?, options)
    }

    fn read(name: &str, mut files: Vec<file::BundleFile>, options: &BundleOptions) -> Result<Self, BundleError> {
        let signed = signature::take(&mut files)?;
        if let Some(key) = &options.key {
            signature::verify(signed.as_deref(), key, &files)?;
        }
        Ok(Self { name: name.to_owned(), signed, contents: Contents::read(files)? })
    }

    /// What it is called: the path that it was opened by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says about itself. The paths of its WebAssembly resolvers are as it wrote them.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.contents.manifest
    }

    /// Its Rego modules, in the order of its files. Those of a directory have their whole path as a name.
    #[must_use]
    pub fn modules(&self) -> &[RegoModule] {
        &self.contents.modules
    }

    /// Its data document.
    #[must_use]
    pub fn data(&self) -> &Map<String, Value> {
        &self.contents.data
    }

    /// The files that its data comes from.
    #[must_use]
    pub fn data_files(&self) -> &[DataFile] {
        &self.contents.data_files
    }

    /// Its WebAssembly modules.
    #[must_use]
    pub fn wasm_modules(&self) -> &[WasmModule] {
        &self.contents.wasm
    }

    /// The tokens of its `.signatures.json`, verified only where a key was given; `None` where it has no such file.
    #[must_use]
    pub fn signatures(&self) -> Option<&[String]> {
        self.signed.as_deref()
    }

    /// The modules and the data, without copies.
    #[must_use]
    pub fn into_parts(self) -> (Vec<RegoModule>, Map<String, Value>) {
        (self.contents.modules, self.contents.data)
    }

    /// Checks that no two bundles claim the same part of `data`, as OPA does before it activates them.
    ///
    /// # Errors
    /// [`BundleError::Overlap`].
    pub fn check_overlap(bundles: &[Self]) -> Result<(), BundleError> {
        let claims: Vec<(&str, &[String])> = bundles.iter().map(|bundle| (bundle.name(), bundle.manifest().roots.as_slice())).collect();
        roots::check_overlap(&claims)
    }
}
