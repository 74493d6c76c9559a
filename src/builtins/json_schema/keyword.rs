//! Reading the keywords that hold no schemas.

use regorus::value::{Array, Object};

use super::compile::{Draft, invalid_type};
use super::exact::Exact;
use super::schema::Part;
use crate::builtins::call::Value;
use crate::builtins::{json as text, number, regex};

pub(super) fn get<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(&Value::from(name))
}

pub(super) fn has(object: &Object, name: &str) -> bool {
    get(object, name).is_some()
}

pub(super) fn string(object: &Object, name: &str) -> Result<Option<String>, String> {
    match get(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(invalid_type("string", name)),
    }
}

pub(super) fn slice<'a>(object: &'a Object, name: &str) -> Result<Vec<&'a Value>, String> {
    match get(object, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(array)) => Ok(array.iter().collect()),
        Some(_) => Err(format!("{name} must be of an array")),
    }
}

pub(super) fn texts(array: &Array) -> Option<Vec<String>> {
    array.iter().map(|element| element.as_string().ok().map(ToString::to_string)).collect()
}

/// JSON text in which `1.0` and `1` are the same.
pub(super) fn json(value: &Value) -> Result<String, String> {
    text::marshal(value).map_err(|_| "value too large".to_owned())
}

/// Whether it is an integer, however it is written.
pub(super) fn is_integer(value: &Value) -> bool {
    number::to_big(value).is_some()
}

pub(super) fn types(object: &Object) -> Result<Vec<String>, String> {
    const TYPES: [&str; 7] = ["array", "boolean", "integer", "number", "null", "object", "string"];
    let wrong = || invalid_type("type", "string/Array Of Strings");
    let given = match get(object, "type") {
        None => return Ok(Vec::new()),
        Some(Value::String(name)) => vec![name.to_string()],
        Some(Value::Array(names)) => texts(names).ok_or_else(wrong)?,
        Some(_) => return Err(wrong()),
    };
    for (at, name) in given.iter().enumerate() {
        if !TYPES.contains(&name.as_str()) {
            let all = TYPES.join(" ");
            return Err(format!("has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{all}]"));
        }
        if given.iter().take(at).any(|earlier| earlier == name) {
            return Err(format!("{name} type is duplicated"));
        }
    }
    Ok(given)
}

pub(super) fn enumeration(object: &Object) -> Result<Option<Vec<String>>, String> {
    if !has(object, "enum") {
        return Ok(None);
    }
    let mut values: Vec<String> = Vec::new();
    for value in slice(object, "enum")? {
        let value = json(value)?;
        if values.contains(&value) {
            return Err("enum items must be unique".to_owned());
        }
        values.push(value);
    }
    Ok(Some(values))
}

/// Every keyword about numbers, strings and sizes, in upstream's order.
pub(super) fn constrain(object: &Object, draft: Draft, part: &mut Part) -> Result<(), String> {
    part.multiple_of = match get(object, "multipleOf") {
        None => None,
        Some(value) => {
            let multiple = Exact::of(value).ok_or_else(|| invalid_type("Number", "multipleOf"))?;
            if !multiple.is_positive() {
                return Err("multipleOf must be strictly greater than 0".to_owned());
            }
            Some(multiple)
        }
    };
    (part.minimum, part.exclusive_minimum) = limit(object, ["minimum", "exclusiveMinimum"], draft)?;
    (part.maximum, part.exclusive_maximum) = limit(object, ["maximum", "exclusiveMaximum"], draft)?;
    part.min_length = size(object, "minLength")?;
    part.max_length = size(object, "maxLength")?;
    in_order(part.min_length, part.max_length, ["minLength", "maxLength"])?;
    if let Some(pattern) = string(object, "pattern")? {
        let compiled = regex::compiled(&pattern).map_err(|_| "pattern must be a valid regex".to_owned())?;
        part.pattern = Some((pattern, compiled));
    }
    part.format = string(object, "format")?.unwrap_or_default();
    part.min_properties = size(object, "minProperties")?;
    part.max_properties = size(object, "maxProperties")?;
    in_order(part.min_properties, part.max_properties, ["minProperties", "maxProperties"])?;
    for name in slice(object, "required")? {
        let Value::String(name) = name else { return Err(invalid_type("string", "required")) };
        if part.required.iter().any(|known| *known == **name) {
            return Err("required items must be unique".to_owned());
        }
        part.required.push(name.to_string());
    }
    part.min_items = size(object, "minItems")?;
    part.max_items = size(object, "maxItems")?;
    part.unique_items = match get(object, "uniqueItems") {
        None => false,
        Some(Value::Bool(unique)) => *unique,
        Some(_) => return Err("uniqueItems must be of a boolean".to_owned()),
    };
    Ok(())
}

/// A limit and the exclusive one, which is a switch in draft 4 and a number of its own later.
fn limit(object: &Object, [name, exclusive]: [&str; 2], draft: Draft) -> Result<(Option<Exact>, Option<Exact>), String> {
    let limit = match get(object, name) {
        None => None,
        Some(value) => Some(Exact::of(value).ok_or_else(|| format!("{name} must be of a Number"))?),
    };
    match (get(object, exclusive), draft) {
        (None, _) => Ok((limit, None)),
        (Some(Value::Bool(is_exclusive)), Draft::Four | Draft::Hybrid) => {
            let limit = limit.ok_or_else(|| format!("{exclusive} cannot be used without {name}"))?;
            Ok(if *is_exclusive { (None, Some(limit)) } else { (Some(limit), None) })
        }
        (Some(value @ Value::Number(_)), Draft::Six | Draft::Seven | Draft::Hybrid) => Ok((limit, Exact::of(value))),
        (Some(_), Draft::Four) => Err(invalid_type("boolean", exclusive)),
        (Some(_), Draft::Hybrid) => Err(invalid_type("boolean/number", exclusive)),
        (Some(_), _) => Err(invalid_type("number", exclusive)),
    }
}

fn size(object: &Object, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = get(object, name) else { return Ok(None) };
    let size = number::to_i64(value).filter(|_| is_integer(value)).ok_or_else(|| format!("{name} must be of an integer"))?;
    if size < 0 { Err(format!("{name} must be greater than or equal to 0")) } else { Ok(Some(size)) }
}

fn in_order(least: Option<i64>, most: Option<i64>, [least_name, most_name]: [&str; 2]) -> Result<(), String> {
    match (least, most) {
        (Some(least), Some(most)) if least > most => Err(format!("{least_name} cannot be greater than {most_name}")),
        _ => Ok(()),
    }
}
