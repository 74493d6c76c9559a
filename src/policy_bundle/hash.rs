//! Digests of files as bundle signatures have them: structured files are hashed as canonical JSON, others as they are.
//!
//! OPA's documentation, "Signature Format": objects with their keys sorted and no space, numbers as they were written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_lc_rs::digest::{self, Digest};
use md5::Md5;
use serde_json::value::RawValue;
use sha2::Digest as _;

use super::file::BundleFile;
use crate::builtins;

/// Most levels of a structured file, as `serde_json` has it.
const MAX_DEPTH: u32 = 128;

/// The digest by the algorithm of this name; `None` for an algorithm that there is not.
pub(super) fn digest(file: &BundleFile, algorithm: &str) -> Result<Option<Vec<u8>>, String> {
    let canonical;
    let bytes = if is_structured(file.base()) {
        canonical = structured(&file.bytes)?;
        canonical.as_bytes()
    } else {
        file.bytes.as_slice()
    };
    let aws = |algorithm| -> Vec<u8> { Digest::as_ref(&digest::digest(algorithm, bytes)).to_vec() };
    Ok(Some(match algorithm {
        "MD5" => Md5::digest(bytes).to_vec(),
        "SHA-1" => aws(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "SHA-224" => aws(&digest::SHA224),
        "SHA-256" => aws(&digest::SHA256),
        "SHA-384" => aws(&digest::SHA384),
        "SHA-512" => aws(&digest::SHA512),
        "SHA-512-224" => sha2::Sha512_224::digest(bytes).to_vec(),
        "SHA-512-256" => aws(&digest::SHA512_256),
        _ => return Ok(None),
    }))
}

fn is_structured(base: &str) -> bool {
    matches!(base, "data.json" | "data.yaml" | "data.yml" | ".manifest")
}

fn structured(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut canonical = String::with_capacity(text.len());
    if let Ok(raw) = serde_json::from_str::<&RawValue>(text) {
        write(raw.get(), &mut canonical, MAX_DEPTH)?;
    } else {
        let value = builtins::yaml_document(text)?;
        write(&value.to_string(), &mut canonical, MAX_DEPTH)?;
    }
    Ok(canonical)
}

/// Each level reads its part of the text once, and there are `depth` of them at most.
fn write(text: &str, canonical: &mut String, depth: u32) -> Result<(), String> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let error = |error: serde_json::Error| error.to_string();
    match text.trim_start().bytes().next() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(error)?;
            canonical.push('{');
            for (number, (name, value)) in members.into_iter().enumerate() {
                if number > 0 {
                    canonical.push(',');
                }
                quoted(&name, canonical);
                canonical.push(':');
                write(value.get(), canonical, depth)?;
            }
            canonical.push('}');
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(error)?;
            canonical.push('[');
            for (number, item) in items.into_iter().enumerate() {
                if number > 0 {
                    canonical.push(',');
                }
                write(item.get(), canonical, depth)?;
            }
            canonical.push(']');
        }
        Some(b'"') => quoted(&serde_json::from_str::<String>(text).map_err(error)?, canonical),
        _ => canonical.push_str(text.trim()),
    }
    Ok(())
}

/// A string as Go's `encoding/json` writes it without escapes for HTML.
fn quoted(text: &str, canonical: &mut String) {
    canonical.push('"');
    for character in text.chars() {
        match character {
            '"' => canonical.push_str("\\\""),
            '\\' => canonical.push_str("\\\\"),
            '\u{8}' => canonical.push_str("\\b"),
            '\u{c}' => canonical.push_str("\\f"),
            '\n' => canonical.push_str("\\n"),
            '\r' => canonical.push_str("\\r"),
            '\t' => canonical.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(canonical, "\\u{:04x}", u32::from(character));
            }
            plain => canonical.push(plain),
        }
    }
    canonical.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_hashed_in_one_form() {
        let text = "\u{feff}{ \"b\" : [1.0, 1e3,-0, true,null ], \"a\":\"\\u00e9<\\u2028\\b\\u0001\", \"b\" : 2.50 }";
        assert_eq!(structured(text.as_bytes()).unwrap(), "{\"a\":\"é<\\u2028\\b\\u0001\",\"b\":2.50}");
        assert_eq!(structured(b"[1.0, 1e3,-0, true,null ]").unwrap(), "[1.0,1e3,-0,true,null]");
        assert_eq!(structured(b"b: [1, x]\na: ~\n").unwrap(), "{\"a\":null,\"b\":[1,\"x\"]}");
    }

    #[test]
    fn deep_nesting_is_refused() {
        structured("[".repeat(100_000).as_bytes()).unwrap_err();
        structured(("[".repeat(10_000) + &"]".repeat(10_000)).as_bytes()).unwrap_err();
    }
}
