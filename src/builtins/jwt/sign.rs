//! Making tokens.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use regorus::value::Object;

use super::{Answer, Fault, Value, encoding, json, keys, operand};
use crate::builtins::crypto::key::{curve, fixed};
use crate::builtins::crypto::{Algorithm, der, mac};
use crate::builtins::json as text;

pub(super) fn encode_sign(operands: &[Value]) -> Answer {
    let marshalled = |position: usize| text::marshal(operand::any(operands, position));
    let Value::Object(key) = operand::any(operands, 3) else { return Err(Fault::failed("failed to parse JWK: not an object")) };
    encode(&marshalled(1)?, &marshalled(2)?, key)
}

pub(super) fn encode_sign_raw(operands: &[Value]) -> Answer {
    let key = operand::string(operands, 3)?;
    let (header, payload) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    let key = json(key).map_err(Fault::Failed)?;
    let Value::Object(key) = &key else { return Err(Fault::failed("failed to parse JWK: not an object")) };
    encode(header, payload, key)
}

fn encode(header: &str, payload: &str, key: &Object) -> Answer {
    let key = match key.get(&Value::from("keys")) {
        None => key,
        Some(Value::Array(keys)) => match keys.first() {
            Some(Value::Object(key)) => key,
            _ => return Err(Fault::failed("no keys found in JWK set")),
        },
        Some(_) => return Err(Fault::failed("no keys found in JWK set")),
    };
    let read = json(header).ok();
    let member = |name: &str| match &read {
        Some(Value::Object(header)) => keys::text(header, name),
        _ => None,
    };
    let why = if read.is_none() { "failed to parse header" } else { "field \"alg\" not found" };
    let algorithm = member("alg").ok_or_else(|| Fault::failed(format!("missing or invalid 'alg' header: {why}")))?;
    if !keys::is_algorithm(&algorithm) {
        return Err(Fault::failed(format!("unknown JWS algorithm: {algorithm}")));
    }
    if member("typ").is_none_or(|kind| kind == "JWT") && json(payload).is_err() {
        return Err(Fault::failed("type is JWT but payload is not JSON"));
    }
    let base64 = |bytes: &[u8]| encoding::URL_NO_PAD.encode(bytes);
    let message = format!("{}.{}", base64(header.as_bytes()), base64(payload.as_bytes()));
    let signature =
        sign(key, &algorithm, message.as_bytes()).ok_or_else(|| Fault::failed("failed to sign payload: key and algorithm do not fit"))?;
    Ok(Value::from(format!("{message}.{}", base64(&signature))))
}

fn sign(key: &Object, algorithm: &str, message: &[u8]) -> Option<Vec<u8>> {
    let kind = keys::text(key, "kty")?;
    match (algorithm, kind.as_str()) {
        ("HS256", "oct") => Some(mac(Algorithm::Sha256, &keys::bytes(key, "k")?, message)),
        ("HS384", "oct") => Some(mac(Algorithm::Sha384, &keys::bytes(key, "k")?, message)),
        ("HS512", "oct") => Some(mac(Algorithm::Sha512, &keys::bytes(key, "k")?, message)),
        ("RS256", "RSA") => rsa(key, &signature::RSA_PKCS1_SHA256, message),
        ("RS384", "RSA") => rsa(key, &signature::RSA_PKCS1_SHA384, message),
        ("RS512", "RSA") => rsa(key, &signature::RSA_PKCS1_SHA512, message),
        ("PS256", "RSA") => rsa(key, &signature::RSA_PSS_SHA256, message),
        ("PS384", "RSA") => rsa(key, &signature::RSA_PSS_SHA384, message),
        ("PS512", "RSA") => rsa(key, &signature::RSA_PSS_SHA512, message),
        ("ES256", "EC") => elliptic(key, ("P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING), message),
        ("ES384", "EC") => elliptic(key, ("P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING), message),
        ("ES512", "EC") => elliptic(key, ("P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING), message),
        ("EdDSA", "OKP") => {
            let pair = Ed25519KeyPair::from_seed_unchecked(&keys::bytes(key, "d")?).ok()?;
            Some(pair.sign(message).as_ref().to_vec())
        }
        _ => None,
    }
}

/// The key in the form of PKCS #1.
fn rsa(key: &Object, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Option<Vec<u8>> {
    let mut body = der::write_integer(&[0]);
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        body.extend(der::write_integer(&keys::bytes(key, name)?));
    }
    let pair = RsaKeyPair::from_der(&der::write(0x30, &body)).ok()?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}

fn elliptic(key: &Object, (name, algorithm): (&str, &'static EcdsaSigningAlgorithm), message: &[u8]) -> Option<Vec<u8>> {
    let (_, size) = curve(name)?;
    let part = |name: &str| Some(fixed(&keys::number(key, name)?, size));
    let point = [vec![4], part("x")?, part("y")?].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &part("d")?, &point).ok()?;
    Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
}
