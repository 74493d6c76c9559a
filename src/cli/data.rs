//! `-d`: data documents, merged as `opa eval -d` merges them.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Map, Value};
use vidimus::{PolicyBundle, RegoModule, WasmModule};

use super::bundles::{self, BundleArguments};
use super::{documents, files, modules};

/// What is loaded: the data document, and the modules that lay beside it.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) document: Map<String, Value>,
    pub(super) modules: Vec<RegoModule>,
    /// Whether nothing but modules is read from directories.
    modules_only: bool,
    pub(super) wasm: Vec<WasmModule>,
}

/// Loads `[prefix:]path`, each a file or a directory.
pub(super) fn load(sources: &[String], bundles: &BundleArguments) -> anyhow::Result<Data> {
    let mut data = Data::default();
    data.load(sources, bundles)?;
    Ok(data)
}

/// Loads the paths as `opa test` does: as bundles, or as files and directories.
pub(super) fn load_paths(paths: &[String], as_bundles: bool, bundles: &BundleArguments) -> anyhow::Result<Data> {
    if !as_bundles {
        return load(paths, bundles);
    }
    let mut data = Data::default();
    bundles.load(paths)?.into_iter().try_for_each(|bundle| data.add_bundle(&[], bundle))?;
    Ok(data)
}

/// The modules of the paths, as `opa check` loads them: what else lies in directories is not looked at.
pub(super) fn load_modules(paths: &[String], as_bundles: bool, bundles: &BundleArguments) -> anyhow::Result<Vec<RegoModule>> {
    if as_bundles {
        return Ok(load_paths(paths, true, bundles)?.modules);
    }
    let mut data = Data { modules_only: true, ..Data::default() };
    data.load(paths, bundles)?;
    Ok(data.modules)
}

/// `a.b:path` puts the contents of `path` under `data.a.b`.
fn split_prefix(source: &str) -> (Vec<String>, &str) {
    match source.split_once(':') {
        Some((prefix, path)) if !prefix.is_empty() && !path.starts_with("//") => (prefix.split('.').map(str::to_owned).collect(), path),
        _ => (Vec::new(), source),
    }
}

fn directories_between(directory: &str, file: &str) -> Vec<String> {
    let between = Path::new(file).strip_prefix(directory).ok().and_then(Path::parent);
    between.into_iter().flat_map(Path::iter).map(|name| name.to_string_lossy().into_owned()).collect()
}

impl Data {
    /// Adds `[prefix:]path`, each a file or a directory.
    pub(super) fn load(&mut self, sources: &[String], bundles: &BundleArguments) -> anyhow::Result<()> {
        for source in sources {
            let (prefix, path) = split_prefix(source);
            if !Path::new(path).is_dir() {
                self.add(&prefix, (path, true), bundles)?;
                continue;
            }
            for file in files::walk(path)? {
                let between = directories_between(path, &file);
                let base = file.rsplit('/').next().unwrap_or_default();
                let ignored = |name: &str| bundles.ignore.iter().any(|pattern| pattern.matches(name));
                if !ignored(base) && !between.iter().any(|name| ignored(name)) {
                    let place: Vec<String> = prefix.iter().chain(&between).cloned().collect();
                    self.add(&place, (&file, false), bundles)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a bundle that is a policy. Where its manifest says that rules were compiled, or it holds no Rego, its WebAssembly is
    /// the policy, and the Rego beside it what is left of its sources.
    pub(super) fn add_policy_bundle(&mut self, bundle: PolicyBundle) -> anyhow::Result<()> {
        let named = !bundle.manifest().wasm.is_empty();
        let alone = bundle.modules().is_empty() && !bundle.wasm_modules().is_empty();
        if !named && !alone {
            return self.add_bundle(&[], bundle);
        }
        let name = bundle.name().to_owned();
        let compiled = bundle.wasm_modules().iter().filter(|module| !named || !module.entrypoints.is_empty()).cloned();
        self.wasm.extend(compiled.map(|module| WasmModule { path: format!("{name}/{}", module.path.trim_start_matches('/')), ..module }));
        let (_, document) = bundle.into_parts();
        vidimus::merge_data(&mut self.document, &[], document.into()).with_context(|| format!("bundle `{name}`"))
    }

    /// Adds what is in a bundle.
    pub(super) fn add_bundle(&mut self, place: &[String], bundle: PolicyBundle) -> anyhow::Result<()> {
        let name = bundle.name().to_owned();
        let (modules, document) = bundle.into_parts();
        for mut module in modules {
            // Archives may use the same names: mistakes must not be looked for in the wrong one.
            if self.modules.iter().any(|there| there.name == module.name) {
                module.name = format!("{name}/{}", module.name.trim_start_matches('/'));
            }
            self.modules.push(module);
        }
        vidimus::merge_data(&mut self.document, place, document.into()).with_context(|| format!("bundle `{name}`"))
    }

    /// Adds one file; files of other kinds are an error only where they are `named`, not where a directory holds them.
    fn add(&mut self, place: &[String], (file, named): (&str, bool), bundles: &BundleArguments) -> anyhow::Result<()> {
        if self.modules_only && !named && files::extension(file) != "rego" {
            return Ok(());
        }
        if bundles::is_archive(file) {
            return self.add_bundle(place, bundles.open(file)?);
        }
        let document = match files::extension(file).as_str() {
            "rego" => {
                self.modules.push(modules::read(file)?);
                return Ok(());
            }
            "json" => documents::json(&files::read(file)?).map_err(|malformed| anyhow!(malformed.in_file(file)))?,
            "yaml" | "yml" => one(documents::yaml(&files::read(file)?).map_err(|malformed| anyhow!(malformed.in_file(file)))?, file)?,
            _ if !named => return Ok(()),
            _ if !Path::new(file).exists() => bail!("cannot read `{file}`: no such file or directory"),
            _ => bail!("`{file}`: data must be a .json, .yaml, .yml or .rego file or a directory"),
        };
        vidimus::merge_data(&mut self.document, place, document).with_context(|| format!("`{file}`"))
    }
}

fn one(mut documents: Vec<Value>, file: &str) -> anyhow::Result<Value> {
    match documents.len() {
        0 => Ok(Value::Object(Map::new())),
        1 => Ok(documents.swap_remove(0)),
        _ => bail!("`{file}`: several YAML documents in a data file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_path_into_data() {
        assert_eq!(split_prefix("a.b:x.json"), (vec!["a".to_owned(), "b".to_owned()], "x.json"));
        assert_eq!(split_prefix("x.json"), (vec![], "x.json"));
        assert_eq!(split_prefix("https://x/y"), (vec![], "https://x/y"));
    }
}
