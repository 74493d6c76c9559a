//! Sets.

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[
    ("and", Availability::Pure(|operands| Ok(operand::set(operands, 1)?.intersection(operand::set(operands, 2)?).into_value()))),
    ("intersection", Availability::Pure(intersection)),
    ("or", Availability::Pure(|operands| Ok(operand::set(operands, 1)?.union(operand::set(operands, 2)?).into_value()))),
    ("set_diff", Availability::Pure(|operands| Ok(operand::set(operands, 1)?.difference(operand::set(operands, 2)?).into_value()))),
    ("union", Availability::Pure(union)),
];

/// The sets inside a set.
fn members(operands: &[Value]) -> Result<Vec<&regorus::value::Set>, Fault> {
    operand::set(operands, 1)?
        .iter_sorted()
        .map(|member| match member {
            Value::Set(set) => Ok(set.as_ref()),
            other => Err(Fault::element(1, operands, other, &["set"])),
        })
        .collect()
}

fn intersection(operands: &[Value]) -> Answer {
    let members = members(operands)?;
    let mut rest = members.iter();
    let Some(first) = rest.next() else { return Ok(Value::new_set()) };
    Ok(rest.fold((*first).clone(), |common, member| common.intersection(member)).into_value())
}

fn union(operands: &[Value]) -> Answer {
    Ok(members(operands)?.into_iter().flat_map(|member| member.iter_sorted().cloned()).collect::<regorus::value::Set>().into_value())
}
