//! Certificates and keys as Go writes them in JSON, member by member.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use num_bigint::{BigInt, BigUint};

use super::extension::{self, Extension, Names};
use super::key::{Private, Public, curve, fixed};
use super::{Certificate, name};
use crate::builtins::call::Value;
use crate::builtins::{encoding, number, time, uri};

pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<regorus::value::Object>().into_value()
}

/// Go writes an empty list that was never made as null.
pub(super) fn list_or_null(values: impl Iterator<Item = Value>) -> Value {
    let values: Vec<Value> = values.collect();
    if values.is_empty() { Value::Null } else { Value::from(values) }
}

fn texts(texts: Vec<String>) -> Value {
    list_or_null(texts.into_iter().map(Value::from))
}

pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::from(base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn optional_bytes(given: Option<Vec<u8>>) -> Value {
    given.map_or(Value::Null, |given| bytes(&given))
}

pub(super) fn identifier(numbers: &[u64]) -> Value {
    Value::from(numbers.iter().copied().map(Value::from).collect::<Vec<_>>())
}

fn identifiers(all: &[Vec<u64>]) -> Value {
    list_or_null(all.iter().map(|numbers| identifier(numbers)))
}

fn positive(number: &BigUint) -> Value {
    number::from_big(&BigInt::from(number.clone()))
}

pub(super) fn public_key(key: Option<&Public>) -> Value {
    match key {
        None => Value::Null,
        Some(Public::Rsa { modulus, exponent }) => object([("E", positive(exponent)), ("N", positive(modulus))]),
        Some(Public::Ec { x, y, .. }) => object([("Curve", Value::new_object()), ("X", positive(x)), ("Y", positive(y))]),
        Some(Public::Ed25519(key)) => bytes(key),
    }
}

pub(super) fn extensions(extensions: &[Extension]) -> Value {
    list_or_null(extensions.iter().map(|extension| {
        object([
            ("Critical", Value::from(extension.critical)),
            ("Id", identifier(&extension.identifier)),
            ("Value", bytes(&extension.value)),
        ])
    }))
}

fn address(bytes: &[u8]) -> Value {
    let address = <[u8; 4]>::try_from(bytes)
        .map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)))
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical()));
    address.map_or(Value::Null, |address| Value::from(address.to_string()))
}

