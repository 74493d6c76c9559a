//! PEM blocks in sequence, and certificates as Go writes them: 64 columns.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::verify::pem;

/// Most certificates that are read from one text; a chain has three.
const MAX_CERTIFICATES: usize = 16;

/// The certificates of `text`, in order; `None` where a block is no certificate, or where there are absurdly many.
pub(super) fn certificates(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(block) = pem::first(rest) {
        if block.label != "CERTIFICATE" || found.len() == MAX_CERTIFICATES {
            return None;
        }
        found.push(block.der);
        rest = block.rest;
    }
    Some(found)
}

/// `der` as one block.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while let Some((line, after)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back() {
        for length in [1, 47, 48, 49, 96, 500] {
            let der = vec![7; length];
            let text = encode("CERTIFICATE", &der);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            assert_eq!(certificates(&text).unwrap(), [der]);
        }
    }

    #[test]
    fn other_labels_and_crowds_are_no_certificates() {
        let good = encode("CERTIFICATE", b"x");
        assert!(certificates(&encode("PUBLIC KEY", b"x")).is_none());
        assert_eq!(certificates(&good.repeat(16)).unwrap().len(), 16);
        assert!(certificates(&good.repeat(17)).is_none());
        assert!(certificates("no block at all").unwrap().is_empty());
    }
}
