//! Counting, adding up and sorting collections, and ranges of numbers.

use num_bigint::{BigInt, Sign};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, arithmetic, number, order};

pub(super) const FAMILY: Family = &[
    ("all", Availability::Pure(|operands| truths(operands, |truths| truths.iter().all(|truth| **truth == Value::Bool(true))))),
    ("any", Availability::Pure(|operands| truths(operands, |truths| truths.contains(&&Value::Bool(true))))),
    ("count", Availability::Pure(count)),
    ("max", Availability::Pure(|operands| extreme(operands, std::cmp::Ordering::is_ge))),
    ("min", Availability::Pure(|operands| extreme(operands, std::cmp::Ordering::is_le))),
    ("numbers.range", Availability::Pure(|operands| range(operands, &BigInt::from(1)))),
    ("numbers.range_step", Availability::Pure(range_step)),
    ("product", Availability::Pure(|operands| accumulate(operands, Value::from(1), factor))),
    ("sort", Availability::Pure(sort)),
    ("sum", Availability::Pure(|operands| accumulate(operands, Value::from(0), arithmetic::add))),
];

/// Longest range that is made.
const LONGEST_RANGE: u64 = 4_000_000;

fn truths(operands: &[Value], holds: fn(&[&Value]) -> bool) -> Answer {
    Ok(Value::from(holds(&operand::elements(operands, 1).map_err(|_| Fault::operand(1, operand::any(operands, 1), &["array", "set"]))?)))
}

fn count(operands: &[Value]) -> Answer {
    Ok(Value::from(match operand::any(operands, 1) {
        Value::Array(array) => array.len(),
        Value::Object(object) => object.len(),
        Value::Set(set) => set.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(Fault::operand(1, other, &["array", "object", "set", "string"])),
    }))
}

/// The product so far times one more: of fractions it keeps 53 bits, unlike `*`.
fn factor(so_far: &Value, element: &Value) -> Answer {
    if number::to_big(so_far).is_some() && number::to_big(element).is_some() {
        return arithmetic::multiply(so_far, element);
    }
    let product = number::to_f64(so_far).zip(number::to_f64(element)).and_then(|(left, right)| number::from_f64(left * right));
    product.ok_or_else(|| Fault::failed("number too large"))
}

fn accumulate(operands: &[Value], start: Value, join: fn(&Value, &Value) -> Answer) -> Answer {
    operand::elements(operands, 1)?.into_iter().try_fold(start, |so_far, element| match element {
        Value::Number(_) => join(&so_far, element),
        other => Err(Fault::element(1, operands, other, &["number"])),
    })
}

/// The last element that `wins` over all before it; undefined where there is none.
fn extreme(operands: &[Value], wins: fn(std::cmp::Ordering) -> bool) -> Answer {
    let elements = operand::elements(operands, 1)?;
    let best = elements.into_iter().reduce(|best, element| if wins(order::compare(element, best)) { element } else { best });
    Ok(best.cloned().unwrap_or(Value::Undefined))
}

fn sort(operands: &[Value]) -> Answer {
    let mut elements = operand::elements(operands, 1)?;
    elements.sort_by(|left, right| order::compare(left, right));
    Ok(Value::from(elements.into_iter().cloned().collect::<Vec<_>>()))
}

fn range_step(operands: &[Value]) -> Answer {
    operand::big_integer(operands, 1)?;
    operand::big_integer(operands, 2)?;
    let step = operand::big_integer(operands, 3)?;
    if step.sign() != Sign::Plus {
        return Err(Fault::failed("numbers.range_step: step must be a positive integer"));
    }
    range(operands, &step)
}

fn range(operands: &[Value], step: &BigInt) -> Answer {
    let (first, last) = (operand::big_integer(operands, 1)?, operand::big_integer(operands, 2)?);
    let length = (&last - &first).magnitude() / step.magnitude() + 1u8;
    let length = u64::try_from(&length).ok().filter(|length| *length <= LONGEST_RANGE).ok_or_else(|| Fault::failed("range too long"))?;
    let step = if first <= last { step.clone() } else { -step };
    // Where both ends are machine words, what lies between them is, too.
    if let (Ok(first), Ok(_), Ok(step)) = (i64::try_from(&first), i64::try_from(&last), i64::try_from(&step)) {
        let following = |number: &i64| number.checked_add(step);
        let numbers = std::iter::successors(Some(first), following).take(usize::try_from(length).unwrap_or(usize::MAX));
        return Ok(Value::from(numbers.map(Value::from).collect::<Vec<_>>()));
    }
    Ok(Value::from((0..length).map(|at| number::from_big(&(&first + &step * at))).collect::<Vec<_>>()))
}
