//! `-p`, `-b`: what a policy may be, and its Rego modules.

use std::path::Path;

use anyhow::bail;
use vidimus::{RegoModule, WasmModule};
use vidimus_wasm_host::Limits;

use super::bundles::{self, BundleArguments};
use super::data::Data;
use super::files;

/// Everything that `-p` and `-b` name; a kind that cannot be read yet is refused by its name.
pub(super) fn load(policies: &[String], roots: &[String], arguments: &BundleArguments) -> anyhow::Result<Data> {
    let mut loaded = Data::default();
    let archives = policies.iter().filter(|policy| bundles::is_archive(policy)).cloned();
    let archives: Vec<String> = archives.chain(roots.iter().cloned()).collect();
    for bundle in arguments.load(&archives)? {
        loaded.add_policy_bundle(bundle)?;
    }
    for policy in policies.iter().filter(|policy| !bundles::is_archive(policy)) {
        if Path::new(policy).is_dir() {
            let names: Vec<String> = files::walk(policy)?.into_iter().filter(|name| files::extension(name) == "rego").collect();
            if names.is_empty() {
                bail!("`{policy}`: no .rego file in this directory");
            }
            names.iter().try_for_each(|name| read(name).map(|module| loaded.modules.push(module)))?;
        } else if files::extension(policy) == "wasm" {
            let bytes = files::read_bytes(policy, Limits::MODULE_BYTES as u64)?.into();
            loaded.wasm.push(WasmModule { path: policy.clone(), bytes, entrypoints: Vec::new() });
        } else {
            refuse_unknown(policy)?;
            loaded.modules.push(read(policy)?);
        }
    }
    Ok(loaded)
}

/// One module.
pub(super) fn read(name: &str) -> anyhow::Result<RegoModule> {
    Ok(RegoModule::new(name, files::read(name)?))
}

fn refuse_unknown(policy: &str) -> anyhow::Result<()> {
    let kind = match files::extension(policy).as_str() {
        "rego" => return Ok(()),
        "yaml" | "yml" | "json" => "a policy configuration",
        _ if policy.trim_start().starts_with('{') => "an inline policy configuration",
        _ if !Path::new(policy).exists() => bail!("cannot read `{policy}`: no such file or directory"),
        _ => bail!("`{policy}`: not a .rego file, a directory of them, a bundle, or a .wasm file"),
    };
    bail!("`{policy}`: {kind} is not supported yet; only .rego files, directories of them, bundles and .wasm files are")
}
