//! Values and calls as recorded lines have them; [`super::super::recorded::value`] reads them again.

use serde_json::Value as Json;

use crate::builtins::{Value, number, order};

/// `{"name", "args"}`
pub(super) fn call(name: &str, operands: &[Value]) -> String {
    let operands: Vec<String> = operands.iter().map(value).collect();
    format!("{{\"name\":\"{name}\",\"args\":[{}]}}", operands.join(","))
}

/// One value.
pub(super) fn value(of: &Value) -> String {
    let listed = |items: Vec<String>| format!("[{}]", items.join(","));
    let text = |text: &str| Json::from(text).to_string();
    match of {
        Value::Null | Value::Undefined => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(_) => {
            let digits = number::text(of);
            let is_long = digits.len() > 15 && !digits.contains(['.', 'e', 'E']);
            if is_long { format!("{{\"$int\":\"{digits}\"}}") } else { digits }
        }
        Value::String(of) => text(of),
        Value::Array(array) => listed(array.iter().map(value).collect()),
        Value::Set(set) => format!("{{\"$set\":{}}}", listed(order::of_set(set).into_iter().map(value).collect())),
        Value::Object(object) => {
            let keys = order::keys(object);
            let member = |key: &Value| object.get(key).map_or_else(|| "null".to_owned(), value);
            if keys.iter().all(|key| matches!(key, Value::String(_))) {
                let members: Vec<String> = keys.into_iter().map(|key| format!("{}:{}", value(key), member(key))).collect();
                format!("{{{}}}", members.join(","))
            } else {
                let pairs = keys.into_iter().map(|key| listed(vec![value(key), member(key)])).collect();
                format!("{{\"$object\":{}}}", listed(pairs))
            }
        }
    }
}
