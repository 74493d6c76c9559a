//! What the files of a bundle mean, by their names: `.rego`, `policy.wasm`, `data.json`, `data.yaml`, `.manifest`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::BundleError;
use super::file::BundleFile;
use super::manifest::Manifest;
use super::{DataFile, WasmModule, roots};
use crate::builtins;
use crate::data::merge_data;
use crate::engine::{RegoModule, package};

/// Most roots, and most patterns of versions, of one manifest.
const MAX_CLAIMS: usize = 1_000;

/// The parts of a bundle.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    pub(super) manifest: Manifest,
    pub(super) modules: Vec<RegoModule>,
    pub(super) data: Map<String, Value>,
    pub(super) data_files: Vec<DataFile>,
    pub(super) wasm: Vec<WasmModule>,
}

impl Contents {
    pub(super) fn read(files: Vec<BundleFile>) -> Result<Self, BundleError> {
        let mut contents = Self { manifest: manifest(&files)?, ..Self::default() };
        let mut paths = Vec::new();
        for file in files {
            match file.base() {
                "policy.wasm" => contents.wasm.push(WasmModule { path: file.shown, bytes: file.bytes.into(), entrypoints: Vec::new() }),
                "data.json" | "data.yaml" | "data.yml" => contents.add_data(&file)?,
                "patch.json" => return Err(BundleError::Unsupported("delta bundles")),
                base if base.rsplit_once('.').is_some_and(|(_, extension)| extension == "rego") => {
                    let text = file.text()?.into();
                    contents.modules.push(RegoModule { name: file.shown, text, version: None });
                    paths.push(file.path);
                }
                _ => {}
            }
        }
        contents.set_versions(&paths)?;
        contents.resolve()?;
        contents.check_roots()?;
        Ok(contents)
    }

    fn add_data(&mut self, file: &BundleFile) -> Result<(), BundleError> {
        let text = file.text()?;
        let value = match file.base() {
            "data.json" => serde_json::from_str(text).map_err(|error| BundleError::malformed(&file.shown, error))?,
            _ => builtins::yaml_document(text).map_err(|why| BundleError::malformed(&file.shown, why))?,
        };
        let directory = file.path.rsplit_once('/').map_or("", |(directory, _)| directory).trim_start_matches('.');
        let place: Vec<String> = directory.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        merge_data(&mut self.data, &place, value).map_err(|conflict| BundleError::malformed(&file.shown, conflict))?;
        self.data_files.push(DataFile { path: file.shown.clone(), place });
        Ok(())
    }

    /// Modules are read in the language that the manifest says: by the file's path, with and without the slash that OPA writes.
    fn set_versions(&mut self, paths: &[String]) -> Result<(), BundleError> {
        if self.manifest.file_rego_versions.len() > MAX_CLAIMS {
            return Err(BundleError::TooLarge { what: "patterns of versions", limit: MAX_CLAIMS as u64 });
        }
        let slashed: Vec<String> = paths.iter().map(|path| format!("/{path}")).collect();
        let slashed = self.manifest.versions(&slashed.iter().map(String::as_str).collect::<Vec<_>>())?;
        let plain = self.manifest.versions(&paths.iter().map(String::as_str).collect::<Vec<_>>())?;
        let whole = self.manifest.rego_version.and_then(crate::engine::RegoVersion::from_number);
        for ((module, slashed), plain) in self.modules.iter_mut().zip(slashed).zip(plain) {
            module.version = if slashed == whole { plain } else { slashed };
        }
        Ok(())
    }

    /// Gives each WebAssembly module the entrypoints that the manifest maps to it.
    fn resolve(&mut self) -> Result<(), BundleError> {
        let plain = |path: &str| path.trim_start_matches(['.', '/']).to_owned();
        let mut seen = BTreeSet::new();
        for resolver in &self.manifest.wasm {
            let wanted = plain(&resolver.module);
            let module = self.wasm.iter_mut().find(|module| plain(&module.path) == wanted || module.path.ends_with(&format!("/{wanted}")));
            let Some(module) = module else {
                let what = format!("references wasm module `{}` but the module file does not exist", resolver.module);
                return Err(BundleError::Manifest(what));
            };
            let path: Vec<&str> = resolver.entrypoint.split('/').collect();
            if !roots::contain(&self.manifest.roots, &path) {
                let what = format!("`{}` entrypoint for wasm module `{}`", resolver.entrypoint, resolver.module);
                return Err(BundleError::Manifest(roots::not_permitted(&self.manifest.roots, &what)));
            }
            if !seen.insert(resolver.entrypoint.clone()) {
                let what = format!("has entrypoint `{}` for more than one wasm module", resolver.entrypoint);
                return Err(BundleError::Manifest(what));
            }
            module.entrypoints.push(resolver.entrypoint.clone());
        }
        Ok(())
    }

    fn check_roots(&self) -> Result<(), BundleError> {
        let claimed = &self.manifest.roots;
        if claimed.len() > MAX_CLAIMS {
            return Err(BundleError::TooLarge { what: "roots", limit: MAX_CLAIMS as u64 });
        }
        roots::check(claimed)?;
        if claimed.iter().any(String::is_empty) {
            return Ok(());
        }
        for module in &self.modules {
            // What cannot be read has no package; compiling it says why.
            let Some(path) = package(module) else { continue };
            if !roots::contain(claimed, &path) {
                let what = format!("`package {}` in module `{}`", path.join("."), module.name);
                return Err(BundleError::Manifest(roots::not_permitted(claimed, &what)));
            }
        }
        roots::check_data(claimed, &self.data)
    }
}

/// The one manifest, or what holds without any.
fn manifest(files: &[BundleFile]) -> Result<Manifest, BundleError> {
    if let Some(file) = files.iter().find(|file| file.path.ends_with(".manifest.pb")) {
        return Err(BundleError::malformed(&file.shown, "manifests in the form of protocol buffers are not supported"));
    }
    let mut manifests = files.iter().filter(|file| file.path.ends_with(".manifest"));
    let Some(file) = manifests.next() else { return Ok(Manifest::absent()) };
    match manifests.next() {
        Some(other) => Err(BundleError::malformed(&other.shown, format!("there is another manifest, `{}`", file.shown))),
        None => Manifest::read(&file.shown, file.text()?),
    }
}
