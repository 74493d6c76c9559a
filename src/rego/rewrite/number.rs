//! Numbers: regorus holds doubles and integers; a literal beyond the range of doubles is refused, not bent (N8). What is
//! written with an exponent is no integer to OPA, whatever its value.

use super::lower::{Lowered, Refusal};
use crate::rego::ast::{Span, Term, TermKind};

/// Below this, every whole number is a double (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The literal with this text.
///
/// # Errors
/// A refusal where no double can hold the number.
pub(super) fn literal(span: Span, text: &str) -> Lowered<Term> {
    let nearest: f64 = text.parse().map_err(|_| Refusal::new(span, format!("`{text}` is no number")))?;
    let digits = text.split(['e', 'E']).next().unwrap_or_default();
    let vanished = nearest == 0.0 && digits.contains(|digit| matches!(digit, '1'..='9'));
    if !nearest.is_finite() || vanished {
        return Err(Refusal::new(span, format!("the number `{text}` is out of range")));
    }
    let is_whole = text.contains(['e', 'E']) && !text.contains('.') && nearest.fract() == 0.0;
    let text = if is_whole && nearest.abs() < EXACT { format!("{nearest:.1}") } else { text.to_owned() };
    Ok(Term::new(span, TermKind::Number(text)))
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
        for (text, point) in [("1e2", "100.0"), ("-1E+3", "-1000.0"), ("100e-2", "1.0")] {
            assert_eq!(literal(text), Some(TermKind::Number(point.to_owned())));
        }
        for text in ["1e400", "-2e308", "1e-400"] {
            assert_eq!(literal(text), None);
        }
    }
}
