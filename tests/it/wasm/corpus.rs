//! OPA's own cases and the recorded probes, each compiled by `opa` and asked here, where there is an `opa`.
//!
//! A few of them by default. All, which takes an hour: `cargo test --test it wasm::corpus -- --ignored`;
//! `VIDIMUS_WASM_STRIDE=20` asks every twentieth only.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use vidimus::{BundleOptions, CompileOptions, PolicyBundle};

use crate::rego::case::{Case, ENGINE, Trouble};
use crate::rego::{conformance, known, probes};

/// What fails, and why: `case<TAB>reason`.
const KNOWN_CASES: &str = include_str!("opa-suite-failures.tsv");
const KNOWN_PROBES: &str = include_str!("probe-failures.tsv");

#[expect(clippy::disallowed_methods, reason = "a tool for developers: told by the environment where `opa` is, and how much to ask")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Compiles a case by `opa build`, its query as the only rule of a module of its own, and asks that.
fn compiled(case: &Case) -> Result<Value, Trouble> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    for (number, module) in case.modules.iter().enumerate() {
        write(&format!("src/m{number}.rego"), module);
    }
    write("src/question.rego", &format!("package question\n\nanswer := {}\n", case.whole_query()));
    if case.data.is_object() {
        write("src/data.json", &case.data.to_string());
    }
    let bundle = build(folder.path(), &["question/answer"]).map_err(Trouble::Compile)?;
    let options = CompileOptions {
        data: Value::Object(bundle.data().clone()),
        query: Some("data.question.answer".to_owned()),
        strict_builtin_errors: case.strict,
        wasm: bundle.wasm_modules().to_vec(),
        ..CompileOptions::default()
    };
    let policy = ENGINE.compile(&[], &options).map_err(|error| Trouble::Compile(error.to_string()))?;
    case.decided_by(&policy)
}

/// What `opa build` makes of the folder `src` in a folder.
pub(super) fn build(folder: &Path, entrypoints: &[&str]) -> Result<PolicyBundle, String> {
    std::fs::write(folder.join("capabilities.json"), vidimus::capabilities().to_string()).unwrap();
    let mut command = Command::new(opa());
    command.args(["build", "-t", "wasm", "--capabilities", "capabilities.json", "-o", "bundle.tar.gz", "src"]);
    command.args(entrypoints.iter().flat_map(|entrypoint| ["-e", entrypoint]));
    let ran = command.current_dir(folder).stdin(Stdio::null()).output().expect("`opa` is needed");
    if !ran.status.success() {
        let said = [ran.stdout, ran.stderr].concat();
        let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(format!("opa: {}: {said}", ran.status));
    }
    PolicyBundle::open(folder.join("bundle.tar.gz").to_str().unwrap(), &BundleOptions::default()).map_err(|error| error.to_string())
}

/// How the trouble of a case begins that OPA does not compile.
const NOT_COMPILED: &str = "got Compile(\"opa: ";

pub(super) fn opa() -> String {
    told("VIDIMUS_OPA").unwrap_or_else(|| "opa".to_owned())
}

#[expect(clippy::print_stderr, reason = "says what it skips")]
pub(super) fn is_there() -> bool {
    let ran = Command::new(opa()).arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = ran.is_ok_and(|status| status.success());
    if !there {
        eprintln!("SKIPPED: there is no `{}` to compile with", opa());
    }
    there
}

/// Every case of the stride, by two threads; what fails is held against the list, as far as it was asked. What OPA itself does not
/// compile (queries for all of `data`, of which the question is a part) cannot be asked.
fn run(cases: &[(String, Value)], check: impl Fn(&Value) -> Result<(), String> + Sync, (list, stride): (&'static str, usize)) {
    if !is_there() {
        return;
    }
    let asked: Vec<&(String, Value)> = cases.iter().step_by(stride).collect();
    let failures = |part: &[&(String, Value)]| -> BTreeMap<String, String> {
        let failed = part.iter().filter_map(|(name, case)| check(case).err().map(|why| (name.clone(), why)));
        failed.filter(|(_, why)| !why.contains(NOT_COMPILED)).collect()
    };
    let (one, other) = asked.split_at(asked.len() / 2);
    let failed = std::thread::scope(|scope| {
        let running = scope.spawn(|| failures(one));
        let mut failed = failures(other);
        failed.extend(running.join().unwrap());
        failed
    });
    let known: BTreeMap<&str, &str> =
        known::read(list).into_iter().filter(|(name, _)| asked.iter().any(|(asked, _)| asked == name)).collect();
    known::hold(&known, &failed);
}

fn stride() -> usize {
    told("VIDIMUS_WASM_STRIDE").and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// So many cases apart that a test of them takes seconds.
const FAR: usize = 500;

#[test]
fn a_few_of_opas_own_cases_pass_through_web_assembly() {
    let Some(cases) = conformance::cases() else { return };
    run(&cases, |case| conformance::check(case, compiled), (KNOWN_CASES, FAR));
}

#[test]
#[ignore = "compiles every case by `opa`"]
fn opas_own_cases_pass_through_web_assembly_but_for_those_that_are_listed() {
    let Some(cases) = conformance::cases() else { return };
    run(&cases, |case| conformance::check(case, compiled), (KNOWN_CASES, stride()));
}

#[test]
#[ignore = "compiles every probe by `opa`"]
fn probes_pass_through_web_assembly_but_for_those_that_are_listed() {
    let Some(cases) = probes::probes() else { return };
    run(&cases, |probe| probes::check(probe, compiled), (KNOWN_PROBES, stride()));
}
