//! Types of values, and casts from one to another.

use super::call::Value;
use super::operand::{self, Answer, Fault, type_name};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[
    ("cast_array", Availability::Pure(to_array)),
    ("cast_boolean", Availability::Pure(|operands| only(operands, "boolean"))),
    ("cast_null", Availability::Pure(|operands| only(operands, "null"))),
    ("cast_object", Availability::Pure(|operands| only(operands, "object"))),
    ("cast_set", Availability::Pure(to_set)),
    ("cast_string", Availability::Pure(|operands| only(operands, "string"))),
    ("is_array", Availability::Pure(|operands| is(operands, "array"))),
    ("is_boolean", Availability::Pure(|operands| is(operands, "boolean"))),
    ("is_null", Availability::Pure(|operands| is(operands, "null"))),
    ("is_number", Availability::Pure(|operands| is(operands, "number"))),
    ("is_object", Availability::Pure(|operands| is(operands, "object"))),
    ("is_set", Availability::Pure(|operands| is(operands, "set"))),
    ("is_string", Availability::Pure(|operands| is(operands, "string"))),
    ("to_number", Availability::Pure(to_number)),
    ("type_name", Availability::Pure(|operands| Ok(Value::from(type_name(operand::any(operands, 1)))))),
];

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is(operands: &[Value], name: &str) -> Answer {
    Ok(Value::from(type_name(operand::any(operands, 1)) == name))
}

/// The value itself, if it is of that type.
fn only(operands: &[Value], name: &str) -> Answer {
    let value = operand::any(operands, 1);
    if type_name(value) == name { Ok(value.clone()) } else { Err(Fault::operand(1, value, &[name])) }
}

fn to_array(operands: &[Value]) -> Answer {
    match operand::any(operands, 1) {
        array @ Value::Array(_) => Ok(array.clone()),
        Value::Set(set) => Ok(Value::from(super::order::of_set(set).into_iter().cloned().collect::<Vec<_>>())),
        other => Err(Fault::operand(1, other, &["array", "set"])),
    }
}

fn to_set(operands: &[Value]) -> Answer {
    match operand::any(operands, 1) {
        Value::Array(array) => Ok(array.iter().cloned().collect::<regorus::value::Set>().into_value()),
        set @ Value::Set(_) => Ok(set.clone()),
        other => Err(Fault::operand(1, other, &["array", "set"])),
    }
}

fn to_number(operands: &[Value]) -> Answer {
    match operand::any(operands, 1) {
        Value::Null => Ok(Value::from(0)),
        Value::Bool(truth) => Ok(Value::from(i64::from(*truth))),
        number @ Value::Number(_) => Ok(number.clone()),
        Value::String(text) => parse(text),
        other => Err(Fault::operand(1, other, &["null", "boolean", "number", "string"])),
    }
}

fn parse(text: &str) -> Answer {
    let unsigned = text.trim_start_matches(['+', '-']).to_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity" | "nan") {
        return Err(Fault::operand(1, &Value::from(text), &["valid number string"]));
    }
    let invalid = || {
        let mut quoted = String::new();
        super::term_text::quote(text, &mut quoted);
        Fault::failed(format!("strconv.ParseFloat: parsing {quoted}: invalid syntax"))
    };
    if !is_decimal(text) {
        return Err(invalid());
    }
    // The engine skips underscores and spaces; there are none left here.
    match Value::from_numeric_string(text.strip_prefix('+').unwrap_or(text)) {
        Ok(number) => Ok(number),
        Err(_) => Err(invalid()),
    }
}

/// `[+-]digits[.digits][e[+-]digits]` with at least one digit in front of the exponent.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && exponent.len() < 4 && digits(exponent))
}
