//! Numbers: regorus holds doubles and integers; a literal beyond the range of doubles is refused, not bent (N8).

use super::lower::{Lowered, Refusal};
use crate::rego::ast::{Span, Term, TermKind};

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
    Ok(Term::new(span, TermKind::Number(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_text_or_is_refused() {
        let literal = |text| literal(Span::default(), text).map(|term| term.kind).ok();
        for text in ["1e300", "12345678901234567890123", "0e400", "0.1"] {
            assert_eq!(literal(text), Some(TermKind::Number(text.to_owned())));
        }
        for text in ["1e400", "-2e308", "1e-400"] {
            assert_eq!(literal(text), None);
        }
    }
}
