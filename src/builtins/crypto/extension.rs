//! Extensions of certificates, each read only when it is asked for.

use super::der::{Element, Reader, tag};

/// An extension as it stands.
#[derive(Debug, Clone)]
pub(super) struct Extension {
    pub(super) identifier: Vec<u64>,
    pub(super) critical: bool,
    pub(super) value: Vec<u8>,
}

/// Alternative names, by kind.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) dns: Vec<String>,
    pub(super) mail: Vec<String>,
    pub(super) addresses: Vec<Vec<u8>>,
    pub(super) uris: Vec<String>,
}

/// Whether the key may sign certificates, and how long a chain may be below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constraints {
    pub(super) is_authority: bool,
    pub(super) longest_path: i64,
}

/// The extensions that Go knows, by the last number below 2.5.29.
const KNOWN: [u64; 13] = [14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54, 0];

fn text(element: &Element<'_>) -> String {
    String::from_utf8_lossy(element.body).into_owned()
}

impl Extension {
    pub(super) fn parse_all(sequence: &Element<'_>) -> Option<Vec<Self>> {
        sequence.inside().all()?.iter().map(Self::parse).collect()
    }

    fn parse(element: &Element<'_>) -> Option<Self> {
        let mut parts = element.inside();
        let identifier = parts.expect(tag::OBJECT_IDENTIFIER)?.identifier()?;
        let critical = parts.optional(tag::BOOLEAN).is_some_and(|critical| critical.body == [0xff]);
        Some(Extension { identifier, critical, value: parts.expect(tag::OCTET_STRING)?.body.to_vec() })
    }

    /// Whether nobody here knows what it asks for.
    pub(super) fn is_unknown(&self) -> bool {
        let known = match self.identifier.as_slice() {
            [2, 5, 29, last] => KNOWN.contains(last) && *last != 0,
            [1, 3, 6, 1, 5, 5, 7, 1, 1] => true,
            _ => false,
        };
        !known
    }

    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.value)
    }

    fn elements(&self) -> Option<Vec<Element<'_>>> {
        self.reader().expect(tag::SEQUENCE)?.inside().all()
    }
}

/// The extension 2.5.29.`last`.
pub(super) fn find(extensions: &[Extension], last: u64) -> Option<&Extension> {
    extensions.iter().find(|extension| extension.identifier == [2, 5, 29, last])
}

pub(super) fn constraints(extensions: &[Extension]) -> Option<Constraints> {
    let mut parts = find(extensions, 19)?.reader().expect(tag::SEQUENCE)?.inside();
    let is_authority = parts.optional(tag::BOOLEAN).is_some_and(|element| element.body == [0xff]);
    let longest_path = parts.optional(tag::INTEGER).and_then(|element| element.small()).unwrap_or(-1);
    Some(Constraints { is_authority, longest_path })
}

/// Bit 0 is the highest of the first byte.
pub(super) fn key_usage(extensions: &[Extension]) -> i64 {
    let bits = find(extensions, 15).and_then(|extension| extension.reader().expect(tag::BIT_STRING));
    let bytes = bits.and_then(|bits| bits.body.get(1..)).unwrap_or_default();
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    (0..9).map(|at| i64::from(bit(at)) << at).sum()
}

/// Go's numbers of the usages that it knows, and the identifiers of the others.
pub(super) fn extended_usages(extensions: &[Extension]) -> (Vec<i64>, Vec<Vec<u64>>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for element in find(extensions, 37).and_then(Extension::elements).unwrap_or_default() {
        let identifier = element.identifier().unwrap_or_default();
        match identifier.as_slice() {
            [2, 5, 29, 37, 0] => known.push(0),
            [1, 3, 6, 1, 5, 5, 7, 3, usage @ 1..=9] => known.push(i64::try_from(*usage).unwrap_or(0)),
            [1, 3, 6, 1, 4, 1, 311, 10, 3, 3] => known.push(10),
            [2, 16, 840, 1, 113_730, 4, 1] => known.push(11),
            [1, 3, 6, 1, 4, 1, 311, 2, 1, 22] => known.push(12),
            [1, 3, 6, 1, 4, 1, 311, 61, 1, 1] => known.push(13),
            _ => unknown.push(identifier),
        }
    }
    (known, unknown)
}

pub(super) fn alternative_names(extensions: &[Extension]) -> Names {
    let mut names = Names::default();
    for element in find(extensions, 17).and_then(Extension::elements).unwrap_or_default() {
        match element.tag {
            0x81 => names.mail.push(text(&element)),
            0x82 => names.dns.push(text(&element)),
            0x86 => names.uris.push(text(&element)),
            0x87 => names.addresses.push(element.body.to_vec()),
            _ => {}
        }
    }
    names
}

pub(super) fn subject_key(extensions: &[Extension]) -> Option<Vec<u8>> {
    Some(find(extensions, 14)?.reader().expect(tag::OCTET_STRING)?.body.to_vec())
}

pub(super) fn authority_key(extensions: &[Extension]) -> Option<Vec<u8>> {
    Some(find(extensions, 35)?.reader().expect(tag::SEQUENCE)?.inside().optional(0x80)?.body.to_vec())
}

pub(super) fn policies(extensions: &[Extension]) -> Vec<Vec<u64>> {
    let policies = find(extensions, 32).and_then(Extension::elements).unwrap_or_default();
    policies.iter().filter_map(|policy| policy.inside().expect(tag::OBJECT_IDENTIFIER)?.identifier()).collect()
}

/// Addresses of revocation lists.
pub(super) fn distribution_points(extensions: &[Extension]) -> Vec<String> {
    let points = find(extensions, 31).and_then(Extension::elements).unwrap_or_default();
    let names = points.iter().filter_map(|point| point.inside().optional(0xa0)?.inside().optional(0xa0)?.inside().all()).flatten();
    names.filter(|name| name.tag == 0x86).map(|name| text(&name)).collect()
}

/// Addresses of status responders and of the issuer's certificate.
pub(super) fn access(extensions: &[Extension]) -> (Vec<String>, Vec<String>) {
    let (mut responders, mut issuers) = (Vec::new(), Vec::new());
    let found = extensions.iter().find(|extension| extension.identifier == [1, 3, 6, 1, 5, 5, 7, 1, 1]);
    for description in found.and_then(Extension::elements).unwrap_or_default() {
        let mut parts = description.inside();
        let method = parts.expect(tag::OBJECT_IDENTIFIER).and_then(|method| method.identifier()).unwrap_or_default();
        let Some(place) = parts.optional(0x86) else { continue };
        match method.as_slice() {
            [1, 3, 6, 1, 5, 5, 7, 48, 1] => responders.push(text(&place)),
            [1, 3, 6, 1, 5, 5, 7, 48, 2] => issuers.push(text(&place)),
            _ => {}
        }
    }
    (responders, issuers)
}
