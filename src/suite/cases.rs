//! The cases of a test: members of its value have passed, and those that were tried and are no members have not.

use std::collections::BTreeMap;

use crate::builtins::Value;

/// How a case of a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// Whether it, or one of its own cases, did not pass.
    pub failed: bool,
    /// Its own cases, by name: of `test_x[a][b]`.
    pub cases: Vec<CaseResult>,
}

/// A case whose own cases are not all known yet.
#[derive(Debug, Default)]
struct Case {
    failed: bool,
    cases: BTreeMap<String, Case>,
}

/// Reads the value of a test, and the names of the cases that were tried.
pub(super) fn read(value: &Value, tried: &[Value]) -> Vec<CaseResult> {
    let mut cases = passed(value).cases;
    for names in tried {
        if let Value::Array(names) = names {
            let names: Vec<String> = names.iter().map(text).collect();
            tried_case(&mut cases, &names);
        }
    }
    results(cases)
}

/// A case that the value tells of.
fn passed(value: &Value) -> Case {
    match value {
        Value::Bool(true) | Value::Null => Case::default(),
        Value::Object(members) => {
            let cases: BTreeMap<String, Case> = members.iter().map(|(name, value)| (text(name), passed(value))).collect();
            Case { failed: cases.values().any(|case| case.failed), cases }
        }
        _ => Case { failed: true, cases: BTreeMap::new() },
    }
}

/// Adds a case that was tried; tells whether it failed.
fn tried_case(cases: &mut BTreeMap<String, Case>, names: &[String]) -> bool {
    let Some((name, rest)) = names.split_first() else { return true };
    let case = cases.entry(name.clone()).or_insert_with(|| Case { failed: true, cases: BTreeMap::new() });
    if rest.is_empty() {
        return case.failed;
    }
    let failed = tried_case(&mut case.cases, rest);
    case.failed |= failed;
    failed
}

fn results(cases: BTreeMap<String, Case>) -> Vec<CaseResult> {
    cases.into_iter().map(|(name, case)| CaseResult { name, failed: case.failed, cases: results(case.cases) }).collect()
}

/// A name: a text as it is, anything else as JSON.
fn text(name: &Value) -> String {
    match name {
        Value::String(text) => text.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

impl CaseResult {
    /// How many cases without cases of their own have passed, and how many have not.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        if self.cases.is_empty() {
            return (usize::from(!self.failed), usize::from(self.failed));
        }
        self.cases.iter().map(Self::counts).fold((0, 0), |(passed, failed), (more, others)| (passed + more, failed + others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::from_json_str(text).unwrap()
    }

    #[test]
    fn what_was_tried_and_is_not_there_has_failed() {
        let members = value(r#"{"a": true, "b": {"x": true, "y": false}, "c": "text"}"#);
        let tried = [value(r#"["a"]"#), value(r#"["b", "x"]"#), value(r#"["b", "z"]"#), value("[7]"), value(r#"[{"k": 1}]"#)];
        let cases = read(&members, &tried);
        let named: Vec<(&str, bool)> = cases.iter().map(|case| (case.name.as_str(), case.failed)).collect();
        assert_eq!(named, [("7", true), ("a", false), ("b", true), ("c", true), (r#"{"k":1}"#, true)]);
        assert_eq!(cases[2].counts(), (1, 2));
        assert_eq!(cases[1].counts(), (1, 0));
    }
}
