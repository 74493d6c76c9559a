//! Hashes, message authentication codes, certificates and keys.

mod certificate;
mod chain;
pub(super) mod der;
mod extension;
mod hash;
pub(super) mod key;
mod name;
pub(super) mod pem;
mod request;
mod shape;

use super::call::{Call, Failure, Value};
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, encoding, order};
pub(super) use certificate::Certificate;
pub(super) use hash::{Algorithm, mac, sha256};

pub(super) const FAMILY: Family = &[
    ("crypto.hmac.equal", Availability::Pure(hash::equal)),
    ("crypto.hmac.md5", Availability::Pure(|operands| hash::authenticate(operands, Algorithm::Md5))),
    ("crypto.hmac.sha1", Availability::Pure(|operands| hash::authenticate(operands, Algorithm::Sha1))),
    ("crypto.hmac.sha256", Availability::Pure(|operands| hash::authenticate(operands, Algorithm::Sha256))),
    ("crypto.hmac.sha512", Availability::Pure(|operands| hash::authenticate(operands, Algorithm::Sha512))),
    ("crypto.md5", Availability::Pure(|operands| hash::digest(operands, Algorithm::Md5))),
    ("crypto.parse_private_keys", Availability::Pure(parse_private_keys)),
    ("crypto.sha1", Availability::Pure(|operands| hash::digest(operands, Algorithm::Sha1))),
    ("crypto.sha256", Availability::Pure(|operands| hash::digest(operands, Algorithm::Sha256))),
    ("crypto.x509.parse_and_verify_certificates", Availability::Calling(verify)),
    ("crypto.x509.parse_and_verify_certificates_with_options", Availability::Calling(verify_with_options)),
    ("crypto.x509.parse_certificate_request", Availability::Pure(request::parse)),
    ("crypto.x509.parse_certificates", Availability::Pure(parse_certificates)),
    ("crypto.x509.parse_keypair", Availability::Pure(parse_keypair)),
    ("crypto.x509.parse_rsa_private_key", Availability::Pure(parse_private_key)),
];

/// Most certificates of one operand.
const MOST_CERTIFICATES: usize = 1_000;

fn malformed() -> Fault {
    Fault::failed("x509: malformed certificate")
}

/// PEM, base64 of PEM, or base64 of DER: the certificates' DER.
fn certificate_bytes(text: &str) -> Result<Vec<u8>, Fault> {
    let pem_text = if text.starts_with("-----BEGIN") {
        text.to_owned()
    } else {
        let bytes = encoding::from_standard(text)?;
        match String::from_utf8(bytes) {
            Ok(text) if text.starts_with("-----BEGIN") => text,
            Ok(text) => return Ok(text.into_bytes()),
            Err(error) => return Ok(error.into_bytes()),
        }
    };
    let mut all = Vec::new();
    for block in pem::blocks(&pem_text) {
        if block.label != "CERTIFICATE" {
            return Err(Fault::failed(format!("PEM block type is '{}', expected CERTIFICATE", block.label)));
        }
        all.extend(block.bytes);
    }
    Ok(all)
}

fn certificates(text: &str) -> Result<Vec<Certificate>, Fault> {
    let bytes = certificate_bytes(text)?;
    let mut reader = der::Reader::new(&bytes);
    let mut certificates = Vec::new();
    while !reader.is_empty() {
        if certificates.len() >= MOST_CERTIFICATES {
            return Err(Fault::failed("too many certificates"));
        }
        let element = reader.next().ok_or_else(malformed)?;
        certificates.push(Certificate::parse(element.raw).ok_or_else(malformed)?);
    }
    Ok(certificates)
}

fn parse_certificates(operands: &[Value]) -> Answer {
    let certificates = certificates(operand::string(operands, 1)?)?;
    Ok(Value::from(certificates.iter().map(|certificate| shape::certificate(certificate, true)).collect::<Vec<_>>()))
}

