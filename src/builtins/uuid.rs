//! `uuid.parse`: what a UUID tells about itself.

use super::call::Value;
use super::operand::{self, Answer};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("uuid.parse", Availability::Pure(parse))];

/// 15 October 1582 to 1 January 1970, in units of 100 ns.
const EPOCH: i64 = 122_192_928_000_000_000;

/// The 32 digits of `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, with `urn:uuid:` or braces around it, or without hyphens.
fn digits(text: &str) -> Option<[u8; 16]> {
    let plain = match text.len() {
        36 | 32 => text,
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        // Whatever the brackets are, upstream does not look at them.
        38 => text.get(1..37)?,
        _ => return None,
    };
    let hyphens = plain.len() == 36;
    let bytes = plain.as_bytes();
    if hyphens && [8, 13, 18, 23].iter().any(|at| bytes.get(*at) != Some(&b'-')) {
        return None;
    }
    let digits: Vec<u8> =
        bytes.iter().enumerate().filter(|(at, _)| !hyphens || ![8, 13, 18, 23].contains(at)).map(|(_, byte)| *byte).collect();
    hex::decode(digits).ok()?.try_into().ok()
}

fn parse(operands: &[Value]) -> Answer {
    let Some(bytes) = digits(operand::string(operands, 1)?) else { return Ok(Value::Undefined) };
    let number = u128::from_be_bytes(bytes);
    let field = |shift: u32, bits: u32| i64::try_from((number >> shift) & ((1 << bits) - 1)).unwrap_or(0);
    let variant = match field(56, 8) {
        0x80..=0xbf => "RFC4122",
        0xc0..=0xdf => "Microsoft",
        0xe0..=0xff => "Future",
        _ => "Reserved",
    };
    let version = field(76, 4);
    let mut members = vec![("version", Value::from(version)), ("variant", Value::from(variant))];
    if matches!(version, 1 | 2) {
        let time = field(96, 32) | field(80, 16) << 32 | field(64, 12) << 48;
        let node = bytes.get(10..).unwrap_or_default();
        let first = field(40, 8);
        let kind = match first & 3 {
            3 => "local:multicast",
            1 => "global:multicast",
            2 => "local:unicast",
            _ => "global:unicast",
        };
        members.push(("time", Value::from(time.wrapping_sub(EPOCH).wrapping_mul(100))));
        members.push(("nodeid", Value::from(node.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join("-"))));
        members.push(("macvariables", Value::from(kind)));
        members.push(("clocksequence", Value::from(field(48, 14))));
        if version == 2 {
            let domain = match field(48, 8) {
                0 => "Person".to_owned(),
                1 => "Group".to_owned(),
                2 => "Org".to_owned(),
                other => format!("Domain{other}"),
            };
            members.push(("id", Value::from(field(96, 32))));
            members.push(("domain", Value::from(domain)));
        }
    }
    Ok(members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<regorus::value::Object>().into_value())
}
