//! PEM: base64 between lines of hyphens.

use crate::builtins::encoding;

/// One block.
#[derive(Debug)]
pub(in crate::builtins) struct Block {
    pub(in crate::builtins) label: String,
    pub(in crate::builtins) bytes: Vec<u8>,
}

/// The blocks of a text, whatever stands between them.
pub(in crate::builtins) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((block, after)) = next(rest) {
        blocks.extend(block);
        rest = after;
    }
    blocks
}

/// The first block, if it can be read, and what comes behind it.
pub(in crate::builtins) fn next(text: &str) -> Option<(Option<Block>, &str)> {
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, after) = after.split_once("-----")?;
    let end = format!("-----END {label}-----");
    let (body, rest) = after.split_once(&end)?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    // Headers end with an empty line.
    let body = match body.split_once("\n\n") {
        Some((headers, body)) if headers.contains(':') => body,
        _ => body,
    };
    let plain: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let block = encoding::from_standard(&plain).ok().map(|bytes| Block { label: label.to_owned(), bytes });
    Some((block, rest))
}
