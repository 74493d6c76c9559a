//! Arrays.

use super::call::Value;
use super::operand::{self, Answer};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[
    ("array.concat", Availability::Pure(concat)),
    ("array.flatten", Availability::Pure(flatten)),
    ("array.reverse", Availability::Pure(reverse)),
    ("array.slice", Availability::Pure(slice)),
];

fn concat(operands: &[Value]) -> Answer {
    let (left, right) = (operand::array(operands, 1)?, operand::array(operands, 2)?);
    Ok(Value::from(left.iter().chain(right.iter()).cloned().collect::<Vec<_>>()))
}

/// One level, not more.
fn flatten(operands: &[Value]) -> Answer {
    let mut flat = Vec::new();
    for element in operand::array(operands, 1)? {
        match element {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::from(flat))
}

fn reverse(operands: &[Value]) -> Answer {
    Ok(Value::from(operand::array(operands, 1)?.as_slice().iter().rev().cloned().collect::<Vec<_>>()))
}

fn slice(operands: &[Value]) -> Answer {
    let array = operand::array(operands, 1)?;
    let clamp = |position: i64, most: usize| usize::try_from(position).unwrap_or(0).min(most);
    let stop = operand::integer(operands, 3).and_then(|stop| operand::integer(operands, 2).map(|_| clamp(stop, array.len())));
    let start = operand::integer(operands, 2)?;
    let stop = stop?;
    let start = clamp(start, stop);
    Ok(Value::from(array.as_slice().get(start..stop).unwrap_or_default().to_vec()))
}
