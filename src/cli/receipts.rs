//! Receipts as people read them.

use vidimus::verify::{Grounds, Source, VerdictReceipt};

use super::style::harmless;

/// Where an answer came from: `hit, checked at .. (2h ago), expires at .. (time to live), 0 registry requests`.
pub(super) fn source(source: &Source) -> String {
    let Source { kind, verified_at, age_ms, expires_at, expires_why, registry_requests, .. } = source;
    let ends = match (expires_at, expires_why) {
        (Some(at), Some(why)) => format!(", expires at {at} ({why})"),
        _ => String::new(),
    };
    format!("{kind}, checked at {verified_at} ({} ago){ends}, {}", span(*age_ms), requests(*registry_requests))
}

/// `1 registry request`, `2 registry requests`.
pub(super) fn requests(number: u64) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} registry request{plural}")
}

/// What it rests on, in a few words; empty for a long-lived key alone.
pub(super) fn grounds(grounds: &Grounds) -> String {
    let indexes: Vec<String> = grounds.log_indexes.iter().map(ToString::to_string).collect();
    let parts = [("", &grounds.identities), ("issuer ", &grounds.issuers), ("log index ", &indexes)];
    let texts = parts.iter().filter(|(_, texts)| !texts.is_empty());
    texts.map(|(name, texts)| format!("{name}{}", harmless(&texts.join(", ")))).collect::<Vec<_>>().join("; ")
}

/// One line about one question.
pub(super) fn line(receipt: &VerdictReceipt) -> String {
    let question = format!("{} of {}", receipt.verdict.name(), harmless(&receipt.image));
    let spent = receipt.registry_requests.map(|number| format!(" ({})", requests(number))).unwrap_or_default();
    match (&receipt.source, &receipt.reason) {
        (Some(from), _) => format!("{question}: {}", source(from)),
        (None, Some(reason)) => format!("{question}: {}{spent}", harmless(reason).replace('\n', " ")),
        (None, None) => question,
    }
}

/// To two units, the largest first.
fn span(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let shown = [0, 1_999, 61_000, 3_600_000, 90_000_000].map(span);
        assert_eq!(shown, ["0ms", "1s", "1m1s", "1h0m", "1d1h"]);
    }
}
