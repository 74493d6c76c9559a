//! `Leaf`: a signing certificate, read once: its key, its names, its issuer and when it is valid. Believes nothing.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef, Utf8StringRef};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::verify::Grounds;
use crate::verify::evidence::Reason;

const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.1");
const ISSUER_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.8");
const USER_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7");

/// A subject alternative name that can be an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Dns(String),
    Email(String),
    Address(String),
    Uri(String),
    User(String),
}

impl Name {
    /// The name itself.
    pub(super) fn value(&self) -> &str {
        match self {
            Self::Dns(value) | Self::Email(value) | Self::Address(value) | Self::Uri(value) | Self::User(value) => value,
        }
    }
}

/// A signing certificate.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) der: Vec<u8>,
    pub(super) certificate: Certificate,
    /// `SubjectPublicKeyInfo`, DER.
    pub(super) spki: Vec<u8>,
    pub(super) names: Vec<Name>,
    /// The OIDC issuer, `""` where there is none; extension .8 counts, .1 only in its absence.
    pub(super) issuer: String,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
}

impl Leaf {
    /// Reads a certificate.
    pub(super) fn from_der(der: Vec<u8>) -> Result<Self, Reason> {
        let certificate = Certificate::from_der(&der).map_err(|error| malformed(&error))?;
        refuse_repeated_extensions(&certificate)?;
        let validity = &certificate.tbs_certificate.validity;
        let not_before = Timestamp::try_from(validity.not_before.to_system_time()).map_err(|error| malformed(&error))?;
        let not_after = Timestamp::try_from(validity.not_after.to_system_time()).map_err(|error| malformed(&error))?;
        let spki = certificate.tbs_certificate.subject_public_key_info.to_der().map_err(|error| malformed(&error))?;
        let names = names(&certificate)?;
        let issuer = issuer(&certificate)?;
        Ok(Self { der, certificate, spki, names, issuer, not_before, not_after })
    }

    /// Checks that the certificate is valid at `time`.
    pub(super) fn valid_at(&self, time: Timestamp) -> Result<(), Reason> {
        if self.not_after < time {
            let expired = self.not_after;
            return Err(format!("certificate expired before signatures were entered in log: {expired} is before {time}"));
        }
        if self.not_before > time {
            let issued = self.not_before;
            return Err(format!("certificate was issued after signatures were entered in log: {issued} is after {time}"));
        }
        Ok(())
    }

    /// Adds whom it names to what a signature rests on.
    pub(super) fn name_in(&self, grounds: &mut Grounds) {
        grounds.identities.extend(self.names.iter().map(|name| name.value().to_owned()));
        grounds.issuers.extend((!self.issuer.is_empty()).then(|| self.issuer.clone()));
    }

    /// The `SubjectKeyId` in lower-case hexadecimal; `""` where there is none.
    pub(super) fn key_id(&self) -> String {
        self.extension(SUBJECT_KEY_ID)
            .and_then(|value| OctetStringRef::from_der(value).ok())
            .map(|id| hex::encode(id.as_bytes()))
            .unwrap_or_default()
    }

    /// The value of the extension `id`.
    pub(super) fn extension(&self, id: ObjectIdentifier) -> Option<&[u8]> {
        extension(&self.certificate, id)
    }
}

/// "A certificate MUST NOT include more than one instance of a particular extension" (RFC 5280, section 4.2): of two, each
/// reader would choose its own.
fn refuse_repeated_extensions(certificate: &Certificate) -> Result<(), Reason> {
    let mut seen = HashSet::new();
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    match extensions.iter().find(|extension| !seen.insert(extension.extn_id)) {
        Some(twice) => Err(malformed(&format!("extension {} is there twice", twice.extn_id))),
        None => Ok(()),
    }
}

fn extension(certificate: &Certificate, id: ObjectIdentifier) -> Option<&[u8]> {
    let extensions = certificate.tbs_certificate.extensions.as_deref()?;
    extensions.iter().find(|extension| extension.extn_id == id).map(|extension| extension.extn_value.as_bytes())
}

fn malformed(error: &dyn std::fmt::Display) -> Reason {
    format!("malformed certificate: {error}")
}

fn names(certificate: &Certificate) -> Result<Vec<Name>, Reason> {
    let Some(value) = extension(certificate, SUBJECT_ALT_NAME) else {
        return Ok(Vec::new());
    };
    let names = SubjectAltName::from_der(value).map_err(|error| malformed(&error))?;
    Ok(names.0.iter().filter_map(name).collect())
}

/// The kinds that cosign compares; others are no identities.
fn name(general: &GeneralName) -> Option<Name> {
    match general {
        GeneralName::DnsName(name) => Some(Name::Dns(name.to_string())),
        GeneralName::Rfc822Name(name) => Some(Name::Email(name.to_string())),
        GeneralName::UniformResourceIdentifier(name) => Some(Name::Uri(name.to_string())),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()).map(Name::Address),
        GeneralName::OtherName(other) if other.type_id == USER_NAME => {
            other.value.decode_as::<Utf8StringRef<'_>>().ok().map(|name| Name::User(name.to_string()))
        }
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|bytes| Ipv4Addr::from(bytes).to_string());
    let sixteen = || <[u8; 16]>::try_from(bytes).map(|bytes| Ipv6Addr::from(bytes).to_string());
    four.or_else(|_| sixteen()).ok()
}

fn issuer(certificate: &Certificate) -> Result<String, Reason> {
    if let Some(value) = extension(certificate, ISSUER_V2) {
        return Utf8StringRef::from_der(value).map(|issuer| issuer.to_string()).map_err(|error| malformed(&error));
    }
    // Extension .1 is the bare text (fulcio, docs/oid-info.md).
    extension(certificate, ISSUER)
        .map_or_else(|| Ok(String::new()), |value| String::from_utf8(value.to_vec()).map_err(|error| malformed(&error)))
}
