//! Recorded answers of OPA to probes of single constructs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Asking, Case, Input};
use super::compare::{same, sorted};
use super::known;
use crate::testkit::conformance;

/// What fails, and why: `id<TAB>reason`.
const KNOWN: &str = include_str!("probe-failures.tsv");

#[test]
fn every_probe_gives_opas_answer_but_for_those_that_are_listed() {
    let Some(probes) = probes() else { return };
    let failed = probes.iter().filter_map(|(name, probe)| check(probe, Case::answer).err().map(|why| (name.clone(), why)));
    let failures: BTreeMap<String, String> = failed.collect();
    known::hold(&known::read(KNOWN), &failures);
}

/// All probes, by name.
pub(crate) fn probes() -> Option<Vec<(String, Value)>> {
    let text = std::fs::read_to_string(conformance("rego-probes.jsonl")?).unwrap();
    let probes: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(probes.len() > 400, "{} probes", probes.len());
    Some(probes.into_iter().map(|probe| (probe["id"].as_str().unwrap_or_default().to_owned(), probe)).collect())
}

/// What a probe asks.
pub(crate) fn asked(probe: &Value) -> Case {
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

/// Asks a probe, and compares the answer with OPA's.
pub(crate) fn check(probe: &Value, asking: Asking) -> Result<(), String> {
    let asked = asked(probe);
    let text = |member: &str| probe[member].as_str().unwrap_or_default();
    let wanted = text("opa");
    match asking(&asked) {
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
