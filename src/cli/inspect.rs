//! `vidimus inspect`: what is in a bundle, a directory or a module.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use vidimus::{CompileOptions, Engine, InspectedAnnotation, Inspection, PolicyBundle};

use super::bundles::{self, BundleArguments};
use super::form::Form;
use super::{data, format, style};

/// List packages, rules and METADATA of a bundle, a directory or a module
///
/// A directory with a `.manifest` is read as a bundle, any other as `check` reads it.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct InspectArguments {
    /// Bundle (.tar.gz), directory, or Rego file
    #[arg(value_name = "PATH")]
    path: String,
    /// Read a directory as a bundle even where it has no manifest
    #[arg(short, long)]
    bundle: bool,
    /// How it is written
    #[arg(short, long, value_name = "FORMAT", default_value = "pretty")]
    format: Form,
    /// Read modules that import no version as Rego v0
    #[arg(long)]
    v0_compatible: bool,
    #[command(flatten)]
    bundles: BundleArguments,
}

const AFTER_HELP: &str = "\
Exit status:
  0  it was read
  2  it cannot be read, or a module of it

Examples:
  vidimus inspect bundle.tar.gz
  vidimus inspect --format json policy/";

pub(super) fn run(arguments: &InspectArguments) -> anyhow::Result<u8> {
    let path = &arguments.path;
    let is_bundle = arguments.bundle || bundles::is_archive(path) || Path::new(path).join(".manifest").exists();
    let bundle = is_bundle.then(|| arguments.bundles.open(path)).transpose()?;
    let modules = match &bundle {
        Some(bundle) => bundle.modules().to_vec(),
        None => data::load(std::slice::from_ref(path), &arguments.bundles)?.modules,
    };
    let options = CompileOptions { v0_compatible: arguments.v0_compatible, ..CompileOptions::default() };
    let inspection = Engine::inspect(&modules, &options).with_context(|| format!("`{path}`"))?;
    let text = match arguments.format {
        Form::Pretty => pretty(bundle.as_ref(), &inspection),
        Form::Json => serde_json::to_string_pretty(&machine(bundle.as_ref(), &inspection))? + "\n",
    };
    format::write_quietly(&mut io::stdout().lock(), text.as_bytes())?;
    Ok(0)
}

/// Each package, and each place that data is put at, with the files that it comes from.
fn namespaces(bundle: Option<&PolicyBundle>, inspection: &Inspection) -> BTreeMap<String, Vec<String>> {
    let mut namespaces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &inspection.packages {
        namespaces.entry(package.package.clone()).or_default().extend(package.files.iter().cloned());
    }
    if let Some(bundle) = bundle {
        for file in bundle.data_files() {
            let place = std::iter::once("data").chain(file.place.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
            namespaces.entry(place).or_default().push(file.path.clone());
        }
        for resolver in &bundle.manifest().wasm {
            let place = format!("data.{}", resolver.entrypoint.trim_start_matches('/').replace('/', "."));
            namespaces.entry(place).or_default().push(resolver.module.clone());
        }
    }
    namespaces
}

/// In the form of `opa inspect --annotations --format json`, with the rules beside it.
fn machine(bundle: Option<&PolicyBundle>, inspection: &Inspection) -> Value {
    let mut document = json!({
        "namespaces": namespaces(bundle, inspection),
        "annotations": inspection.annotations.iter().map(annotation).collect::<Vec<_>>(),
        "packages": inspection.packages,
    });
    if let (Some(bundle), Some(members)) = (bundle, document.as_object_mut()) {
        let signatures = bundle.signatures().map_or_else(|| json!({}), |signatures| json!({ "signatures": signatures }));
        members.insert("manifest".to_owned(), manifest(bundle));
        members.insert("signatures_config".to_owned(), signatures);
        let wasm = bundle.wasm_modules().iter();
        let wasm: Vec<Value> = wasm.map(|module| json!({ "path": module.path, "entrypoints": module.entrypoints })).collect();
        if !wasm.is_empty() {
            members.insert("wasm_modules".to_owned(), Value::from(wasm));
        }
    }
    document
}

fn manifest(bundle: &PolicyBundle) -> Value {
    let manifest = bundle.manifest();
    let mut document = json!({ "revision": manifest.revision, "roots": manifest.roots });
    if let Some(members) = document.as_object_mut() {
        if let Some(version) = manifest.rego_version {
            members.insert("rego_version".to_owned(), version.into());
        }
        if !manifest.file_rego_versions.is_empty() {
            members.insert("file_rego_versions".to_owned(), json!(manifest.file_rego_versions));
        }
        if !manifest.metadata.is_empty() {
            members.insert("metadata".to_owned(), manifest.metadata.clone().into());
        }
    }
    document
}

fn annotation(annotation: &InspectedAnnotation) -> Value {
    let kinds = std::iter::once("var").chain(std::iter::repeat("string"));
    let path: Vec<Value> = annotation.path.iter().zip(kinds).map(|(name, kind)| json!({ "type": kind, "value": name })).collect();
    let at = &annotation.location;
    let location = json!({ "file": at.file, "row": at.line, "col": at.column });
    json!({ "annotations": annotation.annotations, "location": location, "path": path })
}

fn pretty(bundle: Option<&PolicyBundle>, inspection: &Inspection) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    if let Some(bundle) = bundle.filter(|bundle| bundle.manifest().present) {
        let manifest = bundle.manifest();
        let _ = writeln!(text, "MANIFEST");
        let version = manifest.rego_version.map(|version| version.to_string()).unwrap_or_default();
        let metadata = if manifest.metadata.is_empty() { String::new() } else { Value::from(manifest.metadata.clone()).to_string() };
        let rows = [
            ("rego version", version),
            ("revision", manifest.revision.clone()),
            ("roots", manifest.roots.join(", ")),
            ("metadata", metadata),
        ];
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(text, "  {name:<12}  {value}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "NAMESPACES");
    let namespaces = namespaces(bundle, inspection);
    let width = namespaces.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, files) in &namespaces {
        let _ = writeln!(text, "  {name:<width$}  {}", files.join(", "));
    }
    let _ = writeln!(text, "\nRULES");
    for package in &inspection.packages {
        for rule in &package.rules {
            let _ = writeln!(text, "  {}.{}  {}  {}", package.package, rule.name, rule.kind, rule.location);
        }
    }
    if !inspection.annotations.is_empty() {
        let _ = writeln!(text, "\nMETADATA");
    }
    for annotation in &inspection.annotations {
        let _ = writeln!(text, "  {}  {}", annotation.path.join("."), annotation.location);
        for (name, value) in annotation.annotations.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('\n', " "));
            let _ = writeln!(text, "    {name}: {value}");
        }
    }
    text.lines().map(|line| style::harmless(line) + "\n").collect()
}
