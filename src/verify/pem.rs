//! PEM, as Go's `encoding/pem` finds it: the first block of a text, whatever stands around it.

use super::base64;

/// One block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// What stands after `BEGIN`.
    pub(crate) label: &'a str,
    /// The decoded contents.
    pub(crate) der: Vec<u8>,
    /// What follows the block.
    pub(crate) rest: &'a str,
}

/// The first block of `text` that is whole and decodes.
pub(crate) fn first(text: &str) -> Option<Block<'_>> {
    let mut rest = text;
    loop {
        let (_, after) = begin(rest)?;
        if let Some(block) = block(after) {
            return Some(block);
        }
        rest = after;
    }
}

/// Skips to behind the next `-----BEGIN ` at the start of a line.
fn begin(text: &str) -> Option<(&str, &str)> {
    const BEGIN: &str = "-----BEGIN ";
    if let Some(after) = text.strip_prefix(BEGIN) {
        return Some(("", after));
    }
    text.split_once("\n-----BEGIN ")
}

/// Reads a block from behind its `-----BEGIN `.
fn block(text: &str) -> Option<Block<'_>> {
    let (label, after) = text.split_once("-----")?;
    if label.contains('\n') {
        return None;
    }
    let (line, body) = after.split_once('\n')?;
    if !line.trim().is_empty() {
        return None;
    }
    let (body, rest) = body.split_once("-----END ")?;
    let rest = rest.strip_prefix(label)?.strip_prefix("-----")?;
    let packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Some(Block { label, der: base64::decode(&packed).ok()?, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_whole_block_counts() {
        let text = "notes\n-----BEGIN A-----\n!\n-----END A-----\n-----BEGIN B-----\naG\nk=\n-----END B-----\nrest";
        let block = first(text).unwrap();
        assert_eq!((block.label, block.der.as_slice(), block.rest), ("B", b"hi".as_slice(), "\nrest"));
    }

    #[test]
    fn no_block_in_what_is_broken() {
        for bad in [
            "",
            "-----BEGIN A-----",
            "-----BEGIN A-----\naGk=\n",
            "-----BEGIN A-----\naGk=\n-----END B-----\n",
            "x-----BEGIN A-----\naGk=\n-----END A-----\n",
            "-----BEGIN A-----aGk=-----END A-----",
        ] {
            assert_eq!(first(bad), None, "{bad}");
        }
    }
}
