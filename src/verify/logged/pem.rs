//! PEM blocks (RFC 7468) as Go reads and writes them: line breaks inside the base64 do not matter, 64 columns out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Most blocks that are read from one text; a chain has three.
const MAX_BLOCKS: usize = 16;

/// One PEM block.
pub(super) struct Block {
    /// What stands after `BEGIN`.
    pub(super) label: String,
    /// The decoded contents.
    pub(super) der: Vec<u8>,
}

/// The blocks of `text`, in order; `None` where one of them is broken or there are absurdly many.
pub(super) fn blocks(text: &str) -> Option<Vec<Block>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----")?;
        let (body, after) = after.split_once(&format!("-----END {label}-----"))?;
        let base64: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        found.push(Block { label: label.to_owned(), der: STANDARD.decode(base64).ok()? });
        if found.len() > MAX_BLOCKS {
            return None;
        }
        rest = after;
    }
    Some(found)
}

/// The certificates of `text`, in order; `None` where a block is broken or no certificate.
pub(super) fn certificates(text: &str) -> Option<Vec<Vec<u8>>> {
    blocks(text)?.into_iter().map(|block| (block.label == "CERTIFICATE").then_some(block.der)).collect()
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
        for length in [0, 1, 47, 48, 49, 96, 500] {
            let der = vec![7; length];
            let text = encode("CERTIFICATE", &der);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            assert_eq!(certificates(&text).unwrap(), [der]);
        }
    }

    #[test]
    fn broken_blocks_and_other_labels_are_no_certificates() {
        let good = encode("CERTIFICATE", b"x");
        assert!(certificates(&good.replace("END", "ENDE")).is_none());
        assert!(certificates(&good.replace('=', "!")).is_none());
        assert!(certificates(&encode("PUBLIC KEY", b"x")).is_none());
        assert!(certificates(&good.repeat(17)).is_none());
        assert!(certificates("no block at all").unwrap().is_empty());
    }
}
