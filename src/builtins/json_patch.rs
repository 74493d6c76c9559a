//! `json.patch`: RFC 6902 on objects, arrays and sets.

use super::call::Value;
use super::json_paths::path;
use super::operand::{self, Answer, Fault, type_name};
use super::term_text;
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("json.patch", Availability::Pure(patch))];

fn patch(operands: &[Value]) -> Answer {
    let operations = operand::array(operands, 2)?;
    let mut target = operand::any(operands, 1).clone();
    for operation in operations {
        let Value::Object(operation) = operation else {
            return Err(Fault::failed("must be an array of JSON-Patch objects, but at least one element is not an object"));
        };
        apply(&mut target, operation)?;
    }
    // A target that was removed as a whole is undefined.
    Ok(target)
}

fn member<'a>(operation: &'a regorus::value::Object, name: &str) -> Result<&'a Value, Fault> {
    operation.get(&Value::from(name)).ok_or_else(|| Fault::failed(format!("missing required attribute '{name}'")))
}

fn apply(target: &mut Value, operation: &regorus::value::Object) -> Result<(), Fault> {
    let to = member(operation, "path")?;
    let op = match member(operation, "op")? {
        Value::String(op) => op,
        other => return Err(Fault::failed(format!("attribute 'op' must be a string but found: {}", type_name(other)))),
    };
    let to = path(to)?;
    match op.as_ref() {
        "add" => insert(target, &to, member(operation, "value")?.clone()),
        "remove" => delete(target, &to),
        "replace" => {
            delete(target, &to)?;
            insert(target, &to, member(operation, "value")?.clone())
        }
        "move" => {
            let from = path(member(operation, "from")?)?;
            let moved = find(target, &from)?;
            delete(target, &from)?;
            insert(target, &to, moved)
        }
        "copy" => {
            let copied = find(target, &path(member(operation, "from")?)?)?;
            insert(target, &to, copied)
        }
        "test" => {
            let (found, expected) = (find(target, &to)?, member(operation, "value")?);
            if found == *expected {
                return Ok(());
            }
            let (expected, found) = (term_text::of(expected), term_text::of(&found));
            Err(Fault::failed(format!("value from EditTree != patch value.\n\nExpected: {expected}\n\nFound: {found}")))
        }
        other => Err(Fault::failed(format!("unrecognized op: '{other}'"))),
    }
}

/// The position that a segment names in an array of this length; `-` is its end.
fn position(length: usize, segment: &Value) -> Result<i64, Fault> {
    match segment {
        Value::Number(_) => {
            operand::integer(std::slice::from_ref(segment), 1).map_err(|_| Fault::failed("invalid number type for indexing"))
        }
        Value::String(text) if text.as_ref() == "-" => Ok(i64::try_from(length).unwrap_or(i64::MAX)),
        Value::String(text) => {
            let position = text.parse().map_err(|_| Fault::failed("invalid string for indexing"))?;
            if text.starts_with('0') && text.as_ref() != "0" {
                return Err(Fault::failed("leading zeros are not allowed in JSON paths"));
            }
            Ok(position)
        }
        _ => Err(Fault::failed("invalid type for indexing")),
    }
}

fn not_there(segment: &Value, kind: &str, value: &Value) -> Fault {
    Fault::failed(format!("path {} does not exist in {kind} term {}", term_text::of(segment), term_text::of(value)))
}

/// The value at a path.
fn find(target: &Value, segments: &[Value]) -> Answer {
    let Some((first, rest)) = segments.split_first() else { return Ok(target.clone()) };
    let inner = match target {
        Value::Object(object) => object.get(first).ok_or_else(|| not_there(first, "object", target))?,
        Value::Set(set) => set.get(first).ok_or_else(|| not_there(first, "set", target))?,
        Value::Array(array) => {
            let at = position(array.len(), first)?;
            let element = usize::try_from(at).ok().and_then(|at| array.get(at));
            element.ok_or_else(|| not_there(&Value::from(at), "array", target))?
        }
        scalar => return Err(expected_composite(scalar)),
    };
    find(inner, rest)
}