/// OPA's answer where there is no chain.
fn unverified() -> Value {
    Value::from(vec![Value::from(false), Value::new_array()])
}

fn verify(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let text = operand::string(operands, 1).map_err(|fault| fault.named("crypto.x509.parse_and_verify_certificates"))?;
    Ok(verified(text, &chain::Options::at(call.now_ns), true))
}

fn verify_with_options(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let read = || {
        let text = operand::string(operands, 1)?;
        let options = operand::object(operands, 2)?;
        if certificates(text).is_err() {
            return Ok(unverified());
        }
        let options = chain::Options::read(options, call.now_ns)?;
        Ok(verified(text, &options, false))
    };
    read().map_err(|fault: Fault| fault.named("crypto.x509.parse_and_verify_certificates_with_options"))
}

fn verified(text: &str, options: &chain::Options, with_uris: bool) -> Value {
    let Ok(certificates) = certificates(text) else { return unverified() };
    match chain::verify(&certificates, options) {
        None => unverified(),
        Some(chain) => {
            let chain = chain.into_iter().map(|certificate| shape::certificate(certificate, with_uris));
            Value::from(vec![Value::from(true), Value::from(chain.collect::<Vec<_>>())])
        }
    }
}

/// The private keys of PEM text, which may be base64 once more.
fn private_keys(text: &str) -> Result<Vec<key::Private>, Fault> {
    let decoded = encoding::from_standard(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut keys = Vec::new();
    for block in pem::blocks(decoded.as_deref().unwrap_or(text)) {
        let key = match block.label.as_str() {
            "RSA PRIVATE KEY" => key::Private::from_pkcs1(&block.bytes),
            "PRIVATE KEY" => key::Private::from_pkcs8(&block.bytes),
            "EC PRIVATE KEY" => key::Private::from_sec1(&block.bytes, None),
            _ => continue,
        };
        keys.push(key.ok_or_else(|| Fault::failed("x509: failed to parse private key"))?);
    }
    Ok(keys)
}

fn parse_private_keys(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(Value::from(private_keys(text)?.iter().map(shape::private_key).collect::<Vec<_>>()))
}

fn parse_private_key(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    if text.is_empty() {
        return Err(Fault::failed("input PEM data was empty"));
    }
    let keys = if text.starts_with("-----BEGIN") {
        private_keys(text)?
    } else {
        private_keys(&String::from_utf8_lossy(&encoding::from_standard(text)?))?
    };
    Ok(keys.first().map_or(Value::Null, shape::jwk))
}

fn parse_keypair(operands: &[Value]) -> Answer {
    let (certificate, key) = (
        operand::string(operands, 1)?,
        operand::string(operands, 2).map_err(|_| Fault::operand(1, operand::any(operands, 2), &["string"]))?,
    );
    let certificates = certificates(certificate)?;
    let leaf = certificates.first().ok_or_else(|| Fault::failed("tls: failed to find any PEM data in certificate input"))?;
    let pem_text = if key.starts_with("-----BEGIN ") {
        key.to_owned()
    } else {
        let bytes = encoding::from_standard(key)?;
        String::from_utf8(bytes).unwrap_or_default()
    };
    let keys = private_keys(&pem_text)?;
    let private = keys.first().ok_or_else(|| Fault::failed("tls: failed to find any PEM data in key input"))?;
    if leaf.key.as_ref() != Some(&private.public()) {
        return Err(Fault::failed("tls: private key does not match public key"));
    }
    let members = [
        ("Certificate", Value::from(certificates.iter().map(|certificate| shape::bytes(&certificate.raw)).collect::<Vec<_>>())),
        ("Leaf", shape::certificate(leaf, false)),
        ("OCSPStaple", Value::Null),
        ("PrivateKey", shape::private_key(private)),
        ("SignedCertificateTimestamps", Value::Null),
        ("SupportedSignatureAlgorithms", Value::Null),
    ];
    Ok(shape::object(members))
}
