//! The functions of templates.

use std::cmp::Ordering;

use super::run::{Evaluated, holds, text};
use crate::builtins::call::Value;
use crate::builtins::{encoding, order, sprintf};

pub(super) fn call(name: &str, arguments: &[Option<Value>]) -> Evaluated {
    let needed = |count: usize| {
        if arguments.len() == count {
            Ok(())
        } else {
            Err(format!("wrong number of args for {name}: want {count} got {}", arguments.len()))
        }
    };
    let first = || arguments.first().and_then(Option::as_ref);
    match name {
        "and" => Ok(arguments.iter().find(|argument| !holds(argument.as_ref())).or(arguments.last()).cloned().flatten()),
        "or" => Ok(arguments.iter().find(|argument| holds(argument.as_ref())).or(arguments.last()).cloned().flatten()),
        "not" => needed(1).map(|()| Some(Value::from(!holds(first())))),
        "eq" => {
            let (one, others) =
                arguments.split_first().filter(|(_, others)| !others.is_empty()).ok_or("missing argument for comparison")?;
            Ok(Some(Value::from(others.iter().any(|other| other == one))))
        }
        "ne" => needed(2).map(|()| Some(Value::from(arguments.first() != arguments.last()))),
        "lt" => compare(arguments, Ordering::is_lt),
        "le" => compare(arguments, Ordering::is_le),
        "gt" => compare(arguments, Ordering::is_gt),
        "ge" => compare(arguments, Ordering::is_ge),
        "len" => needed(1).and_then(|()| length(first())),
        "index" => index(arguments),
        "slice" => slice(arguments),
        "print" => Ok(Some(Value::from(printed(arguments)))),
        "println" => {
            Ok(Some(Value::from(format!("{}\n", arguments.iter().map(|argument| text(argument.as_ref())).collect::<Vec<_>>().join(" ")))))
        }
        "printf" => printf(arguments),
        "html" => Ok(Some(Value::from(html(&printed(arguments))))),
        "urlquery" => Ok(Some(Value::from(encoding::escape(&printed(arguments))))),
        other => Err(format!("function \"{other}\" not defined")),
    }
}

/// Spaces stand between arguments that are both no text.
fn printed(arguments: &[Option<Value>]) -> String {
    let mut out = String::new();
    let mut after_text = true;
    for (at, argument) in arguments.iter().enumerate() {
        let is_text = matches!(argument, Some(Value::String(_)));
        if at > 0 && !is_text && !after_text {
            out.push(' ');
        }
        out.push_str(&text(argument.as_ref()));
        after_text = is_text;
    }
    out
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn compare(arguments: &[Option<Value>], wanted: fn(Ordering) -> bool) -> Evaluated {
    match arguments {
        [Some(left @ Value::Number(_)), Some(right @ Value::Number(_))]
        | [Some(left @ Value::String(_)), Some(right @ Value::String(_))] => Ok(Some(Value::from(wanted(order::compare(left, right))))),
        [_, _] => Err("incompatible types for comparison".to_owned()),
        other => Err(format!("wrong number of args for comparison: want 2 got {}", other.len())),
    }
}

fn length(value: Option<&Value>) -> Evaluated {
    let length = match value {
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(array)) => array.len(),
        Some(Value::Set(set)) => set.len(),
        Some(Value::Object(object)) => object.len(),
        _ => return Err("len of untyped nil".to_owned()),
    };
    Ok(Some(Value::from(length)))
}

fn position(value: Option<&Value>, length: usize) -> Result<usize, String> {
    let at = value.and_then(|value| value.as_u64().ok()).ok_or("cannot index slice/array with this type")?;
    usize::try_from(at).ok().filter(|at| *at < length).ok_or_else(|| format!("index out of range: {at}"))
}

fn index(arguments: &[Option<Value>]) -> Evaluated {
    let Some((collection, keys)) = arguments.split_first() else {
        return Err("wrong number of args for index: want at least 1 got 0".to_owned());
    };
    let mut value = collection.clone();
    for key in keys {
        value = match value {
            Some(Value::Array(array)) => array.get(position(key.as_ref(), array.len())?).cloned(),
            Some(Value::Object(object)) => key.as_ref().and_then(|key| object.get(key)).cloned(),
            Some(Value::String(text)) => text.as_bytes().get(position(key.as_ref(), text.len())?).map(|byte| Value::from(u32::from(*byte))),
            _ => return Err("can't index item of this type".to_owned()),
        };
    }
    Ok(value)
}

fn slice(arguments: &[Option<Value>]) -> Evaluated {
    let Some((collection, bounds)) = arguments.split_first() else { return Err("wrong number of args for slice".to_owned()) };
    let length = match collection {
        Some(Value::Array(array)) => array.len(),
        Some(Value::String(text)) => text.len(),
        _ => return Err("can't slice item of this type".to_owned()),
    };
    let bound = |at: usize, default: usize| bounds.get(at).map_or(Ok(default), |bound| position(bound.as_ref(), length + 1));
    let (from, to) = (bound(0, 0)?, bound(1, length)?);
    let outside = || format!("invalid slice index: {from} > {to}");
    match collection {
        Some(Value::String(text)) => Ok(Some(Value::from(text.get(from..to).ok_or_else(outside)?))),
        Some(Value::Array(array)) => Ok(Some(Value::from(array.as_slice().get(from..to).ok_or_else(outside)?.to_vec()))),
        _ => Ok(None),
    }
}

fn printf(arguments: &[Option<Value>]) -> Evaluated {
    let Some((Some(format @ Value::String(_)), rest)) = arguments.split_first() else { return Err("printf needs a format".to_owned()) };
    let rest: Vec<Value> = rest.iter().map(|argument| argument.clone().unwrap_or(Value::Null)).collect();
    sprintf::formatted(&[format.clone(), Value::from(rest)]).map(Some)
}
