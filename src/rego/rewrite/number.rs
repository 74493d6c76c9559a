//! Numbers: regorus holds doubles and integers; a fraction that no double is near to is refused, not bent (N8). What is
//! written with an exponent is no integer to OPA, whatever its value.

use super::lower::{Lowered, Refusal};
use crate::rego::ast::{Span, Term, TermKind};

/// Below this, every whole number is a double (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// As many digits has the greatest number that OPA reads (2^100000).
const LONGEST: usize = 30_103;

/// The literal with this text.
///
/// # Errors
/// A refusal where no double can hold the number.
pub(super) fn literal(span: Span, text: &str) -> Lowered<Term> {
    let nearest: f64 = text.parse().map_err(|_| Refusal::new(span, format!("`{text}` is no number")))?;
    let digits = text.split(['e', 'E']).next().unwrap_or_default();
    let vanished = nearest == 0.0 && digits.contains(|digit| matches!(digit, '1'..='9'));
    if !nearest.is_finite()
        && let Some(digits) = whole(text)
    {
        // regorus reads no such literal, but its integers are of any size.
        return Ok(Term::call(span, "to_number", vec![Term::string(span, digits)]));
    }
    if !nearest.is_finite() || vanished {
        return Err(Refusal::new(span, format!("the number `{text}` is out of range")));
    }
    let is_whole = text.contains(['e', 'E']) && nearest.fract() == 0.0;
    let is_exact = || nearest.abs() < EXACT || whole(text).is_some_and(|digits| digits == format!("{nearest:.0}"));
    let text = if is_whole && is_exact() { format!("{nearest:.1}") } else { text.to_owned() };
    Ok(Term::new(span, TermKind::Number(text)))
}

/// All digits of a whole number that no double can hold, which the engine keeps exactly. OPA reads no longer ones.
fn whole(text: &str) -> Option<String> {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let behind = behind.trim_end_matches('0');
    let shift: usize = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(behind.len()).ok()?)?.try_into().ok()?;
    if shift > LONGEST || mantissa.len() > LONGEST {
        return None;
    }
    let digits = format!("{before}{behind}{}", "0".repeat(shift));
    Some(format!("{sign}{}", digits.trim_start_matches('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_text_or_is_refused() {
        let literal = |text| literal(Span::default(), text).map(|term| term.kind).ok();
        for text in ["1e300", "12345678901234567890123", "0.1", "1e-2"] {
            assert_eq!(literal(text), Some(TermKind::Number(text.to_owned())));
        }
        for (text, point) in
            [("1e2", "100.0"), ("-1E+3", "-1000.0"), ("100e-2", "1.0"), ("1.5e3", "1500.0"), ("1e22", "10000000000000000000000.0")]
        {
            assert_eq!(literal(text), Some(TermKind::Number(point.to_owned())));
        }
        let call = Term::call(Span::default(), "to_number", vec![Term::string(Span::default(), format!("-25{}", "0".repeat(399)))]);
        assert_eq!(literal("-2.50e400"), Some(call.kind));
        for text in ["1e40000", "1e-400", "0.1e99999999999999999999"] {
            assert_eq!(literal(text), None);
        }
    }
}
