//! Keys to verify with: a certificate or a public key in PEM, or JSON Web Keys.

use num_bigint::BigUint;
use regorus::value::Object;

use super::{Value, encoding, json};
use crate::builtins::crypto::key::{Public, curve};
use crate::builtins::crypto::{Certificate, der, pem};

/// Algorithms that a key may be for.
const ALGORITHMS: [&str; 13] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "EdDSA"];

/// What a signature is verified with.
#[derive(Debug, Clone)]
pub(super) enum Material {
    Public(Public),
    Secret(Vec<u8>),
}

/// A key and what it says about itself.
#[derive(Debug)]
pub(super) struct Key {
    /// Empty: any.
    pub(super) algorithm: String,
    pub(super) name: String,
    pub(super) material: Material,
}

impl Key {
    fn of(public: Option<Public>, why: &str) -> Result<Vec<Self>, String> {
        let public = public.ok_or_else(|| why.to_owned())?;
        Ok(vec![Key { algorithm: String::new(), name: String::new(), material: Material::Public(public) }])
    }
}

/// # Errors
/// What is wrong with the text.
pub(super) fn parse(text: &str) -> Result<Vec<Key>, String> {
    if let Some((Some(block), rest)) = pem::next(text) {
        if !rest.is_empty() {
            return Err("extra data after a PEM certificate block".to_owned());
        }
        return match block.label.as_str() {
            "CERTIFICATE" => {
                let certificate =
                    Certificate::parse(&block.bytes).ok_or("failed to parse a PEM certificate: x509: malformed certificate")?;
                Key::of(certificate.key, "failed to parse a PEM certificate: x509: unsupported key")
            }
            "PUBLIC KEY" => {
                let key = der::Reader::new(&block.bytes).next().and_then(|info| Public::parse(&info));
                Key::of(key, "failed to parse a PEM public key: x509: malformed key")
            }
            _ => Err("failed to extract a Key from the PEM certificate".to_owned()),
        };
    }
    let failed = |why: &str| format!("failed to parse a JWK key (set): {why}");
    let Ok(Value::Object(object)) = json(text) else { return Err(failed("not a JSON object")) };
    match object.get(&Value::from("keys")) {
        Some(Value::Array(keys)) => {
            let keys = keys.iter().filter_map(|key| if let Value::Object(key) = key { Some(key) } else { None });
            keys.map(|key| one(key)).filter_map(Result::transpose).collect::<Result<_, _>>().map_err(|why: String| failed(&why))
        }
        Some(_) => Err(failed("keys is not a list")),
        None => Ok(one(&object).map_err(|why| failed(&why))?.into_iter().collect()),
    }
}

pub(super) fn text(object: &Object, name: &str) -> Option<String> {
    object.get(&Value::from(name)).and_then(|value| value.as_string().ok().map(ToString::to_string))
}

/// The bytes of a member in base64url.
pub(super) fn bytes(object: &Object, name: &str) -> Option<Vec<u8>> {
    encoding::from_url(&text(object, name)?).ok()
}

pub(super) fn number(object: &Object, name: &str) -> Option<BigUint> {
    Some(BigUint::from_bytes_be(&bytes(object, name)?))
}

/// One key; nothing if it is for an algorithm that is not known here.
fn one(object: &Object) -> Result<Option<Key>, String> {
    let algorithm = text(object, "alg").unwrap_or_default();
    let material = material(object).ok_or("malformed key")?;
    if matches!(&material, Material::Public(public) if !is_on_curve(public)) {
        return Err("invalid ECDSA public key: point not on curve".to_owned());
    }
    if !algorithm.is_empty() && !ALGORITHMS.contains(&algorithm.as_str()) {
        return Ok(None);
    }
    Ok(Some(Key { algorithm, name: text(object, "kid").unwrap_or_default(), material }))
}

fn material(object: &Object) -> Option<Material> {
    let named_curve = || text(object, "crv");
    Some(match text(object, "kty")?.as_str() {
        "RSA" => Material::Public(Public::Rsa { modulus: number(object, "n")?, exponent: number(object, "e")? }),
        "EC" => {
            let (curve, _) = curve(&named_curve()?)?;
            Material::Public(Public::Ec { curve, x: number(object, "x")?, y: number(object, "y")? })
        }
        "OKP" if named_curve()? == "Ed25519" => Material::Public(Public::Ed25519(bytes(object, "x")?)),
        "oct" => Material::Secret(bytes(object, "k")?),
        _ => return None,
    })
}

/// Whether a point lies on its curve; keys that are no points need not.
fn is_on_curve(public: &Public) -> bool {
    use aws_lc_rs::signature::{self, ParsedPublicKey};
    let (Public::Ec { curve, .. }, Some(point)) = (public, public.point()) else { return true };
    let algorithm = match *curve {
        "P-256" => &signature::ECDSA_P256_SHA256_FIXED,
        "P-384" => &signature::ECDSA_P384_SHA384_FIXED,
        "P-521" => &signature::ECDSA_P521_SHA512_FIXED,
        _ => return true,
    };
    ParsedPublicKey::new(algorithm, point).is_ok()
}

/// Whether an algorithm is known here.
pub(super) fn is_algorithm(name: &str) -> bool {
    ALGORITHMS.contains(&name)
}
