//! Numbers as exact decimals: `0.3` is a multiple of `0.1`.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

use crate::builtins::call::Value;
use crate::builtins::{number, sprintf};

/// `digits / 10^scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact {
    digits: BigInt,
    scale: u32,
}

impl Exact {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        let text = number.format_decimal();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Some(Exact { digits: format!("{whole}{fraction}").parse().ok()?, scale: u32::try_from(fraction.len()).ok()? })
    }

    pub(super) fn is_positive(&self) -> bool {
        self.digits.sign() == Sign::Plus
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt) {
        let scale = self.scale.max(other.scale);
        let to = |number: &Self| &number.digits * BigInt::from(10u8).pow(scale - number.scale);
        (to(self), to(other))
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let (left, right) = self.aligned(other);
        left.cmp(&right)
    }

    /// The other one is not zero.
    pub(super) fn is_multiple_of(&self, other: &Self) -> bool {
        let (left, right) = self.aligned(other);
        left % right == BigInt::ZERO
    }

    /// As Go prints a big float.
    pub(super) fn text(&self) -> String {
        let value = Value::from_numeric_string(&format!("{}e-{}", self.digits, self.scale)).unwrap_or(Value::Null);
        number::to_f64(&value).map_or_else(String::new, sprintf::shortest)
    }
}
