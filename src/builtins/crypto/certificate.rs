//! X.509 certificates, as far as their bytes say.

use num_bigint::BigInt;

use super::der::{Element, Reader, tag};
use super::extension::Extension;
use super::key::Public;
use super::name::{self, Attribute};

/// A certificate.
#[derive(Debug, Clone)]
pub(in crate::builtins) struct Certificate {
    pub(super) raw: Vec<u8>,
    /// What is signed.
    pub(super) body: Vec<u8>,
    pub(super) raw_key: Vec<u8>,
    pub(super) raw_subject: Vec<u8>,
    pub(super) raw_issuer: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// Go's number of the signature's algorithm.
    pub(super) signature_algorithm: i64,
    pub(in crate::builtins) key: Option<Public>,
    pub(super) version: i64,
    pub(super) serial: BigInt,
    pub(super) issuer: Vec<Attribute>,
    pub(super) subject: Vec<Attribute>,
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) extensions: Vec<Extension>,
}

impl Certificate {
    pub(in crate::builtins) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(bytes);
        let whole = outer.expect(tag::SEQUENCE)?;
        if !outer.is_empty() {
            return None;
        }
        let mut parts = whole.inside();
        let body = parts.expect(tag::SEQUENCE)?;
        let algorithm = parts.expect(tag::SEQUENCE)?;
        let signature = parts.expect(tag::BIT_STRING)?.bits()?;
        let mut fields = body.inside();
        let version = fields.optional(0xa0).map_or(Some(0), |version| version.inside().expect(tag::INTEGER)?.small())?;
        let serial = fields.expect(tag::INTEGER)?.integer();
        fields.expect(tag::SEQUENCE)?;
        let issuer = fields.expect(tag::SEQUENCE)?;
        let mut validity = fields.expect(tag::SEQUENCE)?.inside();
        let subject = fields.expect(tag::SEQUENCE)?;
        let key = fields.expect(tag::SEQUENCE)?;
        fields.optional(0x81);
        fields.optional(0x82);
        let extensions = match fields.optional(0xa3) {
            Some(extensions) => Extension::parse_all(&extensions.inside().expect(tag::SEQUENCE)?)?,
            None => Vec::new(),
        };
        Some(Certificate {
            raw: whole.raw.to_vec(),
            body: body.raw.to_vec(),
            raw_key: key.raw.to_vec(),
            raw_subject: subject.raw.to_vec(),
            raw_issuer: issuer.raw.to_vec(),
            signature,
            signature_algorithm: signature_algorithm(&algorithm)?,
            key: Public::parse(&key),
            version: version + 1,
            serial,
            issuer: name::parse(&issuer)?,
            subject: name::parse(&subject)?,
            not_before: time(&validity.next()?)?,
            not_after: time(&validity.next()?)?,
            extensions,
        })
    }
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(element: &Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.body).ok()?;
    let layout = match element.tag {
        tag::UTC_TIME => {
            // Years from 50 on are of the century before.
            let century = if text.get(..2)?.parse::<u8>().ok()? >= 50 { "19" } else { "20" };
            return seconds(&format!("{century}{text}"));
        }
        tag::GENERALIZED_TIME => text,
        _ => return None,
    };
    seconds(layout)
}

fn seconds(text: &str) -> Option<i64> {
    crate::builtins::time::seconds_of("20060102150405Z0700", text)
}

/// Go's number of a signature algorithm.
pub(super) fn signature_algorithm(algorithm: &Element<'_>) -> Option<i64> {
    let mut algorithm = algorithm.inside();
    let identifier = algorithm.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
    Some(match identifier.as_slice() {
        [1, 2, 840, 113_549, 1, 1, 2] => 1,
        [1, 2, 840, 113_549, 1, 1, 4] => 2,
        [1, 2, 840, 113_549, 1, 1, 5] | [1, 3, 14, 3, 2, 29] => 3,
        [1, 2, 840, 113_549, 1, 1, 11] => 4,
        [1, 2, 840, 113_549, 1, 1, 12] => 5,
        [1, 2, 840, 113_549, 1, 1, 13] => 6,
        [1, 2, 840, 10040, 4, 3] => 7,
        [2, 16, 840, 1, 101, 3, 4, 3, 2] => 8,
        [1, 2, 840, 10045, 4, 1] => 9,
        [1, 2, 840, 10045, 4, 3, 2] => 10,
        [1, 2, 840, 10045, 4, 3, 3] => 11,
        [1, 2, 840, 10045, 4, 3, 4] => 12,
        [1, 2, 840, 113_549, 1, 1, 10] => pss_algorithm(algorithm).unwrap_or(0),
        [1, 3, 101, 112] => 16,
        _ => 0,
    })
}

/// The hash of RSASSA-PSS is a parameter.
fn pss_algorithm(mut parameters: Reader<'_>) -> Option<i64> {
    let mut parameters = parameters.expect(tag::SEQUENCE)?.inside();
    let mut hash = parameters.expect(0xa0)?.inside().expect(tag::SEQUENCE)?.inside();
    match hash.expect(tag::OBJECT_IDENTIFIER)?.identifier()?.as_slice() {
        [2, 16, 840, 1, 101, 3, 4, 2, 1] => Some(13),
        [2, 16, 840, 1, 101, 3, 4, 2, 2] => Some(14),
        [2, 16, 840, 1, 101, 3, 4, 2, 3] => Some(15),
        _ => None,
    }
}
