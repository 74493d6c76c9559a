//! Recorded answers of OPA to probes of single constructs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Case, Input};
use super::compare::{same, sorted};
use super::known;
use crate::testkit::conformance;

/// What fails, and why: `id<TAB>reason`.
const KNOWN: &str = include_str!("probe-failures.tsv");

/// The probes, with their names.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let Some(path) = conformance("rego-probes.jsonl") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let probes = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    probes.map(|probe| (name(&probe), asked(&probe))).collect()
}

#[test]
fn every_probe_gives_opas_answer_but_for_those_that_are_listed() {
    let Some(path) = conformance("rego-probes.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let probes: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(probes.len() > 400, "{} probes", probes.len());
    let failures: BTreeMap<String, String> = probes.iter().filter_map(|probe| check(probe).err().map(|why| (name(probe), why))).collect();
    known::hold(&known::read(KNOWN), &failures);
}

fn name(probe: &Value) -> String {
    probe["id"].as_str().unwrap_or_default().to_owned()
}

fn asked(probe: &Value) -> Case {
    let text = |member: &str| probe[member].as_str().unwrap_or_default();
    Case {
        modules: probe["modules"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        query: format!("[x | x = {}]", text("query")),
        data: probe["data"].clone(),
        input: match (probe.get("input_raw").and_then(Value::as_str), probe.get("input")) {
            (Some(raw), _) => Input::Json(raw.to_owned()),
            (None, Some(input)) => Input::Json(input.to_string()),
            (None, None) => Input::Absent,
        },
        strict: probe["strict"] == true,
        ..Case::default()
    }
}

fn check(probe: &Value) -> Result<(), String> {
    let asked = asked(probe);
    let text = |member: &str| probe[member].as_str().unwrap_or_default();
    let wanted = text("opa");
    match asked.answer() {
        Err(_) if wanted.starts_with("ERROR") => Ok(()),
        Err(trouble) => Err(format!("wanted {wanted}, got {trouble:?}")),
        Ok(answer) => {
            let answers = answer.as_array().cloned().unwrap_or_default();
            let right = match (wanted, answers.as_slice()) {
                ("undefined", []) => true,
                (wanted, [answer, ..]) => {
                    serde_json::from_str(wanted).is_ok_and(|wanted: Value| same(answer, &wanted) || same(&sorted(answer), &sorted(&wanted)))
                }
                _ => false,
            };
            if right { Ok(()) } else { Err(format!("wanted {wanted}, got {answer}")) }
        }
    }
}
