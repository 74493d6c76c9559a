//! The library: engines, policies, evaluations.

mod content;
mod lasting;
mod policy;
mod sharing;

use std::sync::Arc;
use std::time::Duration;

use vidimus::oci::{Credentials, ImageSource, Registry, RegistryOptions, Sources};
use vidimus::verify::Trust;
use vidimus::{CompileError, CompileOptions, Component, Engine, EngineConfig, EvaluateOptions, Policy, RegoModule};

use crate::testkit::fixture;

const SOON: EvaluateOptions = EvaluateOptions::lasting(Duration::from_mins(1));

pub(super) fn network() -> Registry {
    Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: std::collections::BTreeSet::new() }).unwrap()
}

fn engine_on(source: Arc<dyn ImageSource>) -> Engine {
    Engine::new(EngineConfig::new(source, Trust::public_good().unwrap())).unwrap()
}

/// An engine that answers for `registry.example` from the fixtures.
fn engine() -> Engine {
    let tree = format!("registry.example={}", fixture("keyed/registry/registry.example").display());
    engine_on(Arc::new(Sources::new(network(), [tree.parse().unwrap()]).unwrap()))
}

fn module(text: &str) -> RegoModule {
    RegoModule::new("policy.rego", text)
}

fn compiled(engine: &Engine, text: &str) -> Result<Policy, CompileError> {
    engine.compile(&[module(text)], &CompileOptions::default())
}

fn component(input: serde_json::Value) -> Component {
    Component::new("it", input).unwrap()
}
