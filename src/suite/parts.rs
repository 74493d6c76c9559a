//! The cases of a test that has several: which there were, and which of them gave `true`.

use std::collections::BTreeMap;

use regorus::Value;

use crate::policy::document;

/// A case of a test, or cases under a common name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPart {
    /// Its name.
    pub name: String,
    /// Whether it, and all below it, passed.
    pub passed: bool,
    /// What is below it; empty for a case.
    pub parts: Vec<TestPart>,
}

impl TestPart {
    /// How many cases passed and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        match self.parts.as_slice() {
            [] => (usize::from(self.passed), usize::from(!self.passed)),
            parts => parts.iter().map(Self::counts).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1)),
        }
    }
}

/// Whether no case failed.
pub(super) fn all_passed(parts: &[TestPart]) -> bool {
    parts.iter().all(|part| part.passed)
}

/// The cases in the value of a test, and those that were begun, `[[name, ..], ..]` each, and are not in it.
pub(super) fn of(value: &Value, begun: &Value) -> Vec<TestPart> {
    let mut root = Node::default();
    root.fill(value);
    if let Value::Set(begun) = begun {
        for element in begun.iter() {
            if let Value::Array(element) = element
                && let Some(Value::Array(path)) = element.first()
            {
                root.begin(path.iter());
            }
        }
    }
    root.parts()
}

#[derive(Default)]
struct Node {
    passed: bool,
    below: BTreeMap<String, Node>,
}

impl Node {
    fn fill(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (key, value) in members.iter() {
                    self.below.entry(named(key)).or_default().fill(value);
                }
            }
            value => self.passed = *value == Value::Bool(true),
        }
    }

    fn begin<'a>(&mut self, path: impl Iterator<Item = &'a Value>) {
        path.fold(self, |node, key| node.below.entry(named(key)).or_default());
    }

    fn parts(self) -> Vec<TestPart> {
        let part = |(name, node): (String, Self)| {
            let passed = node.passed;
            let parts = node.parts();
            TestPart { name, passed: if parts.is_empty() { passed } else { all_passed(&parts) }, parts }
        };
        self.below.into_iter().map(part).collect()
    }
}

fn named(key: &Value) -> String {
    document::name(key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_was_begun_and_gave_nothing_failed() {
        let value = Value::from_json_str(r#"{"a": true, "b": {"x": true}, "c": 1}"#).unwrap();
        let begun: regorus::value::Set =
            [r#"[["d"], []]"#, r#"[["b", "y"], [1]]"#, r#"[["a"], []]"#].iter().map(|text| Value::from_json_str(text).unwrap()).collect();
        let parts = of(&value, &begun.into_value());
        let passed: Vec<(&str, bool)> = parts.iter().map(|part| (part.name.as_str(), part.passed)).collect();
        assert_eq!(passed, [("a", true), ("b", false), ("c", false), ("d", false)]);
        assert_eq!(parts[1].counts(), (1, 1));
        assert!(!all_passed(&parts) && all_passed(&parts[..1]));
    }
}
