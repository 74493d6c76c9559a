//! `+`, `-`, `*`, `/`, `%` and their kin: exact on integers, decimal on fractions.

use num_bigint::{BigInt, BigUint, Sign};

use super::call::Value;
use super::decimal::Decimal;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number};

pub(super) const FAMILY: Family = &[
    ("abs", Availability::Pure(abs)),
    ("ceil", Availability::Pure(ceil)),
    ("div", Availability::Pure(div)),
    ("floor", Availability::Pure(floor)),
    ("minus", Availability::Pure(minus)),
    ("mul", Availability::Pure(mul)),
    ("plus", Availability::Pure(plus)),
    ("rem", Availability::Pure(rem)),
    ("round", Availability::Pure(round)),
];

/// Largest result, so that repeated multiplication cannot fill the memory.
const LONGEST_BITS: u64 = 1 << 23;

fn too_large() -> Fault {
    Fault::failed("number too large")
}

fn decimals(left: &Value, right: &Value) -> Result<(Decimal, Decimal), Fault> {
    Decimal::of(left).zip(Decimal::of(right)).ok_or_else(too_large)
}

fn value(decimal: &Decimal) -> Answer {
    decimal.to_value().ok_or_else(too_large)
}

/// Both operands as small integers, the usual case.
fn small(left: &Value, right: &Value) -> Option<(i64, i64)> {
    number::to_i64(left).zip(number::to_i64(right))
}

/// Both operands as integers.
fn exact(left: &Value, right: &Value) -> Result<Option<(BigInt, BigInt)>, Fault> {
    let Some((left, right)) = number::to_big(left).zip(number::to_big(right)) else { return Ok(None) };
    if left.bits() + right.bits() > LONGEST_BITS { Err(too_large()) } else { Ok(Some((left, right))) }
}

fn plus(operands: &[Value]) -> Answer {
    let (left, right) = (operand::number(operands, 1)?, operand::number(operands, 2)?);
    add(left, right)
}

/// The sum of two numbers.
pub(super) fn add(left: &Value, right: &Value) -> Answer {
    if let Some(sum) = small(left, right).and_then(|(left, right)| left.checked_add(right)) {
        return Ok(Value::from(sum));
    }
    if let Some((left, right)) = exact(left, right)? {
        return Ok(number::from_big(&(left + right)));
    }
    let (left, right) = decimals(left, right)?;
    value(&left.add(&right))
}

fn minus(operands: &[Value]) -> Answer {
    match (operand::any(operands, 1), operand::any(operands, 2)) {
        (Value::Set(left), Value::Set(right)) => Ok(left.difference(right).into_value()),
        (left @ Value::Number(_), right @ Value::Number(_)) => subtract(left, right),
        (Value::Set(_), number @ Value::Number(_)) => Err(Fault::operand(2, number, &["set"])),
        (Value::Number(_) | Value::Set(_), other) => Err(Fault::operand(2, other, &["number"])),
        (other, _) => Err(Fault::operand(1, other, &["number", "set"])),
    }
}

fn subtract(left: &Value, right: &Value) -> Answer {
    if let Some(difference) = small(left, right).and_then(|(left, right)| left.checked_sub(right)) {
        return Ok(Value::from(difference));
    }
    if let Some((left, right)) = exact(left, right)? {
        return Ok(number::from_big(&(left - right)));
    }
    let (left, right) = decimals(left, right)?;
    value(&left.sub(&right))
}

fn mul(operands: &[Value]) -> Answer {
    multiply(operand::number(operands, 1)?, operand::number(operands, 2)?)
}

/// The product of two numbers.
pub(super) fn multiply(left: &Value, right: &Value) -> Answer {
    if let Some(product) = small(left, right).and_then(|(left, right)| left.checked_mul(right)) {
        return Ok(Value::from(product));
    }
    if let Some((left, right)) = exact(left, right)? {
        return Ok(number::from_big(&(left * right)));
    }
    let (left, right) = decimals(left, right)?;
    value(&left.mul(&right))
}

fn div(operands: &[Value]) -> Answer {
    let (left, right) = (operand::number(operands, 1)?, operand::number(operands, 2)?);
    if let Some((dividend, divisor)) = small(left, right)
        && dividend.checked_rem(divisor) == Some(0)
    {
        return dividend.checked_div(divisor).map(Value::from).ok_or_else(too_large);
    }
    let (left, right) = decimals(left, right)?;
    if right.is_zero() {
        return Err(Fault::failed("divide by zero"));
    }
    value(&left.div(&right))
}

fn rem(operands: &[Value]) -> Answer {
    let (left, right) = (operand::number(operands, 1)?, operand::number(operands, 2)?);
    let Some((dividend, divisor)) = exact(left, right)? else {
        return Err(Fault::failed("modulo on floating-point number"));
    };
    if divisor.sign() == Sign::NoSign {
        return Err(Fault::failed("modulo by zero"));
    }
    Ok(number::from_big(&(dividend % divisor)))
}

/// Largest number of bits that OPA's floats hold exactly; these four functions go through them.
const MANTISSA: u64 = 64;

/// An integer as OPA's floats hold it, the nearest one; between two, the even one.
fn as_float(integer: BigInt) -> BigInt {
    let bits = integer.bits();
    let Some(excess) = bits.checked_sub(MANTISSA).filter(|excess| *excess > 0) else { return integer };
    let (sign, magnitude) = integer.into_parts();
    let (kept, half) = (&magnitude >> excess, BigUint::from(1_u8) << (excess - 1));
    let rest = magnitude - (&kept << excess);
    let up = rest > half || (rest == half && kept.bit(0));
    BigInt::from_biguint(sign, (kept + u8::from(up)) << excess)
}

fn abs(operands: &[Value]) -> Answer {
    let value = operand::number(operands, 1)?;
    if let Some(big) = number::to_big(value) {
        return Ok(number::from_big(&as_float(BigInt::from(big.magnitude().clone()))));
    }
    number::to_f64(value).and_then(|float| number::from_f64(float.abs())).ok_or_else(too_large)
}

/// Integers stay as they are, as far as a float holds them; a fraction becomes the integer that `choose` makes of it.
fn to_integer(operands: &[Value], choose: fn(f64) -> f64) -> Answer {
    let value = operand::number(operands, 1)?;
    if let Some(big) = number::to_big(value) {
        return Ok(number::from_big(&as_float(big)));
    }
    // No zero below zero.
    number::to_f64(value).and_then(|float| number::from_f64(choose(float) + 0.0)).ok_or_else(too_large)
}

fn round(operands: &[Value]) -> Answer {
    to_integer(operands, f64::round)
}

/// As OPA 1.22 has it: what lies between -1 and 0 is taken for positive, and becomes 1.
fn ceil(operands: &[Value]) -> Answer {
    to_integer(operands, |float| if float.trunc() == 0.0 && float < 0.0 { 1.0 } else { float.ceil() })
}

/// As OPA 1.22 has it: what lies between -1 and 0 is taken for positive, and becomes 0.
fn floor(operands: &[Value]) -> Answer {
    to_integer(operands, |float| if float.trunc() == 0.0 { 0.0 } else { float.floor() })
}
