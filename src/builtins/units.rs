//! Quantities with units: `10Ki`, `1.5MB`, `500m`.

use num_bigint::BigInt;

use super::call::Value;
use super::decimal::Decimal;
use super::operand::{self, Fault};
use super::{Availability, Family, number};

pub(super) const FAMILY: Family = &[
    ("units.parse", Availability::Pure(|operands| parse(operand::string(operands, 1)?).map_err(|why| fault("units.parse", &why)))),
    (
        "units.parse_bytes",
        Availability::Pure(|operands| parse_bytes(operand::string(operands, 1)?).map_err(|why| fault("units.parse_bytes", &why))),
    ),
];

/// OPA says the name twice.
fn fault(name: &str, why: &str) -> Fault {
    Fault::failed(format!("{name}: {why}"))
}

/// The number in front and the unit behind it.
fn split(text: &str) -> Result<(&str, &str), String> {
    let bytes = text.as_bytes();
    let at = |position: usize| bytes.get(position).copied().unwrap_or(b' ');
    let mut position = 0;
    while position < bytes.len() {
        match at(position) {
            b'0'..=b'9' | b'.' | b'+' | b'-' => position += 1,
            b'e' | b'E' if matches!(at(position + 1), b'0'..=b'9' | b'+' | b'-') => {
                position += if matches!(at(position + 1), b'+' | b'-') { 2 } else { 1 };
                let digits = bytes.iter().skip(position).take_while(|byte| byte.is_ascii_digit()).count();
                if digits > 6 {
                    return Err("exponent too large".to_owned());
                }
            }
            _ => break,
        }
    }
    Ok(text.split_at(position))
}

fn amount_and_unit(text: &str) -> Result<(&str, &str), String> {
    if text.contains(' ') {
        return Err("spaces not allowed in resource strings".to_owned());
    }
    split(text)
}

fn power(base: u32, exponent: u32) -> BigInt {
    BigInt::from(base).pow(exponent)
}

/// What a unit of bytes stands for.
fn bytes_of(unit: &str) -> Option<BigInt> {
    const LETTERS: &str = "kmgtpe";
    if unit.is_empty() {
        return Some(BigInt::from(1));
    }
    let (letter, rest) = unit.split_at_checked(1)?;
    let exponent = u32::try_from(LETTERS.find(letter)?).ok()? + 1;
    match rest {
        "" | "b" => Some(power(1000, exponent)),
        "i" | "ib" => Some(power(1024, exponent)),
        _ => None,
    }
}

fn parse_bytes(text: &str) -> Result<Value, String> {
    let text = text.to_lowercase().replace('"', "");
    let (amount, unit) = amount_and_unit(&text)?;
    if amount.is_empty() {
        return Err("no byte amount provided".to_owned());
    }
    let factor = bytes_of(unit).ok_or_else(|| format!("byte unit {unit} not recognized"))?;
    let amount = Decimal::parse(amount).ok_or("could not parse byte amount to a number")?;
    let factor = Decimal::parse(&factor.to_string()).ok_or("could not parse byte amount to a number")?;
    Ok(number::from_big(&amount.mul(&factor).truncated()))
}

/// What a unit stands for, as a numerator and a denominator.
fn factor_of(unit: &str) -> Option<(BigInt, BigInt)> {
    const LETTERS: &str = "kmgtpe";
    let one = BigInt::from(1);
    let (letter, rest) = match unit {
        "" => return Some((one.clone(), one)),
        // OPA's thousandth is the binary fraction nearest to it.
        "m" => return Some((BigInt::from(1_152_921_504_606_847_u64), BigInt::from(1_152_921_504_606_846_976_u64))),
        _ => unit.split_at_checked(1)?,
    };
    let exponent = u32::try_from(LETTERS.find(&letter.to_lowercase())?).ok()? + 1;
    match rest.to_lowercase().as_str() {
        "" => Some((power(1000, exponent), one)),
        "i" => Some((power(1024, exponent), one)),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Value, String> {
    let text = text.replace('"', "");
    let (amount, unit) = amount_and_unit(&text)?;
    if amount.is_empty() {
        return Err("no amount provided".to_owned());
    }
    let recognized = || {
        let mut characters = unit.chars();
        characters.next().map(|first| format!("{first}{}", characters.as_str().to_lowercase())).unwrap_or_default()
    };
    let (factor, divisor) = factor_of(unit).ok_or_else(|| format!("unit {} not recognized", recognized()))?;
    let (mantissa, scale) = rational(amount).ok_or("could not parse amount to a number")?;
    let ten = power(10, u32::try_from(scale.unsigned_abs()).unwrap_or(u32::MAX));
    let (numerator, denominator) = if scale >= 0 { (mantissa * factor * ten, divisor) } else { (mantissa * factor, divisor * ten) };
    if &numerator % &denominator == BigInt::ZERO {
        return Ok(number::from_big(&(numerator / denominator)));
    }
    // Ten digits after the point, ties away from zero.
    let shifted = numerator * power(10, 10) * 2 + if text.starts_with('-') { -&denominator } else { denominator.clone() };
    let digits = shifted / (denominator * 2);
    let value = Decimal::parse(&format!("{digits}e-10")).and_then(|decimal| decimal.to_value());
    value.ok_or_else(|| "could not parse amount to a number".to_owned())
}

/// Digits and decimal exponent of a number's text; both are bounded.
fn rational(text: &str) -> Option<(BigInt, i64)> {
    Decimal::parse(text)?;
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text, Ok(0)), |(mantissa, exponent)| (mantissa, exponent.parse::<i64>()));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, exponent.ok()? - i64::try_from(fraction.len()).ok()?))
}
