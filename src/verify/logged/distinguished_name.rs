//! X.501 names as text, in the order and with the escapes of Go's `pkix.Name.String` (RFC 2253).

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Encode as _, Tag, Tagged as _};
use x509_cert::name::RdnSequence;

/// The attributes Go knows, in the order in which it prints them: last of the sequence first.
const KNOWN: [(&str, &str); 9] = [
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.3", "CN"),
    ("2.5.4.17", "POSTALCODE"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.8", "ST"),
    ("2.5.4.7", "L"),
    ("2.5.4.11", "OU"),
    ("2.5.4.10", "O"),
    ("2.5.4.6", "C"),
];

/// `name` as text, `""` where it is empty.
pub(super) fn text(name: &RdnSequence) -> String {
    let attributes: Vec<&AttributeTypeAndValue> = name.0.iter().flat_map(|part| part.0.iter()).collect();
    let mut parts = Vec::new();
    for (id, short) in KNOWN {
        let id = ObjectIdentifier::new_unwrap(id);
        let values: Vec<String> = attributes.iter().filter(|a| a.oid == id).map(|a| format!("{short}={}", escaped(&value(a)))).collect();
        // Go keeps one common name and one serial number, the last; the others it joins into one part.
        match (short, values.last()) {
            (_, None) => {}
            ("CN" | "SERIALNUMBER", Some(last)) => parts.push(last.clone()),
            _ => parts.push(values.join("+")),
        }
    }
    let known = |a: &&AttributeTypeAndValue| KNOWN.iter().any(|(id, _)| a.oid == ObjectIdentifier::new_unwrap(id));
    for attribute in attributes.iter().copied().filter(|a| !known(a)).rev() {
        let der = attribute.value.to_der().unwrap_or_default();
        parts.push(format!("{}=#{}", attribute.oid, hex::encode(der)));
    }
    parts.join(",")
}

fn value(attribute: &AttributeTypeAndValue) -> String {
    match attribute.value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::TeletexString => {
            String::from_utf8_lossy(attribute.value.value()).into_owned()
        }
        _ => String::new(),
    }
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        let special = match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            '#' => index == 0,
            ' ' => index == 0 || index == last,
            _ => false,
        };
        if special {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use x509_cert::der::Any;
    use x509_cert::name::RelativeDistinguishedName;

    use super::*;

    #[test]
    fn a_name_reads_as_go_prints_it() {
        let go = |rfc4514: &str| text(&RdnSequence::from_str(rfc4514).unwrap());
        assert_eq!(go("O=sigstore.dev,CN=sigstore-intermediate"), "CN=sigstore-intermediate,O=sigstore.dev");
        assert_eq!(go("CN=a,C=b,ST=c,L=d,OU=e,OU=f"), "CN=a,ST=c,L=d,OU=f+OU=e,C=b");
        let attribute = AttributeTypeAndValue {
            oid: ObjectIdentifier::new_unwrap("1.2.3.4"),
            value: Any::new(Tag::Utf8String, b"x".as_slice()).unwrap(),
        };
        let unknown = RdnSequence(vec![vec![attribute].try_into().map(RelativeDistinguishedName).unwrap()]);
        assert_eq!(text(&unknown), "1.2.3.4=#0c0178");
        assert_eq!(go(""), "");
    }

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escaped("a,b+c"), "a\\,b\\+c");
        assert_eq!(escaped("#a# "), "\\#a#\\ ");
        assert_eq!(escaped(" "), "\\ ");
    }
}
