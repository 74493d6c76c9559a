//! Answers that OPA 1.22.0 gave, held against ours: `tests/it/builtins/*.jsonl`, one call a line.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::{Availability, Call, Failure, Host, Value, lookup};
use crate::verify::{PreparedRequest, Verified, VerifyError};

/// A host that nobody may ask.
#[derive(Debug)]
struct NoHost;

impl Host for NoHost {
    fn verify(&self, _: &PreparedRequest, _: Instant, _: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError> {
        panic!("a builtin of OPA asked the verifier")
    }

    fn note_unavailable(&self, why: &str) {
        panic!("a builtin of OPA was unavailable: {why}")
    }
}

/// Calls a builtin by name.
pub(super) fn call(name: &str, operands: &[Value]) -> Result<Value, Failure> {
    let builtin = lookup(name).unwrap_or_else(|| panic!("{name} is not in the table"));
    let call = Call { deadline: Instant::now() + Duration::from_secs(30), now_ns: 1_795_268_939_000_000_000, host: &NoHost };
    builtin.call(&call, operands)
}

/// JSON with `{"$set": [..]}`, `{"$object": [[key, value], ..]}` and `{"$int": ".."}` for what JSON lacks.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Array(elements) => Value::from(elements.iter().map(value).collect::<Vec<_>>()),
        Json::Object(members) => match members.iter().next() {
            Some((key, Json::Array(of))) if key == "$set" => of.iter().map(value).collect::<regorus::value::Set>().into_value(),
            Some((key, Json::Array(of))) if key == "$object" => {
                of.iter().map(|pair| (value(&pair[0]), value(&pair[1]))).collect::<regorus::value::Object>().into_value()
            }
            Some((key, Json::String(digits))) if key == "$int" => Value::from_numeric_string(digits).unwrap(),
            _ => members
                .iter()
                .map(|(key, member)| (Value::from(key.as_str()), value(member)))
                .collect::<regorus::value::Object>()
                .into_value(),
        },
        scalar => Value::from(scalar.clone()),
    }
}

/// What is wrong with our answer to one recorded call, if anything is.
pub(super) fn difference(call_line: &Json) -> Option<String> {
    let name = call_line["name"].as_str().unwrap();
    let operands: Vec<Value> = call_line["args"].as_array().unwrap().iter().map(value).collect();
    let got = call(name, &operands);
    let expected = match (call_line.get("code"), call_line.get("value")) {
        (Some(code), _) => Err((code.as_str().unwrap() == "eval_type_error", call_line["message"].as_str().unwrap().to_owned())),
        (None, Some(json)) => Ok(value(json)),
        (None, None) => Ok(Value::Undefined),
    };
    let got = got.map_err(|failure| (matches!(failure, Failure::Type { .. }), failure.to_string()));
    (got != expected).then(|| format!("{name}{} gave {got:?} and not {expected:?}", call_line["args"]))
}

fn hold(file: &str, text: &str) {
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut held = 0;
    for line in text.lines() {
        let line: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}"));
        let name = line["name"].as_str().unwrap();
        if matches!(lookup(name).map(|builtin| builtin.availability), Some(Availability::Engine | Availability::Rewritten)) {
            continue;
        }
        held += 1;
        if let Some(difference) = difference(&line) {
            wrong.entry(name.to_owned()).or_default().push(difference);
        }
    }
    let count: usize = wrong.values().map(Vec::len).sum();
    let report: Vec<String> = wrong.into_values().flatten().collect();
    assert!(count == 0, "{file}: {count} of {held} answers differ\n{}", report.join("\n"));
}

#[test]
fn answers_are_those_of_opa() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/builtins");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            hold(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
            files += 1;
        }
    }
    assert!(files > 0, "no recorded answers in {folder}");
}
