//! Arithmetic on fractions with 64 bits of precision from their decimal text, as OPA does it: `0.1 + 0.2` is `0.3`.

use num_bigint::{BigInt, BigUint, Sign};

use super::call::Value;
use super::number;

/// Bits that a result keeps.
const PRECISION: u64 = 64;

/// A binary fraction: `mantissa * 2^exponent`, with at most 64 bits of mantissa.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    mantissa: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The number nearest to what the value's text says.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        Self::parse(&number.format_decimal())
    }

    /// Reads `[-]digits[.digits][e[+-]digits]`; exponents beyond what any result needs are refused.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = split_exponent(text)?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let scale = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        let ten = BigInt::from(10u8).pow(u32::try_from(scale.unsigned_abs()).ok()?);
        Some(if scale >= 0 { Self::rounded(digits * ten, 0) } else { Self::quotient(&digits, &ten) })
    }

    /// `mantissa * 2^exponent`, rounded to the nearest, ties to even.
    fn rounded(mantissa: BigInt, exponent: i64) -> Self {
        let bits = mantissa.bits();
        if bits <= PRECISION {
            return Decimal { mantissa, exponent };
        }
        let drop = bits - PRECISION;
        let (sign, magnitude) = mantissa.into_parts();
        let half = BigUint::from(1u8) << (drop - 1);
        let rest = &magnitude & ((BigUint::from(1u8) << drop) - 1u8);
        let mut kept = magnitude >> drop;
        if rest > half || (rest == half && kept.bit(0)) {
            kept += 1u8;
        }
        let exponent = exponent.saturating_add(i64::try_from(drop).unwrap_or(i64::MAX));
        Decimal { mantissa: BigInt::from_biguint(sign, kept), exponent }
    }

    /// The rounded quotient of two integers; the divisor is not zero.
    fn quotient(dividend: &BigInt, divisor: &BigInt) -> Self {
        // Two more bits than are kept, and one for everything below them.
        let shift = (divisor.bits() + PRECISION + 2).saturating_sub(dividend.bits());
        let shifted: BigInt = dividend << shift;
        let (sign, magnitude) = shifted.into_parts();
        let divisor = divisor.magnitude();
        let floor = &magnitude / divisor;
        let sticky = u8::from(&floor * divisor != magnitude);
        let with_sticky = (floor << 1u8) | BigUint::from(sticky);
        Self::rounded(BigInt::from_biguint(sign, with_sticky), -i64::try_from(shift).unwrap_or(i64::MAX) - 1)
    }

    /// Whether it is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.sign() == Sign::NoSign
    }

    /// The sum.
    pub(crate) fn add(&self, other: &Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return if self.is_zero() { other.clone() } else { self.clone() };
        }
        let exponent = self.exponent.min(other.exponent);
        let aligned = |term: &Self| &term.mantissa << u64::try_from(term.exponent - exponent).unwrap_or(0);
        Self::rounded(aligned(self) + aligned(other), exponent)
    }

    /// The difference.
    pub(crate) fn sub(&self, other: &Self) -> Self {
        self.add(&Decimal { mantissa: -&other.mantissa, exponent: other.exponent })
    }

    /// The product.
    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self::rounded(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }

    /// The quotient; the divisor is not zero.
    pub(crate) fn div(&self, other: &Self) -> Self {
        let unscaled = match other.mantissa.sign() {
            Sign::Minus => Self::quotient(&-&self.mantissa, &-&other.mantissa),
            _ => Self::quotient(&self.mantissa, &other.mantissa),
        };
        Decimal { exponent: unscaled.exponent + self.exponent - other.exponent, ..unscaled }
    }

    /// Without what comes after the point.
    pub(crate) fn truncated(&self) -> BigInt {
        if let Ok(shift) = u64::try_from(self.exponent) {
            return &self.mantissa << shift;
        }
        let (sign, magnitude) = self.mantissa.clone().into_parts();
        BigInt::from_biguint(sign, magnitude >> self.exponent.unsigned_abs())
    }

    /// Whether there is nothing after the point.
    pub(crate) fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent >= 0 || self.mantissa.trailing_zeros().is_some_and(|zeros| zeros >= self.exponent.unsigned_abs())
    }

    /// The value, if the engine can hold it.
    pub(crate) fn to_value(&self) -> Option<Value> {
        if self.is_integer() {
            return Some(number::from_big(&self.truncated()));
        }
        let (sign, magnitude) = self.mantissa.clone().into_parts();
        // Exact: a fraction of at most 64 bits is rounded once, by the parser of decimal text.
        let shift = u32::try_from(self.exponent.unsigned_abs()).ok().filter(|shift| *shift < 4096)?;
        let digits = magnitude * BigUint::from(5u8).pow(shift);
        let text = format!("{}{digits}e-{shift}", if sign == Sign::Minus { "-" } else { "" });
        number::from_f64(text.parse().ok()?)
    }
}

/// Mantissa and exponent of a number's text; both are bounded.
fn split_exponent(text: &str) -> Option<(&str, i64)> {
    const LONGEST: usize = 20_000;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.contains(|c: char| c.is_ascii_digit());
    (plain && text.len() <= LONGEST && exponent.unsigned_abs() <= LONGEST as u64).then_some((mantissa, exponent))
}

/// Shortest text with an exponent of at least two digits, as Go prints it.
pub(crate) fn exponent_form(float: f64) -> String {
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}
