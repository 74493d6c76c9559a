//! JSON and YAML texts as documents, each with the place of what is wrong with it.

use std::fmt;

use serde::Deserialize as _;
use serde_json::{Map, Value};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Line and column, from 1.
    pub(super) place: Option<(usize, usize)>,
    /// What is wrong.
    pub(super) reason: String,
}

impl Malformed {
    /// `file:line:column: reason`.
    pub(super) fn in_file(&self, file: &str) -> String {
        format!("{file}:{self}")
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{line}:{column}: {}", self.reason),
            None => write!(f, " {}", self.reason),
        }
    }
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        let place = (error.line() > 0).then(|| (error.line(), error.column()));
        Self { place, reason: format!("invalid JSON: {reason}") }
    }
}

impl From<yaml_serde::Error> for Malformed {
    fn from(error: yaml_serde::Error) -> Self {
        let text = error.to_string();
        let reason = text.split_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        let place = error.location().map(|location| (location.line(), location.column()));
        Self { place, reason: format!("invalid YAML: {}", reason.lines().collect::<Vec<_>>().join(" ")) }
    }
}

/// One JSON document.
pub(super) fn json(text: &str) -> Result<Value, Malformed> {
    Ok(serde_json::from_str(text)?)
}

/// The documents of a YAML text. Those that are empty, such as behind a last `---`, are none.
pub(super) fn yaml(text: &str) -> Result<Vec<Value>, Malformed> {
    let says_nothing = |line: &str| line.is_empty() || line.starts_with('#') || line == "---";
    if text.lines().all(|line| says_nothing(line.trim())) {
        return Ok(Vec::new());
    }
    let mut documents = Vec::new();
    for document in yaml_serde::Deserializer::from_str(text) {
        let mut value = yaml_serde::Value::deserialize(document)?;
        value.apply_merge()?;
        documents.push(plain(value)?);
    }
    if documents.len() > 1 {
        documents.retain(|document| !document.is_null());
    }
    Ok(documents)
}

/// YAML as JSON, as OPA reads it: keys become strings, tags are left out.
fn plain(value: yaml_serde::Value) -> Result<Value, Malformed> {
    use yaml_serde::Value as Yaml;
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => plain_number(&number)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(plain).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (key, member) in members {
                object.insert(plain_key(key)?, plain(member)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => plain(tagged.value)?,
    })
}

fn plain_number(number: &yaml_serde::Number) -> Result<Value, Malformed> {
    let integer = number.as_u64().map(Value::from).or_else(|| number.as_i64().map(Value::from));
    integer
        .or_else(|| number.as_f64().and_then(serde_json::Number::from_f64).map(Value::Number))
        .ok_or_else(|| Malformed { place: None, reason: format!("invalid YAML: `{number}` is no JSON number") })
}

fn plain_key(key: yaml_serde::Value) -> Result<String, Malformed> {
    match plain(key)? {
        Value::String(text) => Ok(text),
        key @ (Value::Null | Value::Bool(_) | Value::Number(_)) => Ok(key.to_string()),
        Value::Array(_) | Value::Object(_) => {
            Err(Malformed { place: None, reason: "invalid YAML: a key that is a list or a mapping".to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_becomes_json() {
        let text = "base: &base\n  a: 1\nother:\n  <<: *base\n  2: [x, 1.5, ~, true]\n  true: !tag y\n";
        assert_eq!(yaml(text).unwrap(), [json!({"base": {"a": 1}, "other": {"a": 1, "2": ["x", 1.5, null, true], "true": "y"}})]);
        assert_eq!(yaml("a: 1\n---\nb: 2\n---\n").unwrap(), [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(yaml("# nothing\n---\n").unwrap(), Vec::<Value>::new());
        assert_eq!(yaml("null").unwrap(), [Value::Null]);
    }

    #[test]
    fn what_is_wrong_is_located() {
        assert_eq!(json("{\n \"a\": ,\n}").unwrap_err().in_file("x.json"), "x.json:2:7: invalid JSON: expected value");
        assert!(yaml("a: [1,\nb: }").unwrap_err().in_file("x.yaml").starts_with("x.yaml:2:"), "{:?}", yaml("a: [1,\nb: }"));
        assert!(yaml("a: .nan").unwrap_err().to_string().contains("no JSON number"));
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let previous = format!("*a{}, ", level - 1).repeat(9);
            text = format!("{text}a{level}: &a{level} [{previous}]\n");
        }
        assert!(yaml(&text).is_err());
    }
}
