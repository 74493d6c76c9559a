//! Standard base64 as Go's decoder takes it: line breaks are skipped, unused trailing bits may be anything.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Not strict about unused bits: `encoding/base64.StdEncoding` is not, and keys and signatures in the field rely on it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The bytes behind `text`.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let decoded = if text.contains(['\r', '\n']) {
        let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        LENIENT.decode(joined)
    } else {
        LENIENT.decode(text)
    };
    decoded.map_err(|_| "illegal base64 data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_decodes_is_decoded() {
        assert_eq!(decode("aGk=").unwrap(), b"hi");
        assert_eq!(decode("aG\r\nk=\n").unwrap(), b"hi", "line breaks");
        assert_eq!(decode("aGl=").unwrap(), b"hi", "unused bits that are not zero");
        assert_eq!(decode("").unwrap(), b"");
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for bad in ["aGk", "aGk= ", "a-k=", "aGk==", "=", "aG k="] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }
}
