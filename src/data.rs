//! The document that rules see as `data`, put together from parts as OPA does it.

use serde_json::{Map, Value};

/// Why a part does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataConflict {
    /// All of `data` is an object.
    #[error("data must be an object")]
    NotAnObject,
    /// This path has a value already, and one of both is no object.
    #[error("`{0}` is already defined by other data")]
    Defined(String),
}

/// Puts `value` at `place` below `into`. Objects are merged; anything else that is there twice is a conflict.
///
/// # Errors
/// [`DataConflict`]; then parts of `value` may be in `into` already.
pub fn merge_data(into: &mut Map<String, Value>, place: &[String], value: Value) -> Result<(), DataConflict> {
    let placed = place.iter().rev().fold(value, |inner, name| Value::Object(Map::from_iter([(name.clone(), inner)])));
    let Value::Object(members) = placed else { return Err(DataConflict::NotAnObject) };
    merge(into, members, "data").map_err(DataConflict::Defined)
}

fn merge(into: &mut Map<String, Value>, from: Map<String, Value>, path: &str) -> Result<(), String> {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(there)), Value::Object(value)) => merge(there, value, &format!("{path}.{key}"))?,
            (Some(_), _) => return Err(format!("{path}.{key}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_merge_and_the_rest_conflicts() {
        let mut data = Map::new();
        let place = ["a".to_owned(), "b".to_owned()];
        merge_data(&mut data, &place, json!({"x": 1})).unwrap();
        merge_data(&mut data, &place, json!({"y": [2]})).unwrap();
        assert_eq!(Value::Object(data.clone()), json!({"a": {"b": {"x": 1, "y": [2]}}}));
        assert_eq!(merge_data(&mut data, &place, json!({"x": 1})), Err(DataConflict::Defined("data.a.b.x".to_owned())));
        assert_eq!(merge_data(&mut data, &place[..1], json!([])), Err(DataConflict::Defined("data.a".to_owned())));
        assert_eq!(merge_data(&mut data, &[], json!(3)), Err(DataConflict::NotAnObject));
    }
}
