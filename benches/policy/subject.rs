//! The policies that are measured: conforma/policy where a checkout is named, and one of our own that costs in the same ways.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use vidimus::oci::Nowhere;
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Component, Engine, EngineConfig, EvaluateOptions, Evaluation, Policy, RegoModule};

/// A policy, its data, and what it decides about.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) modules: Vec<RegoModule>,
    pub(crate) data: Value,
    pub(crate) input: Value,
    /// The files that OPA reads for the same.
    pub(crate) files: Vec<PathBuf>,
    /// Holds files that are made for it.
    _directory: Option<tempfile::TempDir>,
}

const RULES: &str = r#"package bench

import rego.v1

trusted contains ref if {
	some task in data.tasks
	some record in task.records
	time.parse_rfc3339_ns(record.expires) > time.now_ns()
	regex.match(`^sha256:[0-9a-f]+$`, record.digest)
	ref := sprintf("%s@%s", [task.name, record.digest])
}

known(ref) if ref in trusted

labels(step) := {name | some name, value in step.labels; startswith(value, "v")}

deny contains {"code": "bench.unknown", "msg": msg} if {
	some step in input.steps
	not known(step.ref)
	msg := sprintf("%s is not known", [step.ref])
}

deny contains {"code": "bench.schema", "msg": error.desc} if {
	some step in input.steps
	some error in json.match_schema(step, data.schema)[1]
}

warn contains {"code": "bench.labels", "msg": msg} if {
	some step in input.steps
	missing := data.required - labels(step)
	count({name | some name in data.required; not name in labels(step)}) > 0
	msg := concat(", ", sort(missing))
}
"#;

/// Documents of a few dozen KiB, of which no two are alike.
pub(crate) fn input(seed: usize) -> Value {
    let step = |number: usize| {
        json!({
            "ref": format!("task-{}@sha256:{:08x}", number % 50, number + seed % 7),
            "name": format!("step {number} of {seed}"),
            "labels": {"a": "v1", "b": format!("v{seed}"), "c": "none"},
            "log": "line\n".repeat(20),
        })
    };
    json!({ "steps": (0..100).map(step).collect::<Vec<_>>() })
}

pub(crate) fn own() -> Subject {
    let record =
        |task: usize, number: usize| json!({ "digest": format!("sha256:{:08x}", task + 50 * number), "expires": "2999-01-01T00:00:00Z" });
    let task =
        |number: usize| json!({ "name": format!("task-{number}"), "records": (0..8).map(|of| record(number, of)).collect::<Vec<_>>() });
    let schema = json!({ "type": "object", "required": ["ref", "name"], "properties": {"ref": {"type": "string", "pattern": "@sha256:"}} });
    // A list stands for the set: JSON has none.
    let data = json!({ "tasks": (0..50).map(task).collect::<Vec<_>>(), "schema": schema, "required": ["a", "b", "z"] });
    let rules = RULES.replace("data.required - labels(step)", "{name | some name in data.required} - labels(step)");
    let directory = tempfile::tempdir().unwrap();
    let (module, document) = (directory.path().join("bench.rego"), directory.path().join("data.json"));
    std::fs::write(&module, &rules).unwrap();
    std::fs::write(&document, data.to_string()).unwrap();
    let modules = vec![RegoModule::new("bench.rego", rules)];
    let files = vec![module, document];
    Subject { name: "a policy of our own", modules, data, input: input(0), files, _directory: Some(directory) }
}

/// The `release` rules over the golden container, with `example/data`.
pub(crate) fn conforma() -> Option<Subject> {
    #[expect(clippy::disallowed_methods, reason = "a bench is told by the environment where data is")]
    let (checkout, shared) = (std::env::var("VIDIMUS_CONFORMA_POLICY"), std::env::var("VIDIMUS_CONFORMANCE_DIR"));
    let root = PathBuf::from(checkout.ok()?);
    let shared = shared.map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"), PathBuf::from);
    let input = std::fs::read_to_string(shared.join("policy-input-golden-container.json")).ok()?;
    let files: Vec<PathBuf> = ["policy/lib", "policy/release", "example/data"].iter().map(|part| root.join(part)).collect();
    let (mut modules, mut data) = (Vec::new(), Map::new());
    for file in files.iter().flat_map(|path| walk(path)) {
        let text = std::fs::read_to_string(&file).unwrap();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("rego") => modules.push(RegoModule::new(file.display().to_string(), text)),
            Some("yml" | "yaml" | "json") => {
                let part: Value = yaml_serde::from_str(&text).unwrap();
                vidimus::merge_data(&mut data, &[], part).unwrap();
            }
            _ => {}
        }
    }
    let input = serde_json::from_str(&input).unwrap();
    let (name, data) = ("conforma/policy, release, golden container", data.into());
    Some(Subject { name, modules, data, input, files, _directory: None })
}

fn walk(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|entry| if entry.is_dir() { walk(&entry) } else { vec![entry] }).collect()
}

impl Subject {
    pub(crate) fn compile(&self) -> Policy {
        let engine = Engine::new(EngineConfig::new(Arc::new(Nowhere), Trust::public_good().unwrap())).unwrap();
        let options = CompileOptions { data: self.data.clone(), ..CompileOptions::default() };
        engine.compile(&self.modules, &options).unwrap()
    }

    pub(crate) fn component(&self) -> Component {
        Component::new("bench", self.input.clone()).unwrap()
    }
}

/// One time for all evaluations, as `vidimus eval` has it.
pub(crate) fn options() -> EvaluateOptions {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    EvaluateOptions { now: Some(now), ..EvaluateOptions::lasting(Duration::from_mins(5)) }
}

/// A decision, whatever it is: only signatures, which nobody can be asked about, may be missing.
pub(crate) fn decided(evaluation: &Evaluation) {
    let unavailable = |error: &vidimus::EvaluationError| error.kind == vidimus::ErrorKind::Unavailable;
    assert!(evaluation.error().is_none_or(unavailable), "{:?}", evaluation.error());
}
