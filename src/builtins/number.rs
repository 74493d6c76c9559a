//! Numbers as builtins see them: integers of any size, and fractions.
//!
//! The engine keeps integers exactly and fractions as `f64`; OPA keeps the text of a number. An integer that was
//! written with a point or an exponent in JSON is a float here and there alike.

use num_bigint::BigInt;

use super::call::Value;

/// Whether OPA would see a point or an exponent in its text.
pub(crate) fn is_float(value: &Value) -> bool {
    let Value::Number(number) = value else { return false };
    // The engine writes one decimal place for its floats only.
    !number.is_integer() || number.format_decimal_with_width(1).contains('.') || number.as_f64().is_some_and(|float| float.abs() > 1e300)
}

/// The integer it is, if it is one.
pub(crate) fn to_big(value: &Value) -> Option<BigInt> {
    let Value::Number(number) = value else { return None };
    if let Some(small) = number.as_i64() {
        return Some(BigInt::from(small));
    }
    if number.is_integer() { number.format_decimal().parse().ok() } else { None }
}

/// The integer it is, if it is a small one.
pub(crate) fn to_i64(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

/// The nearest `f64`.
pub(crate) fn to_f64(value: &Value) -> Option<f64> {
    let Value::Number(number) = value else { return None };
    number.as_f64().or_else(|| number.format_decimal().parse().ok()).filter(|float: &f64| float.is_finite())
}

/// The value of an integer of any size.
pub(crate) fn from_big(big: &BigInt) -> Value {
    if let Ok(small) = i64::try_from(big) {
        return Value::from(small);
    }
    Value::from_numeric_string(&big.to_string()).unwrap_or(Value::Undefined)
}

/// The value of a fraction, or of an integer where it is one.
pub(crate) fn from_f64(float: f64) -> Option<Value> {
    if !float.is_finite() {
        return None;
    }
    if float.fract() == 0.0 {
        return Value::from_numeric_string(&float.to_string()).ok();
    }
    Some(Value::from(float))
}

/// Digits of the least numbers that no double holds.
const BEYOND_DOUBLES: usize = 309;

/// `2e308`: such numbers are literals mostly, which OPA prints as they were written.
fn short(digits: &str) -> Option<String> {
    if digits.parse::<f64>().is_ok_and(f64::is_finite) {
        return None;
    }
    let (sign, unsigned) = digits.strip_prefix('-').map_or(("", digits), |unsigned| ("-", unsigned));
    let (first, rest) = unsigned.split_at_checked(1)?;
    let fraction = rest.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    // What has more digits than anybody writes was computed.
    (fraction.len() <= 16).then(|| format!("{sign}{first}{point}{fraction}e{}", rest.len()))
}

/// Its text, as OPA prints what it has computed.
pub(crate) fn text(value: &Value) -> String {
    let Value::Number(number) = value else { return String::new() };
    let plain = number.format_decimal();
    if plain.len() >= BEYOND_DOUBLES && number.is_integer() {
        return short(&plain).unwrap_or(plain);
    }
    match number.as_f64() {
        Some(float) if !number.is_integer() && (float.abs() < 1e-4 || float.abs() >= 1e21) => super::decimal::exponent_form(float),
        _ => plain,
    }
}
