//! Base64, hexadecimal digits and URL queries.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, order};

pub(super) const FAMILY: Family = &[
    ("base64.decode", Availability::Pure(|operands| decode(operands, &STANDARD))),
    ("base64.encode", Availability::Pure(|operands| encode(operands, &STANDARD))),
    ("base64.is_valid", Availability::Pure(is_base64)),
    ("base64url.decode", Availability::Pure(url_decode)),
    ("base64url.encode", Availability::Pure(|operands| encode(operands, &URL))),
    ("base64url.encode_no_pad", Availability::Pure(|operands| encode(operands, &URL_NO_PAD))),
    ("hex.decode", Availability::Pure(hex_decode)),
    ("hex.encode", Availability::Pure(|operands| Ok(Value::from(hex::encode(operand::string(operands, 1)?))))),
    ("urlquery.decode", Availability::Pure(|operands| unescape(operand::string(operands, 1)?).map(Value::from).map_err(Fault::Failed))),
    ("urlquery.decode_object", Availability::Pure(query_decode)),
    ("urlquery.encode", Availability::Pure(|operands| Ok(Value::from(escape(operand::string(operands, 1)?))))),
    ("urlquery.encode_object", Availability::Pure(query_encode)),
];

const PADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDED);
pub(super) const URL_NO_PAD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

fn encode(operands: &[Value], engine: &GeneralPurpose) -> Answer {
    Ok(Value::from(engine.encode(operand::string(operands, 1)?)))
}

/// Decodes base64; line breaks inside it do not count.
pub(super) fn from_base64(text: &str, engine: &GeneralPurpose) -> Result<Vec<u8>, Fault> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    engine.decode(&text).map_err(|error| {
        let offset = match error {
            base64::DecodeError::InvalidByte(offset, _) | base64::DecodeError::InvalidLastSymbol { offset, .. } => offset,
            // Go names the beginning of the last group.
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => text.len() / 4 * 4,
        };
        Fault::failed(format!("illegal base64 data at input byte {offset}"))
    })
}

/// Decodes standard base64 with its padding.
pub(super) fn from_standard(text: &str) -> Result<Vec<u8>, Fault> {
    from_base64(text, &STANDARD)
}

/// Bytes as text; each byte that is none of UTF-8 becomes one replacement character, as in Go.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Strings of ours are text: other bytes read as the replacement character.
pub(super) fn text(bytes: &[u8]) -> Value {
    Value::from(lossy(bytes))
}

fn decode(operands: &[Value], engine: &GeneralPurpose) -> Answer {
    from_base64(operand::string(operands, 1)?, engine).map(|bytes| text(&bytes))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_base64(operands: &[Value]) -> Answer {
    Ok(Value::from(operand::string(operands, 1).is_ok_and(|text| from_standard(text).is_ok())))
}

fn url_decode(operands: &[Value]) -> Answer {
    from_url(operand::string(operands, 1)?).map(|bytes| text(&bytes))
}

/// Decodes base64url whose padding may be missing.
pub(super) fn from_url(text: &str) -> Result<Vec<u8>, Fault> {
    let padding = match (text.ends_with('='), text.len() % 4) {
        (true, _) | (_, 0) => "",
        (false, 2) => "==",
        (false, 3) => "=",
        _ => return Err(Fault::failed(format!("illegal base64url string: {text}"))),
    };
    from_base64(&format!("{text}{padding}"), &URL)
}

fn hex_decode(operands: &[Value]) -> Answer {
    let digits = operand::string(operands, 1)?;
    let bad = digits.bytes().find(|byte| !byte.is_ascii_hexdigit());
    if let Some(byte) = bad {
        let mut quoted = String::new();
        super::term_text::escape(char::from(byte), '\'', false, &mut quoted);
        return Err(Fault::failed(format!("encoding/hex: invalid byte: U+{byte:04X} '{quoted}'")));
    }
    let bytes = hex::decode(digits).map_err(|_| Fault::failed("encoding/hex: odd length hex string"))?;
    Ok(text(&bytes))
}

/// `a b` as `a+b`.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.extend(format!("%{other:02X}").chars()),
        }
    }
    out
}

fn unescape(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let shown = after.get(..2).unwrap_or(after);
                let decoded = hex::decode(shown).ok().filter(|byte| byte.len() == 1);
                bytes.extend(decoded.ok_or_else(|| format!("invalid URL escape \"%{}\"", String::from_utf8_lossy(shown)))?);
                rest = after.get(2..).unwrap_or_default();
            }
            other => bytes.push(*other),
        }
    }
    Ok(lossy(&bytes))
}

fn query_encode(operands: &[Value]) -> Answer {
    let object = operand::object(operands, 1)?;
    let bad = || Fault::Type("operand 1 values must be string, array[string], or set[string]".to_owned());
    let mut pairs = Vec::new();
    for key in order::keys(object) {
        let Value::String(name) = key else { return Err(bad()) };
        let values = match object.get(key) {
            Some(text @ Value::String(_)) => vec![text],
            Some(Value::Array(array)) => array.iter().collect(),
            Some(Value::Set(set)) => order::of_set(set),
            _ => return Err(bad()),
        };
        for value in values {
            let Value::String(value) = value else { return Err(bad()) };
            pairs.push(format!("{}={}", escape(name), escape(value)));
        }
    }
    Ok(Value::from(pairs.join("&")))
}

fn query_decode(operands: &[Value]) -> Answer {
    let mut members: std::collections::BTreeMap<String, Vec<Value>> = std::collections::BTreeMap::new();
    for pair in operand::string(operands, 1)?.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return Err(Fault::failed("invalid semicolon separator in query"));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = unescape(name).map_err(Fault::Failed)?;
        members.entry(name).or_default().push(Value::from(unescape(value).map_err(Fault::Failed)?));
    }
    let members = members.into_iter().map(|(name, values)| (Value::from(name), Value::from(values)));
    Ok(members.collect::<regorus::value::Object>().into_value())
}