/// The members for alternative names, the same in certificates and requests.
pub(super) fn alternative_names(names: Names) -> [(&'static str, Value); 4] {
    [
        ("URIs", list_or_null(names.uris.iter().map(|text| uri::as_go_shape(text)))),
        ("DNSNames", texts(names.dns)),
        ("EmailAddresses", texts(names.mail)),
        ("IPAddresses", list_or_null(names.addresses.iter().map(|bytes| address(bytes)))),
    ]
}

fn text_of(numbers: &[u64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

pub(super) fn certificate(certificate: &Certificate, with_uris: bool) -> Value {
    let all = certificate.extensions.as_slice();
    let constraints = extension::constraints(all);
    let longest = constraints.map_or(0, |constraints| constraints.longest_path);
    let (usages, unknown_usages) = extension::extended_usages(all);
    let (responders, issuers) = extension::access(all);
    let policies = extension::policies(all);
    let names = extension::alternative_names(all);
    let uri_texts = texts(names.uris.clone());
    let unhandled: Vec<Vec<u64>> =
        all.iter().filter(|extension| extension.critical && extension.is_unknown()).map(|extension| extension.identifier.clone()).collect();
    let mut members: Vec<(&str, Value)> = vec![
        ("AuthorityKeyId", optional_bytes(extension::authority_key(all))),
        ("BasicConstraintsValid", Value::from(constraints.is_some())),
        ("CRLDistributionPoints", texts(extension::distribution_points(all))),
        ("ExtKeyUsage", list_or_null(usages.into_iter().map(Value::from))),
        ("Extensions", extensions(all)),
        ("IsCA", Value::from(constraints.is_some_and(|constraints| constraints.is_authority))),
        ("Issuer", name::shape(&certificate.issuer)),
        ("IssuingCertificateURL", texts(issuers)),
        ("KeyUsage", Value::from(extension::key_usage(all))),
        ("MaxPathLen", Value::from(longest)),
        ("MaxPathLenZero", Value::from(constraints.is_some() && longest == 0)),
        ("NotAfter", Value::from(time::rfc3339(certificate.not_after))),
        ("NotBefore", Value::from(time::rfc3339(certificate.not_before))),
        ("OCSPServer", texts(responders)),
        ("Policies", texts(policies.iter().map(|numbers| text_of(numbers)).collect())),
        ("PolicyIdentifiers", identifiers(&policies)),
        ("PublicKey", public_key(certificate.key.as_ref())),
        ("PublicKeyAlgorithm", Value::from(certificate.key.as_ref().map_or(0, Public::algorithm))),
        ("Raw", bytes(&certificate.raw)),
        ("RawIssuer", bytes(&certificate.raw_issuer)),
        ("RawSubject", bytes(&certificate.raw_subject)),
        ("RawSubjectPublicKeyInfo", bytes(&certificate.raw_key)),
        ("RawTBSCertificate", bytes(&certificate.body)),
        ("SerialNumber", number::from_big(&certificate.serial)),
        ("Signature", bytes(&certificate.signature)),
        ("SignatureAlgorithm", Value::from(certificate.signature_algorithm)),
        ("Subject", name::shape(&certificate.subject)),
        ("SubjectKeyId", optional_bytes(extension::subject_key(all))),
        ("UnhandledCriticalExtensions", identifiers(&unhandled)),
        ("UnknownExtKeyUsage", identifiers(&unknown_usages)),
        ("Version", Value::from(certificate.version)),
    ];
    members.extend(alternative_names(names));
    members.extend(unread());
    if with_uris {
        members.push(("URIStrings", uri_texts));
    }
    members.into_iter().map(|(name, value)| (Value::from(name), value)).collect::<regorus::value::Object>().into_value()
}

/// What is not read from certificates: constraints on names and policies, which hardly any has.
fn unread() -> Vec<(&'static str, Value)> {
    const LISTS: [&str; 10] = [
        "ExcludedDNSDomains",
        "ExcludedEmailAddresses",
        "ExcludedIPRanges",
        "ExcludedURIDomains",
        "ExtraExtensions",
        "PermittedDNSDomains",
        "PermittedEmailAddresses",
        "PermittedIPRanges",
        "PermittedURIDomains",
        "PolicyMappings",
    ];
    const NUMBERS: [&str; 3] = ["InhibitAnyPolicy", "InhibitPolicyMapping", "RequireExplicitPolicy"];
    const FLAGS: [&str; 4] =
        ["InhibitAnyPolicyZero", "InhibitPolicyMappingZero", "PermittedDNSDomainsCritical", "RequireExplicitPolicyZero"];
    let lists = LISTS.into_iter().map(|name| (name, Value::Null));
    let numbers = NUMBERS.into_iter().map(|name| (name, Value::from(0)));
    lists.chain(numbers).chain(FLAGS.into_iter().map(|name| (name, Value::from(false)))).collect()
}

pub(super) fn private_key(key: &Private) -> Value {
    match key {
        Private::Rsa([modulus, exponent, secret, p, q, dp, dq, inverse]) => object([
            ("D", positive(secret)),
            ("E", positive(exponent)),
            ("N", positive(modulus)),
            (
                "Precomputed",
                object([("CRTValues", Value::new_array()), ("Dp", positive(dp)), ("Dq", positive(dq)), ("Qinv", positive(inverse))]),
            ),
            ("Primes", Value::from(vec![positive(p), positive(q)])),
        ]),
        Private::Ec { public: Public::Ec { x, y, .. }, secret } => {
            object([("Curve", Value::new_object()), ("D", positive(secret)), ("X", positive(x)), ("Y", positive(y))])
        }
        Private::Ec { .. } => Value::Null,
        Private::Ed25519 { seed, public } => bytes(&[seed.as_slice(), public].concat()),
    }
}

pub(super) fn jwk(key: &Private) -> Value {
    let text = |bytes: &[u8]| Value::from(encoding::URL_NO_PAD.encode(bytes));
    let number = |number: &BigUint| text(&number.to_bytes_be());
    match key {
        Private::Rsa([modulus, exponent, secret, p, q, dp, dq, inverse]) => object([
            ("d", number(secret)),
            ("dp", number(dp)),
            ("dq", number(dq)),
            ("e", number(exponent)),
            ("kty", Value::from("RSA")),
            ("n", number(modulus)),
            ("p", number(p)),
            ("q", number(q)),
            ("qi", number(inverse)),
        ]),
        Private::Ec { public: Public::Ec { curve: name, x, y }, secret } => {
            let size = curve(name).map_or(0, |(_, size)| size);
            let sized = |number: &BigUint| text(&fixed(number, size));
            object([("crv", Value::from(*name)), ("d", sized(secret)), ("kty", Value::from("EC")), ("x", sized(x)), ("y", sized(y))])
        }
        Private::Ec { .. } => Value::Null,
        Private::Ed25519 { seed, public } => {
            object([("crv", Value::from("Ed25519")), ("d", text(seed)), ("kty", Value::from("OKP")), ("x", text(public))])
        }
    }
}
