//! `Digest`: `sha256:` and 64 lower-case hexadecimal digits, as go-containerregistry takes it to be verifiable.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest of content (OCI image-spec, descriptor.md, "Digests").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Why a text is not a [`Digest`]; the wording is go-containerregistry's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// Another algorithm than `sha256`, or none.
    #[error("unsupported digest algorithm: {0}")]
    Algorithm(String),
    /// Something else than lower-case hexadecimal digits.
    #[error("invalid checksum digest format")]
    Format,
    /// Not 64 digits.
    #[error("invalid checksum digest length")]
    Length,
}

impl Digest {
    /// The digest of `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 lower-case hexadecimal digits, without the algorithm.
    #[must_use]
    pub fn hex(&self) -> String {
        self.digits(&mut [0; 64]).to_owned()
    }

    /// The digits, written into `room`: keys and labels are made of them by the thousand.
    fn digits<'a>(&self, room: &'a mut [u8; 64]) -> &'a str {
        // Neither can fail: the room fits, and digits are ASCII.
        match hex::encode_to_slice(self.0, room) {
            Ok(()) => std::str::from_utf8(room).unwrap_or_default(),
            Err(_) => "",
        }
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("sha256:").ok_or_else(|| InvalidDigest::Algorithm(text.to_owned()))?;
        if digits.len() != 64 {
            return Err(InvalidDigest::Length);
        }
        if !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidDigest::Format);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| InvalidDigest::Format)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        f.write_str(self.digits(&mut [0; 64]))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_prints_as_it_was_read() {
        assert_eq!(EMPTY.parse::<Digest>().unwrap().to_string(), EMPTY);
        assert_eq!(Digest::of(b"").to_string(), EMPTY);
    }

    #[test]
    fn what_ggcr_refuses_is_refused_with_its_words() {
        let refused = |text: &str| text.parse::<Digest>().unwrap_err().to_string();
        assert_eq!(refused("sha512:00"), "unsupported digest algorithm: sha512:00");
        assert_eq!(refused(&EMPTY.replace('b', "B")), "invalid checksum digest format");
        assert_eq!(refused("sha256:e3b0"), "invalid checksum digest length");
        assert_eq!(refused("sha256:e3b"), "invalid checksum digest length");
        assert_eq!(refused("sha256:ZZ"), "invalid checksum digest length");
        assert_eq!(refused(""), "unsupported digest algorithm: ");
    }
}
