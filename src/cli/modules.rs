//! `-p`: what a policy may be, and its Rego modules.

use std::path::Path;

use anyhow::bail;
use vidimus::RegoModule;

use super::files;

/// The modules of everything that `-p` names; a kind that cannot be read yet is refused by its name.
pub(super) fn load(policies: &[String]) -> anyhow::Result<Vec<RegoModule>> {
    let mut modules = Vec::new();
    for policy in policies {
        if Path::new(policy).is_dir() {
            let names: Vec<String> = files::walk(policy)?.into_iter().filter(|name| files::extension(name) == "rego").collect();
            if names.is_empty() {
                bail!("`{policy}`: no .rego file in this directory");
            }
            names.iter().try_for_each(|name| read(name).map(|module| modules.push(module)))?;
        } else {
            refuse_unknown(policy)?;
            modules.push(read(policy)?);
        }
    }
    Ok(modules)
}

/// One module.
pub(super) fn read(name: &str) -> anyhow::Result<RegoModule> {
    Ok(RegoModule { name: name.to_owned(), text: files::read(name)?.into() })
}

fn refuse_unknown(policy: &str) -> anyhow::Result<()> {
    let kind = match files::extension(policy).as_str() {
        "rego" => return Ok(()),
        "gz" | "tgz" => "an OPA bundle",
        "wasm" => "a WebAssembly policy",
        "yaml" | "yml" | "json" => "a policy configuration",
        _ if policy.trim_start().starts_with('{') => "an inline policy configuration",
        _ if !Path::new(policy).exists() => bail!("cannot read `{policy}`: no such file or directory"),
        _ => bail!("`{policy}`: not a .rego file or a directory of them"),
    };
    bail!("`{policy}`: {kind} is not supported yet; only .rego files and directories of them are")
}
