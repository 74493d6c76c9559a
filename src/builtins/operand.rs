//! Reading operands, and the two ways in which a builtin gives no value, in OPA's words.

use num_bigint::BigInt;

use super::call::{Failure, Value};
use super::number;

/// What a builtin of ours gives. `Ok(Value::Undefined)` is undefined in Rego.
pub(crate) type Answer = Result<Value, Fault>;

/// Why a builtin gave no value; [`Failure`] without the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An operand of another type.
    Type(String),
    /// Anything else.
    Failed(String),
}

impl Fault {
    /// Anything but an operand of another type.
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Fault::Failed(why.into())
    }

    /// The operand at `position` (from 1) is none of `expected`.
    pub(crate) fn operand(position: usize, got: &Value, expected: &[&str]) -> Self {
        Fault::Type(format!("operand {position} must be {} but got {}", one_of(expected), type_name(got)))
    }

    /// The collection at `position` holds something that is none of `expected`.
    pub(crate) fn element(position: usize, operand: &[Value], got: &Value, expected: &[&str]) -> Self {
        let collection = position.checked_sub(1).and_then(|at| operand.get(at)).map_or("array", type_name);
        let of = match expected {
            [one] => format!("{collection} of {one}s"),
            many => format!("{collection} of (any of) {{{}}}", many.join(", ")),
        };
        Fault::Type(format!("operand {position} must be {of} but got {collection} containing {}", type_name(got)))
    }

    /// With the builtin's name.
    pub(crate) fn named(self, name: &'static str) -> Failure {
        match self {
            Fault::Type(message) => Failure::Type { name, message },
            Fault::Failed(message) => Failure::Failed { name, message },
        }
    }
}

fn one_of(expected: &[&str]) -> String {
    match expected {
        [one] => (*one).to_owned(),
        many => format!("one of {{{}}}", many.join(", ")),
    }
}

/// OPA's name of a value's type.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Set(_) => "set",
        Value::Undefined => "undefined",
    }
}

/// The operand at `position`, from 1.
pub(crate) fn any(operands: &[Value], position: usize) -> &Value {
    position.checked_sub(1).and_then(|at| operands.get(at)).unwrap_or(&Value::Undefined)
}

/// A string.
pub(crate) fn string(operands: &[Value], position: usize) -> Result<&str, Fault> {
    match any(operands, position) {
        Value::String(text) => Ok(text),
        other => Err(Fault::operand(position, other, &["string"])),
    }
}

/// An array.
pub(crate) fn array(operands: &[Value], position: usize) -> Result<&regorus::value::Array, Fault> {
    match any(operands, position) {
        Value::Array(array) => Ok(array),
        other => Err(Fault::operand(position, other, &["array"])),
    }
}

/// A set.
pub(crate) fn set(operands: &[Value], position: usize) -> Result<&regorus::value::Set, Fault> {
    match any(operands, position) {
        Value::Set(set) => Ok(set),
        other => Err(Fault::operand(position, other, &["set"])),
    }
}

/// An object.
pub(crate) fn object(operands: &[Value], position: usize) -> Result<&regorus::value::Object, Fault> {
    match any(operands, position) {
        Value::Object(object) => Ok(object),
        other => Err(Fault::operand(position, other, &["object"])),
    }
}

/// The elements of an array or a set, in order.
pub(crate) fn elements(operands: &[Value], position: usize) -> Result<Vec<&Value>, Fault> {
    match any(operands, position) {
        Value::Array(array) => Ok(array.iter().collect()),
        Value::Set(set) => Ok(super::order::of_set(set)),
        other => Err(Fault::operand(position, other, &["set", "array"])),
    }
}

/// The strings of an array or a set, in order.
pub(crate) fn strings(operands: &[Value], position: usize) -> Result<Vec<&str>, Fault> {
    let elements = match any(operands, position) {
        Value::Array(array) => array.iter().collect(),
        Value::Set(set) => super::order::of_set(set),
        other => return Err(Fault::operand(position, other, &["array", "set"])),
    };
    let read = |element: &'_ Value| match element {
        Value::String(_) => Ok(()),
        other => Err(Fault::element(position, operands, other, &["string"])),
    };
    elements.iter().try_for_each(|element| read(element))?;
    Ok(elements.into_iter().filter_map(|element| element.as_string().ok().map(AsRef::as_ref)).collect())
}

/// A number.
pub(crate) fn number(operands: &[Value], position: usize) -> Result<&Value, Fault> {
    match any(operands, position) {
        number @ Value::Number(_) => Ok(number),
        other => Err(Fault::operand(position, other, &["number"])),
    }
}

/// A number that is written as an integer and fits a machine word.
pub(crate) fn integer(operands: &[Value], position: usize) -> Result<i64, Fault> {
    let value = number(operands, position)?;
    let not_integer = || Fault::Type(format!("operand {position} must be integer number but got floating-point number"));
    if number::is_float(value) {
        return Err(not_integer());
    }
    value.as_i64().map_err(|_| not_integer())
}

/// An integer of any size.
pub(crate) fn big_integer(operands: &[Value], position: usize) -> Result<BigInt, Fault> {
    let value = any(operands, position);
    if !matches!(value, Value::Number(_)) {
        return Err(Fault::operand(position, value, &["integer"]));
    }
    number::to_big(value).ok_or_else(|| Fault::Type(format!("operand {position} must be integer number but got floating-point number")))
}
