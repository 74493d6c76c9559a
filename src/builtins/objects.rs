//! Objects.

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, json_paths};
use regorus::value::{Array, Object, Set};

pub(super) const FAMILY: Family = &[
    ("object.filter", Availability::Pure(filter)),
    ("object.get", Availability::Pure(get)),
    ("object.keys", Availability::Pure(|operands| Ok(operand::object(operands, 1)?.keys().cloned().collect::<Set>().into_value()))),
    ("object.remove", Availability::Pure(remove)),
    ("object.subset", Availability::Pure(subset)),
    ("object.union", Availability::Pure(union)),
    ("object.union_n", Availability::Pure(union_n)),
];

fn keys(operands: &[Value]) -> Result<Vec<Value>, Fault> {
    match operand::any(operands, 2) {
        Value::Array(array) => Ok(array.to_vec()),
        Value::Set(set) => Ok(set.iter_sorted().cloned().collect()),
        Value::Object(object) => Ok(object.keys().cloned().collect()),
        other => Err(Fault::operand(2, other, &["object", "set", "array"])),
    }
}

fn filter(operands: &[Value]) -> Answer {
    let object = operand::object(operands, 1)?;
    let kept = keys(operands)?.into_iter().filter_map(|key| object.get(&key).cloned().map(|value| (key, value)));
    Ok(kept.collect::<Object>().into_value())
}

fn remove(operands: &[Value]) -> Answer {
    let mut object = operand::object(operands, 1)?.clone();
    for key in keys(operands)? {
        object.remove(&key);
    }
    Ok(object.into_value())
}

fn get(operands: &[Value]) -> Answer {
    let object = operand::object(operands, 1)?;
    let default = operand::any(operands, 3);
    let Value::Array(path) = operand::any(operands, 2) else {
        return Ok(object.get(operand::any(operands, 2)).unwrap_or(default).clone());
    };
    let found = path.iter().try_fold(operand::any(operands, 1), json_paths::child);
    Ok(found.unwrap_or(default).clone())
}

fn union(operands: &[Value]) -> Answer {
    let (left, right) = (operand::object(operands, 1)?, operand::object(operands, 2)?);
    Ok(merged(left, right).into_value())
}

/// The right one wins, object in object.
fn merged(left: &Object, right: &Object) -> Object {
    let mut merged = left.clone();
    for (key, value) in right.iter() {
        let value = match (left.get(key), value) {
            (Some(Value::Object(left)), Value::Object(right)) => self::merged(left, right).into_value(),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

fn union_n(operands: &[Value]) -> Answer {
    let array = operand::array(operands, 1)?;
    let mut objects = Vec::with_capacity(array.len());
    for element in array {
        match element {
            Value::Object(object) => objects.push(object.as_ref()),
            other => return Err(Fault::element(1, operands, other, &["object"])),
        }
    }
    Ok(objects.into_iter().fold(Object::new(), |so_far, object| merged(&so_far, object)).into_value())
}

fn subset(operands: &[Value]) -> Answer {
    Ok(Value::from(match (operand::any(operands, 1), operand::any(operands, 2)) {
        (Value::Object(whole), Value::Object(part)) => object_subset(whole, part),
        (Value::Set(whole), Value::Set(part)) => part.is_subset(whole),
        (Value::Array(whole), Value::Array(part)) => array_subset(whole, part),
        (Value::Array(whole), Value::Set(part)) => !whole.is_empty() && part.iter().all(|element| whole.contains(element)),
        _ => return Err(Fault::Type("both arguments object.subset must be of the same type or array and set".to_owned())),
    }))
}

fn object_subset(whole: &Object, part: &Object) -> bool {
    part.iter().all(|(key, part)| match (whole.get(key), part) {
        (Some(whole), part) if whole == part => true,
        (Some(Value::Object(whole)), Value::Object(part)) => object_subset(whole, part),
        (Some(Value::Set(whole)), Value::Set(part)) => part.is_subset(whole),
        (Some(Value::Array(whole)), Value::Array(part)) => array_subset(whole, part),
        _ => false,
    })
}

/// OPA's search: after a mismatch it goes on one element further with the *first* element of the part, and never looks
/// back at what it had matched.
fn array_subset(whole: &Array, part: &Array) -> bool {
    if part.len() > whole.len() {
        return false;
    }
    let (mut start, mut matched) = (0, 0);
    loop {
        let Some(wanted) = part.get(matched) else { return true };
        match whole.get(start + matched) {
            None => return false,
            Some(element) if element == wanted => matched += 1,
            Some(_) => {
                start += 1;
                matched = 0;
            }
        }
    }
}
