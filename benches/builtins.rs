//! The builtins that policies call most, each called many times in one evaluation, beside OPA's own library where there is Go to
//! build it with. Times are of one call, less those of a loop that calls nothing.
//!
//! `cargo bench --bench builtins`

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a bench says what it measured")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vidimus::oci::{Credentials, Registry, RegistryOptions, Sources};
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Component, Engine, EngineConfig, EvaluateOptions};

/// Calls in one evaluation; the program of `tests/oracle/builtins` makes as many.
const CALLS: u32 = 2_000;
/// Evaluations, the fastest of which counts.
const ROUNDS: u32 = 7;

/// What is called: builtin, operands.
fn cases() -> Vec<(&'static str, Value)> {
    let schema = json!({
        "type": "object",
        "required": ["name", "ports"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
            "ports": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535}},
        },
    });
    let document = json!({"name": "frontend", "ports": [80, 443, 8080], "labels": {"app": "shop"}});
    let reference = "registry.example.com/team/app@sha256:4d6f0a6b3e2d7c9a8b5e1f0c2d3a4b5c6d7e8f90123456789abcdef012345678";
    vec![
        ("sprintf", json!(["%s has %d of %v: %5.2f", ["image", 3, ["a", "b"], 1.5]])),
        ("regex.match", json!(["^registry\\.example\\.com/[a-z]+/app@sha256:[0-9a-f]{64}$", reference])),
        ("json.unmarshal", json!([document.to_string()])),
        ("json.match_schema", json!([document, schema])),
        ("time.parse_rfc3339_ns", json!(["2026-11-21T17:00:00.123456789+01:00"])),
        ("startswith", json!([reference, "registry.example.com/"])),
        ("object.get", json!([document, ["labels", "app"], "none"])),
        ("semver.compare", json!(["1.22.0-rc.1", "1.22.0"])),
    ]
}

fn main() {
    let oracle = oracle();
    println!("{CALLS} calls in one evaluation, the fastest of {ROUNDS}; nanoseconds a call, less those of the loop\n");
    println!("{:<24} {:>9} {:>9} {:>7}", "", "ours", "OPA", "ratio");
    let (base, opa_base) = (ours(None), oracle.as_ref().map(|oracle| opa(oracle, "", &json!([]))));
    println!("{:<24} {base:>9.0} {:>9}", "(the loop)", shown(opa_base));
    for (name, operands) in cases() {
        let own = ours(Some((name, &operands))) - base;
        let other = oracle.as_ref().zip(opa_base).map(|(oracle, base)| opa(oracle, name, &operands) - base);
        let ratio = other.map_or_else(String::new, |other| format!("{:.2}", own / other));
        println!("{name:<24} {own:>9.0} {:>9} {ratio:>7}", shown(other));
    }
}

fn shown(time: Option<f64>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"))
}

/// Nanoseconds of one call in our engine.
fn ours(called: Option<(&str, &Value)>) -> f64 {
    let (text, input) = match called {
        None => ("i".to_owned(), Value::Null),
        Some((name, operands)) => {
            let places: Vec<String> = (0..operands.as_array().unwrap().len()).map(|at| format!("input[{at}]")).collect();
            (format!("{name}({})", places.join(", ")), operands.clone())
        }
    };
    let query = format!("count([x | some i in numbers.range(1, {CALLS}); x := {text}])");
    let policy = engine().compile(&[], &CompileOptions { query: Some(query), ..CompileOptions::default() }).unwrap();
    let component = Component::from_json("bench", &input.to_string()).unwrap();
    let options = EvaluateOptions::lasting(Duration::from_mins(1));
    let evaluate = || {
        let begun = Instant::now();
        let evaluation = policy.evaluate(&component, &options);
        let spent = begun.elapsed();
        assert_eq!(evaluation.result(), Some(&json!(CALLS)), "{:?}", evaluation.error());
        spent
    };
    let fastest = (0..ROUNDS).map(|_| evaluate()).min().unwrap();
    fastest.as_nanos() as f64 / f64::from(CALLS)
}

fn engine() -> Engine {
    let registry = Registry::new(RegistryOptions { credentials: Credentials::anonymous(), plain_http: BTreeSet::new() }).unwrap();
    let sources = Sources::new(registry, []).unwrap();
    Engine::new(EngineConfig::new(Arc::new(sources), Trust::public_good().unwrap())).unwrap()
}

/// The program that asks OPA's library, built if that can be.
fn oracle() -> Option<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/builtins");
    let program = std::env::temp_dir().join("vidimus-bench-opa-builtins");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(folder).output();
    match built {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => {
            println!("SKIPPED beside OPA: {}", String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default());
            None
        }
        Err(error) => {
            println!("SKIPPED beside OPA: `go`: {error}");
            None
        }
    }
}

/// Nanoseconds of one call in OPA's engine.
fn opa(program: &PathBuf, name: &str, operands: &Value) -> f64 {
    let mut child = Command::new(program).arg("bench").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let line = json!({"name": name, "args": operands}).to_string();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer.get("ns").and_then(Value::as_f64).unwrap()
}