fn expected_composite(value: &Value) -> Fault {
    Fault::failed(format!("expected composite type, found value: {} (type: {})", term_text::of(value), type_name(value)))
}

/// Changes what stands at the end of a path, and all that holds it.
fn change(target: &mut Value, segments: &[Value], at_end: &mut dyn FnMut(&mut Value) -> Result<(), Fault>) -> Result<(), Fault> {
    let Some((first, rest)) = segments.split_first() else { return at_end(target) };
    let mut inner = find(target, std::slice::from_ref(first))?;
    let before = inner.clone();
    change(&mut inner, rest, at_end)?;
    match target {
        Value::Object(_) => {
            target.as_object_mut().map_err(|_| Fault::failed("not an object"))?.insert(first.clone(), inner);
        }
        Value::Set(_) => {
            let set = target.as_set_mut().map_err(|_| Fault::failed("not a set"))?;
            set.remove(&before);
            set.insert(inner);
        }
        _ => {
            let array = target.as_array_mut().map_err(|_| Fault::failed("not an array"))?;
            let at = usize::try_from(position(array.len(), first)?).unwrap_or(usize::MAX);
            if let Some(element) = array.get_mut(at) {
                *element = inner;
            }
        }
    }
    Ok(())
}

fn insert(target: &mut Value, segments: &[Value], value: Value) -> Result<(), Fault> {
    let Some((last, parents)) = segments.split_last() else {
        *target = value;
        return Ok(());
    };
    let mut value = Some(value);
    change(target, parents, &mut |parent| insert_child(parent, last, value.take().unwrap_or(Value::Undefined)))
}

fn insert_child(parent: &mut Value, key: &Value, value: Value) -> Result<(), Fault> {
    match parent {
        Value::Object(_) => {
            parent.as_object_mut().map_err(|_| Fault::failed("not an object"))?.insert(key.clone(), value);
            Ok(())
        }
        Value::Set(_) if *key != value => {
            let (key, value) = (term_text::of(key), term_text::of(&value));
            Err(Fault::failed(format!("set key {key} does not equal value to be inserted {value}")))
        }
        Value::Set(_) => {
            parent.as_set_mut().map_err(|_| Fault::failed("not a set"))?.insert(value);
            Ok(())
        }
        Value::Array(array) => {
            let at = usize::try_from(position(array.len(), key)?).ok().filter(|at| *at <= array.len());
            let at = at.ok_or_else(|| Fault::failed("index for array insertion out of bounds"))?;
            let mut elements = array.to_vec();
            elements.insert(at, value);
            *parent = Value::from(elements);
            Ok(())
        }
        scalar => Err(expected_composite(scalar)),
    }
}

fn delete(target: &mut Value, segments: &[Value]) -> Result<(), Fault> {
    let Some((last, parents)) = segments.split_last() else {
        *target = Value::Undefined;
        return Ok(());
    };
    change(target, parents, &mut |parent| delete_child(parent, last))
}

fn delete_child(parent: &mut Value, key: &Value) -> Result<(), Fault> {
    let missing = || Fault::failed(format!("cannot delete child key {} that does not exist", term_text::of(key)));
    match parent {
        Value::Object(_) => {
            let removed = parent.as_object_mut().map_err(|_| Fault::failed("not an object"))?.remove(key);
            removed.map(|_| ()).ok_or_else(missing)
        }
        Value::Set(_) => {
            let removed = parent.as_set_mut().map_err(|_| Fault::failed("not a set"))?.remove(key);
            removed.then_some(()).ok_or_else(missing)
        }
        Value::Array(array) => {
            let at = usize::try_from(position(array.len(), key)?).ok().filter(|at| *at < array.len());
            let at = at.ok_or_else(|| Fault::failed("index for array delete out of bounds"))?;
            let mut elements = array.to_vec();
            elements.remove(at);
            *parent = Value::from(elements);
            Ok(())
        }
        scalar => Err(expected_composite(scalar)),
    }
}
