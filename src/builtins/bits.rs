//! Integers as bits.

use num_bigint::{BigInt, Sign};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number};

pub(super) const FAMILY: Family = &[
    ("bits.and", Availability::Pure(|operands| pairwise(operands, |left, right| left & right))),
    ("bits.lsh", Availability::Pure(shift_left)),
    ("bits.negate", Availability::Pure(negate)),
    ("bits.or", Availability::Pure(|operands| pairwise(operands, |left, right| left | right))),
    ("bits.rsh", Availability::Pure(shift_right)),
    ("bits.xor", Availability::Pure(|operands| pairwise(operands, |left, right| left ^ right))),
];

/// Longest result of a shift.
const LONGEST_BITS: u64 = 1 << 20;

fn pairwise(operands: &[Value], join: fn(BigInt, BigInt) -> BigInt) -> Answer {
    let (left, right) = (operand::big_integer(operands, 1)?, operand::big_integer(operands, 2)?);
    Ok(number::from_big(&join(left, right)))
}

fn negate(operands: &[Value]) -> Answer {
    Ok(number::from_big(&!operand::big_integer(operands, 1)?))
}

fn distance(operands: &[Value]) -> Result<u64, Fault> {
    let distance = operand::big_integer(operands, 2)?;
    if distance.sign() == Sign::Minus {
        return Err(Fault::Type("operand 2 must be an unsigned integer number but got a negative integer".to_owned()));
    }
    // As OPA has it: what a machine word does not hold is cut off.
    Ok(distance.iter_u64_digits().next().unwrap_or(0))
}

fn shift_left(operands: &[Value]) -> Answer {
    let bits = operand::big_integer(operands, 1)?;
    let distance = distance(operands)?;
    if bits.sign() == Sign::NoSign {
        return Ok(Value::from(0));
    }
    if bits.bits().saturating_add(distance) > LONGEST_BITS {
        return Err(Fault::failed("result too large"));
    }
    Ok(number::from_big(&(bits << distance)))
}

fn shift_right(operands: &[Value]) -> Answer {
    let bits = operand::big_integer(operands, 1)?;
    Ok(number::from_big(&(bits >> distance(operands)?)))
}
