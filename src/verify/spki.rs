//! The outside of a `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7): which kind of key it is, without reading the key.

/// A kind of key that can verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    P256,
    P384,
    P521,
    Rsa,
    Ed25519,
}

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const SECP521R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const BIT_STRING: u8 = 0x03;

/// A modulus of 2048 bits needs at least this much.
const SMALLEST_RSA: usize = 256;
/// Largest key of any kind that is looked at (RSA of 8192 bits, with room).
const LARGEST: usize = 4096;

/// The kind of the key in `spki`, with the subject public key itself.
pub(crate) fn read(spki: &[u8]) -> Result<(KeyKind, &[u8]), String> {
    let broken = || "asn1: structure error: not a public key".to_owned();
    if spki.len() > LARGEST {
        return Err("public key is too large".to_owned());
    }
    let (outer, after) = element(spki, SEQUENCE).ok_or_else(broken)?;
    let (algorithm, key) = element(outer, SEQUENCE).ok_or_else(broken)?;
    let (oid, parameters) = element(algorithm, OBJECT_IDENTIFIER).ok_or_else(broken)?;
    let (bits, nothing) = element(key, BIT_STRING).ok_or_else(broken)?;
    let [0, key @ ..] = bits else { return Err(broken()) };
    if !after.is_empty() || !nothing.is_empty() || key.is_empty() {
        return Err("x509: trailing data after ASN.1 of public key".to_owned());
    }
    Ok((kind(oid, parameters, key)?, key))
}

fn kind(oid: &[u8], parameters: &[u8], key: &[u8]) -> Result<KeyKind, String> {
    match oid {
        RSA_ENCRYPTION if key.len() < SMALLEST_RSA => Err("rsa keys under 2048 bits are not supported".to_owned()),
        RSA_ENCRYPTION => Ok(KeyKind::Rsa),
        ED25519 if key.len() == 32 => Ok(KeyKind::Ed25519),
        ED25519 => Err("x509: wrong Ed25519 public key size".to_owned()),
        EC_PUBLIC_KEY => match element(parameters, OBJECT_IDENTIFIER) {
            Some((PRIME256V1, _)) => Ok(KeyKind::P256),
            Some((SECP384R1, _)) => Ok(KeyKind::P384),
            Some((SECP521R1, _)) => Ok(KeyKind::P521),
            _ => Err("x509: unsupported elliptic curve".to_owned()),
        },
        _ => Err("x509: unknown public key algorithm".to_owned()),
    }
}

/// The contents of the first element of `der`, which must have `tag`, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, body) = match *der {
        [t, length @ 0..=0x7f, ref body @ ..] if t == tag => (usize::from(length), body),
        [t, 0x81, length @ 0x80..=0xff, ref body @ ..] if t == tag => (usize::from(length), body),
        [t, 0x82, high @ 1..=0xff, low, ref body @ ..] if t == tag => (usize::from(high) << 8 | usize::from(low), body),
        _ => return None,
    };
    body.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in [&b""[..], &[0, 0, 0], &[0x30, 0x00], &[0x30, 0x80, 0, 0], &[0x30, 0x82, 0xff, 0xff], &[0; 5000]] {
            read(bad).unwrap_err();
        }
    }

    #[test]
    fn every_shortening_of_a_key_is_refused() {
        let mut spki = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        spki.extend([7; 32]);
        assert_eq!(read(&spki).unwrap().0, KeyKind::Ed25519);
        for end in 0..spki.len() {
            read(&spki[..end]).unwrap_err();
        }
        spki.push(0);
        read(&spki).unwrap_err();
    }
}
