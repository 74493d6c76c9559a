//! Policies compiled to WebAssembly: what they decide, and that it is what the same sources decide as Rego.

mod commands;
mod conforma;
mod corpus;
mod equal;
mod together;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use vidimus::oci::{Credentials, ImageSource, Registry, RegistryOptions, Sources};
use vidimus::verify::Trust;
use vidimus::{
    BundleOptions, CompileOptions, Component, Engine, EngineConfig, EvaluateOptions, Evaluation, Policy, PolicyBundle, RegoModule,
};

use vidimus_wasm_host::CacheDirectory;

use crate::testkit::fixture;

/// A time at which builds of the fixtures are a year old.
fn options() -> EvaluateOptions {
    EvaluateOptions {
        timeout: Duration::from_mins(1),
        now: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)),
        receipts: false,
    }
}

fn network() -> Registry {
    Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: std::collections::BTreeSet::new() }).unwrap()
}

/// The machine code of the bundle is kept for all tests, where the directory is one that only we can write: to compile it takes
/// seconds in a program that is not optimised.
fn engine_on(source: Arc<dyn ImageSource>) -> Engine {
    engine_trusting(Trust::public_good().unwrap(), source)
}

fn engine_trusting(trust: Trust, source: Arc<dyn ImageSource>) -> Engine {
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wasm-code");
    let wasm_cache = CacheDirectory::open(&kept).is_ok().then_some(kept);
    Engine::new(EngineConfig { wasm_cache, ..EngineConfig::new(source, trust) }).unwrap()
}

fn fixtures() -> Arc<dyn ImageSource> {
    let tree = format!("registry.example={}", fixture("keyed/registry/registry.example").display());
    Arc::new(Sources::new(network(), [tree.parse().unwrap()]).unwrap())
}

fn bundle() -> PolicyBundle {
    PolicyBundle::open(fixture("wasm/bundle.tar.gz").to_str().unwrap(), &BundleOptions::default()).unwrap()
}

fn data() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("wasm/src/data.json")).unwrap()).unwrap()
}

/// What is asked of both engines.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Package(&'static str),
    Query(&'static str),
}

impl Asked {
    fn options(self) -> CompileOptions {
        match self {
            Self::Package(package) => CompileOptions { data: data(), namespaces: vec![package.to_owned()], ..CompileOptions::default() },
            Self::Query(query) => CompileOptions { data: data(), query: Some(query.to_owned()), ..CompileOptions::default() },
        }
    }

    /// The policy as WebAssembly.
    fn compiled(self, engine: &Engine) -> Policy {
        let wasm = bundle().wasm_modules().to_vec();
        engine.compile(&[], &CompileOptions { wasm, ..self.options() }).unwrap()
    }

    /// The policy as Rego, from the sources beside the bundle.
    fn rego(self, engine: &Engine) -> Policy {
        engine.compile(&sources(), &self.options()).unwrap()
    }
}

fn sources() -> Vec<RegoModule> {
    ["gate.rego", "keyed.rego"].map(|name| RegoModule::new(name, std::fs::read_to_string(fixture("wasm/src").join(name)).unwrap())).to_vec()
}

fn component(input: Value) -> Component {
    Component::new("it", input).unwrap()
}

/// An evaluation without what only sources have: places. Findings of one rule come in any order.
fn plain(evaluation: &Evaluation) -> Value {
    let mut value = serde_json::to_value(evaluation).unwrap();
    for findings in ["violations", "warnings"] {
        let Some(found) = value[findings].as_array_mut() else { continue };
        found.iter_mut().filter_map(Value::as_object_mut).for_each(|finding: &mut Map<String, Value>| {
            finding.remove("location");
        });
        found.sort_by_key(Value::to_string);
    }
    value
}
