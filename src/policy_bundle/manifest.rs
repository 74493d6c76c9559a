//! `.manifest`: what a bundle says about itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::BundleError;
use crate::builtins::GlobPattern;
use crate::engine::RegoVersion;

/// What a bundle says about itself; without a manifest, that it owns all of `data`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Whether there is a manifest at all.
    pub present: bool,
    /// Its revision, empty where it has none.
    pub revision: String,
    /// The paths below `data` that it owns, without slashes at their ends; one that is empty stands for all of it.
    pub roots: Vec<String>,
    /// Which WebAssembly modules answer which entrypoints.
    pub wasm: Vec<WasmResolver>,
    /// The language of its modules.
    pub rego_version: Option<u8>,
    /// The language of single modules, by patterns of their paths (`*` does not stop at `/`).
    pub file_rego_versions: BTreeMap<String, u8>,
    /// Whatever else its authors wanted to say.
    pub metadata: Map<String, Value>,
}

/// Maps an entrypoint to a WebAssembly module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WasmResolver {
    /// The path of the rule, such as `authz/allow`.
    pub entrypoint: String,
    /// The path of the module in the bundle.
    pub module: String,
    /// The annotations of the rule.
    pub annotations: Vec<Value>,
}

/// As it is written; Go's `null` is a member left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    revision: Option<String>,
    roots: Option<Vec<String>>,
    wasm: Option<Vec<WasmResolver>>,
    rego_version: Option<i64>,
    file_rego_versions: Option<BTreeMap<String, i64>>,
    metadata: Option<Map<String, Value>>,
}

impl Manifest {
    /// What holds where there is no manifest.
    pub(super) fn absent() -> Self {
        Self { roots: vec![String::new()], ..Self::default() }
    }

    /// Reads a manifest; what stands behind it is ignored, as by OPA.
    pub(super) fn read(path: &str, text: &str) -> Result<Self, BundleError> {
        let written: Written = first_object(path, text)?;
        let roots =
            written.roots.map_or_else(|| vec![String::new()], |roots| roots.iter().map(|root| root.trim_matches('/').to_owned()).collect());
        let versions = written.file_rego_versions.unwrap_or_default().into_iter();
        Ok(Self {
            present: true,
            revision: written.revision.unwrap_or_default(),
            roots,
            wasm: written.wasm.unwrap_or_default(),
            rego_version: written.rego_version.map(|number| version(number, "")).transpose()?,
            file_rego_versions: versions
                .map(|(pattern, number)| {
                    Ok((version(number, &format!(" for file `{pattern}`"))?, pattern)).map(|(number, pattern)| (pattern, number))
                })
                .collect::<Result<_, BundleError>>()?,
            metadata: written.metadata.unwrap_or_default(),
        })
    }

    /// The language of each of these modules, where the manifest says it. Of several patterns the first in their order counts.
    pub(super) fn versions(&self, paths: &[&str]) -> Result<Vec<Option<RegoVersion>>, BundleError> {
        let compile = |(pattern, version): (&String, &u8)| match GlobPattern::new(pattern) {
            Ok(compiled) => Ok((compiled, *version)),
            Err(why) => Err(BundleError::Manifest(format!("has a pattern `{pattern}` that is none: {why}"))),
        };
        let patterns: Vec<_> = self.file_rego_versions.iter().map(compile).collect::<Result<_, _>>()?;
        let of = |path: &&str| {
            let own = patterns.iter().find(|(pattern, _)| pattern.matches(path)).map(|(_, version)| *version);
            own.or(self.rego_version).and_then(RegoVersion::from_number)
        };
        Ok(paths.iter().map(of).collect())
    }
}

/// The first document of a text, which must be an object; what stands behind it is ignored, as by OPA.
pub(super) fn first_object<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, BundleError> {
    // A structure could be read from an array too, by the order of its members.
    if !text.trim_start().starts_with('{') {
        return Err(BundleError::malformed(path, "not a JSON object"));
    }
    let read = serde_json::Deserializer::from_str(text).into_iter().next();
    read.unwrap_or_else(|| Err(serde::de::Error::custom("EOF"))).map_err(|error| BundleError::malformed(path, error))
}

fn version(number: i64, of: &str) -> Result<u8, BundleError> {
    let known = u8::try_from(number).ok().filter(|number| RegoVersion::from_number(*number).is_some());
    known.ok_or_else(|| BundleError::Manifest(format!("has unknown rego-version {number}{of}")))
}
