//! `==`, `!=`, `<`, `<=`, `>`, `>=` as functions, and `in`.

use std::cmp::Ordering;

use super::call::Value;
use super::operand::{self, Answer};
use super::{Availability, Family, order};

pub(super) const FAMILY: Family = &[
    ("eq", Availability::Pure(equal)),
    ("equal", Availability::Pure(equal)),
    ("gt", Availability::Pure(|operands| ordered(operands, Ordering::is_gt))),
    ("gte", Availability::Pure(|operands| ordered(operands, Ordering::is_ge))),
    ("internal.member_2", Availability::Pure(member)),
    ("internal.member_3", Availability::Pure(member_at)),
    ("lt", Availability::Pure(|operands| ordered(operands, Ordering::is_lt))),
    ("lte", Availability::Pure(|operands| ordered(operands, Ordering::is_le))),
    ("neq", Availability::Pure(|operands| Ok(Value::from(operand::any(operands, 1) != operand::any(operands, 2))))),
];

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn equal(operands: &[Value]) -> Answer {
    Ok(Value::from(operand::any(operands, 1) == operand::any(operands, 2)))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn ordered(operands: &[Value], holds: fn(Ordering) -> bool) -> Answer {
    Ok(Value::from(holds(order::compare(operand::any(operands, 1), operand::any(operands, 2)))))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn member(operands: &[Value]) -> Answer {
    let value = operand::any(operands, 1);
    Ok(Value::from(match operand::any(operands, 2) {
        Value::Array(array) => array.contains(value),
        Value::Set(set) => set.contains(value),
        Value::Object(object) => object.values().any(|member| member == value),
        _ => false,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn member_at(operands: &[Value]) -> Answer {
    let (key, value) = (operand::any(operands, 1), operand::any(operands, 2));
    Ok(Value::from(match operand::any(operands, 3) {
        Value::Array(array) => key.as_u64().ok().and_then(|at| array.get(usize::try_from(at).ok()?)) == Some(value),
        Value::Set(set) => key == value && set.contains(value),
        Value::Object(object) => object.get(key) == Some(value),
        _ => false,
    }))
}
