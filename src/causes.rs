//! What an error says, with its causes: these say most.

use std::error::Error;

/// The texts of an error and of all its causes, outermost first; one with which the text before it ends is left out.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |&error| error.source()) {
        let part = cause.to_string();
        if !text.ends_with(&part) {
            text = format!("{text}: {part}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Failure {
        text: &'static str,
        source: Option<Box<Failure>>,
    }

    fn failure(texts: &[&'static str]) -> Option<Box<Failure>> {
        let (text, rest) = texts.split_first()?;
        Some(Box::new(Failure { text, source: failure(rest) }))
    }

    #[test]
    fn each_cause_is_told_once() {
        let told = |texts: &[&'static str]| with_causes(&*failure(texts).unwrap());
        assert_eq!(told(&["cannot connect"]), "cannot connect");
        assert_eq!(
            told(&["cannot connect", "TLS failed: expired", "expired", "at 12:00"]),
            "cannot connect: TLS failed: expired: at 12:00"
        );
    }
}
