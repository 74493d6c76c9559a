//! Certificates of the made-up authorities, and the stamp of the certificate log inside a leaf.

use super::der::{bits, element, identifier, name, octets, sequence, text, time};
use super::{Forge, IDENTITY, ISSUED, ISSUER, TimestampAuthority};
use crate::testkit::signer::TestKey;

const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
const FULCIO: &str = "1.3.6.1.4.1.57264.1";

/// How a leaf is stamped by the certificate log.
pub(crate) enum Stamp {
    Good,
    Missing,
    /// By a log that nobody knows.
    Unknown(Box<TestKey>),
    /// With the signature of another certificate.
    Borrowed,
}

/// What a leaf certificate says.
pub(crate) struct Leaf {
    /// Tag of the general name and its value: 1 e-mail, 2 DNS, 6 URI.
    pub(crate) names: Vec<(u8, String)>,
    /// Extension .1.1, bare text.
    pub(crate) issuer: Option<String>,
    /// Extension .1.8.
    pub(crate) issuer_v2: Option<String>,
    /// Further extensions under the Fulcio arc.
    pub(crate) claims: Vec<(u32, String)>,
    pub(crate) validity: (i64, i64),
    pub(crate) usage: &'static str,
    pub(crate) stamp: Stamp,
    /// Who signs it in place of the intermediate, under its name.
    pub(crate) issued_by: Option<TestKey>,
}

impl Default for Leaf {
    fn default() -> Self {
        Self {
            names: vec![(6, IDENTITY.to_owned())],
            issuer: Some(ISSUER.to_owned()),
            issuer_v2: Some(ISSUER.to_owned()),
            claims: Vec::new(),
            validity: (ISSUED, ISSUED + 600),
            usage: CODE_SIGNING,
            stamp: Stamp::Good,
            issued_by: None,
        }
    }
}

pub(super) fn root(forge: &Forge) -> Vec<u8> {
    authority(("root", &forge.root), ("root", &forge.root), forge.root_validity)
}

pub(super) fn intermediate(forge: &Forge) -> Vec<u8> {
    authority(("intermediate", &forge.intermediate), ("root", &forge.root), forge.intermediate_validity)
}

/// The certificate of an authority for TLS, and that of a server at 127.0.0.1 and `localhost`.
pub(super) fn server(root: &TestKey, server: &TestKey) -> (Vec<u8>, Vec<u8>) {
    let validity = (ISSUED, ISSUED + 400_000_000);
    let names = [element(0x87, &[127, 0, 0, 1]), element(0x82, b"localhost")];
    let extensions =
        [extension("2.5.29.37", false, &sequence(&[identifier("1.3.6.1.5.5.7.3.1")])), extension("2.5.29.17", false, &sequence(&names))];
    let leaf = sign(root, &body(("server", server), "tls", validity, &extensions));
    (authority(("tls", root), ("tls", root), validity), leaf)
}

/// The certificates of a timestamp authority: its own, and its root's.
pub(super) fn timestamping(authority_of: &TimestampAuthority) -> (Vec<u8>, Vec<u8>) {
    let TimestampAuthority { root, key, root_validity, validity, usage, .. } = authority_of;
    let extensions = [extension("2.5.29.37", true, &sequence(&[identifier(usage)]))];
    let leaf = sign(root, &body(("timestamps", key), "timestamp root", *validity, &extensions));
    (leaf, authority(("timestamp root", root), ("timestamp root", root), *root_validity))
}

fn authority(subject: (&str, &TestKey), issuer: (&str, &TestKey), validity: (i64, i64)) -> Vec<u8> {
    let basic = extension("2.5.29.19", true, &sequence(&[element(0x01, &[0xff])]));
    let usage = extension("2.5.29.15", true, &element(0x03, &[1, 0x06]));
    sign(issuer.1, &body(subject, issuer.0, validity, &[basic, usage]))
}

pub(super) fn issue(forge: &Forge, leaf: &Leaf, key: &TestKey) -> Vec<u8> {
    let signer = leaf.issued_by.as_ref().unwrap_or(&forge.intermediate);
    let make = |stamp: Option<Vec<u8>>| {
        let mut extensions = extensions(leaf);
        extensions.extend(stamp);
        body(("", key), "intermediate", leaf.validity, &extensions)
    };
    let before = make(None);
    let (log, seen) = match &leaf.stamp {
        Stamp::Missing => return sign(signer, &before),
        Stamp::Good => (&forge.certificate_log, before),
        Stamp::Unknown(log) => (&**log, before),
        Stamp::Borrowed => (&forge.certificate_log, sequence(&[before])),
    };
    sign(signer, &make(Some(stamp(log, &seen, signer, leaf.validity.0))))
}

fn extensions(leaf: &Leaf) -> Vec<Vec<u8>> {
    let names: Vec<_> = leaf.names.iter().map(|(tag, name)| element(0x80 | tag, name.as_bytes())).collect();
    let mut extensions = vec![
        extension("2.5.29.15", true, &element(0x03, &[7, 0x80])),
        extension("2.5.29.37", false, &sequence(&[identifier(leaf.usage)])),
        extension("2.5.29.14", false, &octets(&[0xab; 20])),
        extension("2.5.29.17", true, &sequence(&names)),
    ];
    if let Some(issuer) = &leaf.issuer {
        extensions.push(extension(&format!("{FULCIO}.1"), false, issuer.as_bytes()));
    }
    if let Some(issuer) = &leaf.issuer_v2 {
        extensions.push(extension(&format!("{FULCIO}.8"), false, &text(issuer)));
    }
    for (number, claim) in &leaf.claims {
        let value = if *number <= 6 { claim.as_bytes().to_vec() } else { text(claim) };
        extensions.push(extension(&format!("{FULCIO}.{number}"), false, &value));
    }
    extensions
}

fn body(subject: (&str, &TestKey), issuer: &str, validity: (i64, i64), extensions: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[
        element(0xa0, &element(0x02, &[2])),
        element(0x02, &[0x5a, 0x01]),
        sequence(&[identifier(ECDSA_WITH_SHA256)]),
        name(issuer),
        sequence(&[time(validity.0), time(validity.1)]),
        name(subject.0),
        subject.1.spki(),
        element(0xa3, &sequence(extensions)),
    ])
}

fn sign(key: &TestKey, body: &[u8]) -> Vec<u8> {
    sequence(&[body.to_vec(), sequence(&[identifier(ECDSA_WITH_SHA256)]), bits(&key.sign(body))])
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![identifier(id)];
    if critical {
        parts.push(element(0x01, &[0xff]));
    }
    parts.push(octets(value));
    sequence(&parts)
}

/// The extension with one timestamp by `log` over the certificate as it was `before` (RFC 6962, section 3.2).
fn stamp(log: &TestKey, before: &[u8], issuer: &TestKey, time: i64) -> Vec<u8> {
    let millis = u64::try_from(time * 1000).unwrap().to_be_bytes();
    let length = u32::try_from(before.len()).unwrap().to_be_bytes();
    let issuer = vidimus::oci::Digest::of(&issuer.spki());
    let signed = [&[0, 0], &millis[..], &[0, 1], issuer.as_bytes(), &length[1..], before, &[0, 0]].concat();
    let signature = log.sign(&signed);
    let id = vidimus::oci::Digest::of(&log.spki());
    let stamp = [&[0], &id.as_bytes()[..], &millis[..], &[0, 0, 4, 3], &framed(&signature)[..]].concat();
    extension("1.3.6.1.4.1.11129.2.4.2", false, &octets(&framed(&framed(&stamp))))
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}
