//! What a plain scalar stands for: null, booleans, numbers, text.

use num_bigint::BigInt;

use crate::builtins::call::Value;
use crate::builtins::number;

/// # Errors
/// Numbers that JSON does not have.
pub(super) fn resolve(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::from(true),
        "false" | "False" | "FALSE" => Value::from(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Err("json: unsupported value: +Inf".to_owned()),
        "-.inf" | "-.Inf" | "-.INF" => return Err("json: unsupported value: -Inf".to_owned()),
        ".nan" | ".NaN" | ".NAN" => return Err("json: unsupported value: NaN".to_owned()),
        other => number_of(other).unwrap_or_else(|| Value::from(other)),
    })
}

/// Whether a reader would take the text for something else than text.
pub(super) fn is_ambiguous(text: &str) -> bool {
    let old = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];
    old.contains(&text) || !matches!(resolve(text), Ok(Value::String(_))) || is_base_60(text) || is_date(text)
}

/// `1:30` was a number once.
fn is_base_60(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (first, rest) = digits.split_once(':').unwrap_or(("", ""));
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    part(first) && !rest.is_empty() && rest.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').is_empty()
        || (part(first) && rest.split(':').all(part))
}

fn is_date(text: &str) -> bool {
    let layouts = ["2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"];
    text.len() >= 8 && text.as_bytes().get(4) == Some(&b'-') && layouts.iter().any(|layout| crate::builtins::time::is_of(layout, text))
}

fn number_of(text: &str) -> Option<Value> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| float(&plain))
}

/// Decimal, `0x`, `0o`, `0b`, and `0` in front of octal digits.
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        Some("0o" | "0O") => (8, digits.get(2..)?),
        Some("0b" | "0B") => (2, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = BigInt::parse_bytes(format!("{sign}{digits}").as_bytes(), radix)?;
    // Beyond 64 bits it is a float.
    (value.bits() <= 64).then(|| number::from_big(&value))
}

fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    if !digits || !unsigned.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number::from_f64(text.parse().ok()?)
}

/// A key as JSON has it.
pub(super) fn key(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Number(_) => Ok(number::text(value)),
        other => Err(format!("unsupported map key of type: {}", crate::builtins::operand::type_name(other))),
    }
}
