//! What a certificate says of its holder, under conforma's names (`metadata` of a signature entry).

use std::collections::BTreeMap;

use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};

use super::certificate::{Leaf, Name};
use super::distinguished_name;
use crate::verify::evidence::Reason;

/// Names of the extensions 1.3.6.1.4.1.57264.1.N, in the order of N. Up to 6 the value is the bare text, above a `UTF8String`.
const FULCIO: [(u32, &str); 20] = [
    (1, "Fulcio Issuer"),
    (2, "Fulcio GitHub Workflow Trigger"),
    (3, "Fulcio GitHub Workflow SHA"),
    (4, "Fulcio GitHub Workflow Name"),
    (5, "Fulcio GitHub Workflow Repository"),
    (6, "Fulcio GitHub Workflow Ref"),
    (8, "Fulcio Issuer (V2)"),
    (9, "Fulcio Build Signer URI"),
    (10, "Fulcio Build Signer Digest"),
    (11, "Fulcio Runner Environment"),
    (12, "Fulcio Source Repository URI"),
    (13, "Fulcio Source Repository Digest"),
    (14, "Fulcio Source Repository Ref"),
    (15, "Fulcio Source Repository Identifier"),
    (16, "Fulcio Source Repository Owner URI"),
    (17, "Fulcio Source Repository Owner Identifier"),
    (18, "Fulcio Build Config URI"),
    (19, "Fulcio Build Config Digest"),
    (20, "Fulcio Build Trigger"),
    (21, "Fulcio Run Invocation URI"),
];
const ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");
const LAST_BARE: u32 = 6;

/// The members with a value.
pub(super) fn of(leaf: &Leaf) -> Result<BTreeMap<String, String>, Reason> {
    let certificate = &leaf.certificate.tbs_certificate;
    let mut members = BTreeMap::new();
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            members.insert(name.to_owned(), value);
        }
    };
    say("Subject", distinguished_name::text(&certificate.subject));
    say("Issuer", distinguished_name::text(&certificate.issuer));
    say("Subject Alternative Name", alternative_names(&leaf.names));
    say("Serial Number", hex::encode(certificate.serial_number.as_bytes()).trim_start_matches('0').to_owned());
    say("Not Before", leaf.not_before.to_string());
    say("Not After", leaf.not_after.to_string());
    for (number, name) in FULCIO {
        let Some(value) = ARC.push_arc(number).ok().and_then(|id| leaf.extension(id)) else {
            continue;
        };
        let text = if number <= LAST_BARE {
            String::from_utf8_lossy(value).into_owned()
        } else {
            let text = Utf8StringRef::from_der(value).map_err(|error| format!("parsing signature: `{name}`: {error}"))?;
            text.to_string()
        };
        say(name, text);
    }
    Ok(members)
}

/// The names in groups by kind. Upstream the first four groups come in no fixed order; here they do.
fn alternative_names(names: &[Name]) -> String {
    let group = |title: &str, of_kind: fn(&Name) -> bool| {
        let values: Vec<&str> = names.iter().filter(|name| of_kind(name)).map(Name::value).collect();
        (!values.is_empty()).then(|| format!("{title}:{}", values.join(", ")))
    };
    let groups = [
        group("DNS Names", |name| matches!(name, Name::Dns(_))),
        group("Email Addresses", |name| matches!(name, Name::Email(_))),
        group("IP addresses", |name| matches!(name, Name::Address(_))),
        group("URIs", |name| matches!(name, Name::Uri(_))),
        group("OtherName", |name| matches!(name, Name::User(_))),
    ];
    groups.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
