//! `rand.intn`, `uuid.rfc4122`: random for everybody else, and the same for one evaluation whenever it asks.

use num_bigint::BigInt;
use sha2::{Digest as _, Sha256};

use super::call::{Call, Failure, Value};
use super::operand::{self, Fault};
use super::{Availability, Family, number};

pub(super) const FAMILY: Family = &[("rand.intn", Availability::Calling(intn)), ("uuid.rfc4122", Availability::Calling(version_4))];

/// 16 bytes that only this evaluation, this function and these operands have.
fn drawn(call: &Call<'_>, parts: [&[u8]; 2]) -> u128 {
    let mut hash = Sha256::new().chain_update(call.host.seed());
    for part in parts {
        hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    }
    hash.finalize().iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// A whole number from 0 up to, and without, `n`; of its absolute value where it is negative.
fn intn(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let name = "rand.intn";
    let text = operand::string(operands, 1).map_err(|fault| fault.named(name))?;
    let bound = operand::any(operands, 2);
    let Value::Number(_) = bound else { return Err(Fault::operand(2, bound, &["number"]).named(name)) };
    let Some(bound) = number::to_big(bound) else {
        return Err(Fault::Type("operand 2 must be integer number but got floating-point number".to_owned()).named(name));
    };
    let Ok(bound) = i64::try_from(&bound) else { return Err(Fault::failed("a bound of more than 64 bits").named(name)) };
    let drawn = drawn(call, [text.as_bytes(), &bound.to_be_bytes()]);
    let below = u128::from(bound.unsigned_abs());
    Ok(number::from_big(&BigInt::from(drawn.checked_rem(below).unwrap_or(0))))
}

/// A UUID of version 4, the same for the same name.
fn version_4(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let name = operand::string(operands, 1).map_err(|fault| fault.named("uuid.rfc4122"))?;
    let drawn = drawn(call, [b"uuid", name.as_bytes()]);
    // RFC 9562, 5.4: version in bits 48 to 51, variant in bits 64 and 65.
    let number = drawn & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{number:032x}");
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| digits.get(group).unwrap_or_default().to_owned());
    Ok(Value::from(groups.join("-")))
}

#[cfg(test)]
mod tests {
    use super::super::recorded::call;
    use super::*;

    fn text(name: &str, operands: &[Value]) -> String {
        call(name, operands).unwrap().to_string()
    }

    #[test]
    fn the_same_is_drawn_for_the_same_operands() {
        for (bound, below) in [(7_i64, 7), (-7, 7), (1, 1), (i64::MAX, i64::MAX)] {
            let operands = [Value::from("a"), Value::from(bound)];
            let drawn = call("rand.intn", &operands).unwrap().as_i64().unwrap();
            assert!((0..below).contains(&drawn), "{drawn}");
            assert_eq!(call("rand.intn", &operands).unwrap().as_i64().unwrap(), drawn);
        }
        assert_eq!(text("rand.intn", &[Value::from("a"), Value::from(0_i64)]), "0");
        assert!(call("rand.intn", &[Value::from("a"), Value::from("b")]).is_err());
        assert!(call("rand.intn", &[Value::from("a"), Value::from(1.5)]).is_err());
    }

    #[test]
    fn a_uuid_says_what_it_is() {
        let uuid = text("uuid.rfc4122", &[Value::from("k")]);
        assert_eq!(uuid, text("uuid.rfc4122", &[Value::from("k")]));
        assert_ne!(uuid, text("uuid.rfc4122", &[Value::from("l")]));
        let parsed = call("uuid.parse", &[call("uuid.rfc4122", &[Value::from("k")]).unwrap()]).unwrap().to_string();
        assert!(parsed.contains("RFC4122") && parsed.contains("\"version\": 4") || parsed.contains("\"version\":4"), "{parsed}");
    }
}
