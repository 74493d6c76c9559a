//! `json.remove` and `json.filter`: parts of a document by path.

use std::collections::BTreeMap;

use super::call::Value;
use super::operand::{self, Answer, Fault, type_name};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("json.filter", Availability::Pure(filter)), ("json.remove", Availability::Pure(remove))];

/// What an object, array or set holds under a key.
pub(super) fn child<'a>(value: &'a Value, key: &Value) -> Option<&'a Value> {
    match value {
        Value::Object(object) => object.get(key),
        Value::Array(array) => key.as_u64().ok().and_then(|at| array.get(usize::try_from(at).ok()?)),
        Value::Set(set) => set.get(key),
        _ => None,
    }
}

/// Paths joined at their common beginnings; a leaf is the end of a path.
#[derive(Debug)]
enum Tree {
    Leaf,
    Branch(BTreeMap<Value, Tree>),
}

impl Tree {
    /// The first of two paths wins where one is the beginning of the other, unless the shorter comes last.
    fn insert(branch: &mut BTreeMap<Value, Tree>, path: &[Value]) {
        match path {
            [] => {}
            [last] => {
                branch.insert(last.clone(), Tree::Leaf);
            }
            [first, rest @ ..] => {
                if let Tree::Branch(inner) = branch.entry(first.clone()).or_insert_with(|| Tree::Branch(BTreeMap::new())) {
                    Self::insert(inner, rest);
                }
            }
        }
    }
}

fn tree(operands: &[Value]) -> Result<BTreeMap<Value, Tree>, Fault> {
    let paths = operand::elements(operands, 2)?;
    let mut root = BTreeMap::new();
    let paths: Vec<Vec<Value>> = paths.into_iter().map(path).collect::<Result<_, _>>()?;
    for path in &paths {
        Tree::insert(&mut root, path);
    }
    Ok(root)
}

/// Most segments of a path: each is a level of the stack.
const MOST_SEGMENTS: usize = 500;

/// A path's segments: `/a/b`, `a/b` or an array.
pub(super) fn path(path: &Value) -> Result<Vec<Value>, Fault> {
    let is_long = match path {
        Value::String(text) => text.bytes().filter(|byte| *byte == b'/').count() > MOST_SEGMENTS,
        Value::Array(segments) => segments.len() > MOST_SEGMENTS,
        _ => false,
    };
    if is_long {
        return Err(Fault::failed("path too long"));
    }
    match path {
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => {
            let segments = text.trim_start_matches('/').split('/');
            Ok(segments.map(|segment| Value::from(segment.replace("~1", "/").replace("~0", "~"))).collect())
        }
        Value::Array(segments) => Ok(segments.to_vec()),
        other => Err(Fault::Type(format!(
            "operand 2 must be one of {{set, array}} containing string paths or array of path segments but got {}",
            type_name(other)
        ))),
    }
}

fn remove(operands: &[Value]) -> Answer {
    operand::object(operands, 1)?;
    let root = tree(operands)?;
    Ok(without(operand::any(operands, 1), &root))
}

/// What is left of a value below a branch.
fn without(value: &Value, branch: &BTreeMap<Value, Tree>) -> Value {
    children(value, &|key, child| match branch.get(key) {
        None => Some(child.clone()),
        Some(Tree::Leaf) => None,
        Some(Tree::Branch(inner)) => Some(without(child, inner)),
    })
}

fn filter(operands: &[Value]) -> Answer {
    operand::object(operands, 1)?;
    let root = tree(operands)?;
    Ok(only(operand::any(operands, 1), &root))
}

/// What of a value a branch names.
fn only(value: &Value, branch: &BTreeMap<Value, Tree>) -> Value {
    children(value, &|key, child| match branch.get(key)? {
        Tree::Leaf => Some(child.clone()),
        Tree::Branch(inner) => Some(only(child, inner)),
    })
}

/// A value of what is kept of each child, by its key; indices of arrays are text here. Scalars have no children.
fn children(value: &Value, keep: &dyn Fn(&Value, &Value) -> Option<Value>) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter_map(|(key, value)| keep(key, value).map(|value| (key.clone(), value)));
            kept.collect::<regorus::value::Object>().into_value()
        }
        Value::Set(set) => set.iter().filter_map(|element| keep(element, element)).collect::<regorus::value::Set>().into_value(),
        Value::Array(array) => {
            let kept = array.iter().enumerate().filter_map(|(at, element)| keep(&Value::from(at.to_string()), element));
            Value::from(kept.collect::<Vec<_>>())
        }
        scalar => scalar.clone(),
    }
}
