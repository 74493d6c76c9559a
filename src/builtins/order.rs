//! The order of values: null, booleans, numbers, strings, arrays, objects, sets.
//!
//! The engine puts sets before objects; everything else agrees.

use std::cmp::Ordering;

use super::call::Value;

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
        Value::Set(_) => 6,
        Value::Undefined => 7,
    }
}

/// How OPA orders two values.
pub(crate) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => sequences(left.iter(), right.iter()),
        (Value::Set(left), Value::Set(right)) => sequences(of_set(left).into_iter(), of_set(right).into_iter()),
        (Value::Object(left), Value::Object(right)) => objects(left, right),
        (left, right) if rank(left) == rank(right) => left.cmp(right),
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

fn sequences<'a>(left: impl Iterator<Item = &'a Value>, mut right: impl Iterator<Item = &'a Value>) -> Ordering {
    for value in left {
        let Some(other) = right.next() else { return Ordering::Greater };
        match compare(value, other) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    if right.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

/// Key by key; at the same key, value by value.
fn objects(left: &regorus::value::Object, right: &regorus::value::Object) -> Ordering {
    let (left_keys, right_keys) = (keys(left), keys(right));
    for (left_key, right_key) in left_keys.iter().zip(&right_keys) {
        let by_key = compare(left_key, right_key);
        let order = if by_key == Ordering::Equal {
            match (left.get(left_key), right.get(right_key)) {
                (Some(left), Some(right)) => compare(left, right),
                _ => Ordering::Equal,
            }
        } else {
            by_key
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left_keys.len().cmp(&right_keys.len())
}

/// An object's keys in order.
pub(crate) fn keys(object: &regorus::value::Object) -> Vec<&Value> {
    let mut keys: Vec<&Value> = object.keys_sorted().collect();
    keys.sort_by(|left, right| compare(left, right));
    keys
}

/// A set's elements in order.
pub(crate) fn of_set(set: &regorus::value::Set) -> Vec<&Value> {
    let mut elements: Vec<&Value> = set.iter_sorted().collect();
    elements.sort_by(|left, right| compare(left, right));
    elements
}
