//! How a rejection reads: cosign's words, joined as cosign joins them, and bounded.

use std::fmt::Write as _;

use super::evidence::Reason;
use super::gather::Path;

/// Most reasons that are told, and most of each.
const MAX_REASONS: usize = 20;
const MAX_REASON: usize = 400;

/// What begins a rejection for content that is signed but cannot be read.
pub(crate) const PARSING_ATTESTATION: &str = "parsing attestation: ";

/// No signature verifies on either path.
pub(crate) fn no_signature<B, L>(bundles: &Path<B>, layers: &Path<L>) -> String {
    let legacy = match &layers.fault {
        Some(fault) => Some(bounded(fault)),
        None if layers.rejected.is_empty() => None,
        None => Some(format!("no matching signatures: {}", joined(&layers.rejected, "\n "))),
    };
    match (of_bundles(bundles), legacy) {
        (None, None) => "no signatures found".to_owned(),
        (None, Some(legacy)) => legacy,
        (Some(bundles), None) => bundles,
        (Some(bundles), Some(legacy)) => format!("{bundles}\n{legacy}"),
    }
}

/// No attestation verifies on either path.
pub(crate) fn no_attestation<B, L>(bundles: &Path<B>, layers: &Path<L>) -> String {
    let legacy = layers.fault.as_ref().map(|fault| bounded(fault));
    let rejected = joined(&layers.rejected, "\n ");
    match (of_bundles(bundles), legacy) {
        (None, Some(fault)) => fault,
        (None, None) => format!("no matching attestations: {rejected}"),
        (Some(bundles), Some(fault)) => format!("{bundles}\n{fault}"),
        (Some(bundles), None) if rejected.is_empty() => bundles,
        (Some(bundles), None) => format!("{bundles}\n{rejected}"),
    }
}

/// Signed content that cannot be read.
pub(crate) fn malformed(reasons: &[Reason]) -> String {
    format!("{PARSING_ATTESTATION}{}", joined(reasons, "\n"))
}

/// Evidence that could not be asked for.
pub(crate) fn unavailable(reasons: &[String]) -> String {
    joined(reasons, "\n")
}

fn of_bundles<B>(bundles: &Path<B>) -> Option<String> {
    let reasons = match &bundles.fault {
        Some(fault) => std::slice::from_ref(fault),
        None => &bundles.rejected,
    };
    (!reasons.is_empty()).then(|| format!("no matching attestations: {}", joined(reasons, "\n")))
}

fn joined(reasons: &[Reason], separator: &str) -> String {
    let told = reasons.iter().take(MAX_REASONS).map(|reason| bounded(reason)).collect::<Vec<_>>();
    let mut text = told.join(separator);
    if reasons.len() > told.len() {
        // Writing to a text cannot fail.
        let _ = write!(text, "{separator}and {} more", reasons.len() - told.len());
    }
    text
}

fn bounded(reason: &str) -> String {
    match reason.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}...", reason.get(..end).unwrap_or_default()),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(reasons: &[&str]) -> Path<()> {
        Path { rejected: reasons.iter().map(|&reason| reason.to_owned()).collect(), ..Path::empty() }
    }

    #[test]
    fn reasons_are_joined_as_cosign_joins_them() {
        let none = rejected(&[]);
        assert_eq!(no_signature(&none, &none), "no signatures found");
        assert_eq!(no_attestation(&none, &none), "no matching attestations: ");
        assert_eq!(no_signature(&none, &rejected(&["a", "b"])), "no matching signatures: a\n b");
        assert_eq!(no_attestation(&none, &rejected(&["a", "b"])), "no matching attestations: a\n b");
        assert_eq!(no_signature(&rejected(&["a", "b"]), &none), "no matching attestations: a\nb");
        assert_eq!(no_attestation(&rejected(&["a", "b"]), &none), "no matching attestations: a\nb");
        assert_eq!(no_signature(&rejected(&["a"]), &rejected(&["b"])), "no matching attestations: a\nno matching signatures: b");
        assert_eq!(malformed(&["a".to_owned()]), "parsing attestation: a");
    }

    #[test]
    fn a_fault_of_a_path_stands_for_it() {
        let fault = || Path::<()> { fault: Some("number of layers".to_owned()), ..Path::empty() };
        assert_eq!(no_signature(&rejected(&[]), &fault()), "number of layers");
        assert_eq!(no_attestation(&rejected(&[]), &fault()), "number of layers");
        assert_eq!(no_attestation(&rejected(&["a"]), &fault()), "no matching attestations: a\nnumber of layers");
        assert_eq!(no_signature(&fault(), &rejected(&[])), "no matching attestations: number of layers");
    }

    #[test]
    fn a_thousand_long_reasons_make_a_short_text() {
        let long = "ä".repeat(10_000);
        let text = no_signature(&rejected(&[]), &rejected(&vec![long.as_str(); 1000]));
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(text.ends_with("and 980 more"));
    }
}
