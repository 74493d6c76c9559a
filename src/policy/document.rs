//! A value of the engine as the JSON document that OPA makes of it: sets are sorted lists, keys are texts.

use std::fmt::Write as _;

use regorus::Value;
use serde_json::{Map, Value as Json};

/// The document.
///
/// # Errors
/// For a number that JSON has not.
pub(super) fn of(value: &Value) -> serde_json::Result<Json> {
    Ok(match value {
        Value::Array(items) => Json::Array(items.iter().map(of).collect::<Result<_, _>>()?),
        Value::Set(items) => Json::Array(crate::builtins::sorted(items).into_iter().map(of).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            Json::Object(members.iter().map(|(key, value)| Ok((name(key)?, of(value)?))).collect::<serde_json::Result<Map<_, _>>>()?)
        }
        scalar => serde_json::to_value(scalar)?,
    })
}

/// A key as text: a string as it is, anything else as Go writes JSON, fit for HTML.
pub(crate) fn name(key: &Value) -> serde_json::Result<String> {
    if let Value::String(text) = key {
        return Ok(text.to_string());
    }
    let text = of(key)?.to_string();
    // These stand in strings only, where an escape means the same.
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return Ok(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{:04x}", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OPA 1.22 answers.
    #[test]
    fn a_key_that_is_no_string_is_json_for_html() {
        let set: regorus::value::Set = [Value::from("<&\u{2028}é"), Value::from(1)].into_iter().collect();
        let nested: regorus::value::Object = [(set.into_value(), Value::Null)].into_iter().collect();
        let object: regorus::value::Object =
            [(Value::from("<"), Value::from(1)), (Value::from(2), Value::from(2)), (nested.into_value(), Value::from(3))]
                .into_iter()
                .collect();
        let members = of(&object.into_value()).unwrap();
        let names: Vec<&str> = members.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["2", "<", r#"{"[1,\"\\u003c\\u0026\\u2028é\"]":null}"#]);
    }
}
