//! JSON Web Tokens: decoding, verifying and signing.

mod keys;
mod sign;
mod signed;
mod token;
mod verify;

use super::call::{Call, Failure, Value};
use super::crypto::Algorithm;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, encoding, json_text, number, order};
pub(crate) use signed::VerificationKey;
use token::Token;

pub(super) const FAMILY: Family = &[
    ("io.jwt.decode", Availability::Pure(|operands| decode(operand::string(operands, 1)?, 0))),
    ("io.jwt.decode_verify", Availability::Calling(decode_verify)),
    ("io.jwt.encode_sign", Availability::Pure(sign::encode_sign)),
    ("io.jwt.encode_sign_raw", Availability::Pure(sign::encode_sign_raw)),
    ("io.jwt.verify_eddsa", Availability::Pure(|operands| verify_with(operands, "EdDSA"))),
    ("io.jwt.verify_es256", Availability::Pure(|operands| verify_with(operands, "ES256"))),
    ("io.jwt.verify_es384", Availability::Pure(|operands| verify_with(operands, "ES384"))),
    ("io.jwt.verify_es512", Availability::Pure(|operands| verify_with(operands, "ES512"))),
    ("io.jwt.verify_hs256", Availability::Pure(|operands| verify_secret(operands, Algorithm::Sha256))),
    ("io.jwt.verify_hs384", Availability::Pure(|operands| verify_secret(operands, Algorithm::Sha384))),
    ("io.jwt.verify_hs512", Availability::Pure(|operands| verify_secret(operands, Algorithm::Sha512))),
    ("io.jwt.verify_ps256", Availability::Pure(|operands| verify_with(operands, "PS256"))),
    ("io.jwt.verify_ps384", Availability::Pure(|operands| verify_with(operands, "PS384"))),
    ("io.jwt.verify_ps512", Availability::Pure(|operands| verify_with(operands, "PS512"))),
    ("io.jwt.verify_rs256", Availability::Pure(|operands| verify_with(operands, "RS256"))),
    ("io.jwt.verify_rs384", Availability::Pure(|operands| verify_with(operands, "RS384"))),
    ("io.jwt.verify_rs512", Availability::Pure(|operands| verify_with(operands, "RS512"))),
];

/// Deepest token inside a token.
const DEEPEST: usize = 16;

fn decode(text: &str, depth: usize) -> Answer {
    if depth > DEEPEST {
        return Err(Fault::failed("tokens nest too deeply"));
    }
    let token = Token::split(text)?;
    let header = token.header()?;
    let payload = token.payload()?;
    if let Some(Value::String(kind)) = header.get(&Value::from("cty"))
        && kind.as_ref() == "JWT"
    {
        return decode(payload.trim_matches(['"', '\'']), depth + 1);
    }
    let payload = token::object(&payload)?;
    let signature = encoding::from_url(token.signature)
        .map_err(|fault| Fault::failed(format!("JWT signature had invalid encoding: {}", words(&fault))))?;
    Ok(Value::from(vec![header.into_value(), payload.into_value(), Value::from(hex::encode(signature))]))
}

fn words(fault: &Fault) -> &str {
    match fault {
        Fault::Type(words) | Fault::Failed(words) => words,
    }
}

fn verify_secret(operands: &[Value], algorithm: Algorithm) -> Answer {
    let (text, secret) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    let token = Token::split(text)?;
    let signature = encoding::from_url(token.signature)?;
    Ok(Value::from(verify::has_mac(algorithm, secret.as_bytes(), token.signed().as_bytes(), &signature)))
}

fn verify_with(operands: &[Value], algorithm: &str) -> Answer {
    let token = Token::split(operand::string(operands, 1)?)?;
    let keys = keys::parse(operand::string(operands, 2)?).map_err(Fault::Failed)?;
    let signature = encoding::from_url(token.signature)?;
    let header = token::Header::read(&token.header()?)?;
    Ok(Value::from(verify::by_any(&keys, &header, algorithm, (&token.signed(), &signature))))
}

/// What a token must fulfil.
#[derive(Debug, Default)]
struct Constraints {
    keys: Option<Vec<keys::Key>>,
    secret: String,
    algorithm: String,
    issuer: String,
    audience: String,
    /// Nanoseconds since 1970.
    time: f64,
}

impl Constraints {
    fn read(given: &regorus::value::Object, now_ns: i64) -> Result<Self, Fault> {
        let now = number::to_f64(&Value::from(now_ns)).unwrap_or(0.0);
        let mut constraints = Constraints { time: now, ..Constraints::default() };
        for key in order::keys(given) {
            let name = key.as_string().map(ToString::to_string).unwrap_or_default();
            let value = given.get(key).unwrap_or(&Value::Undefined);
            let text =
                || value.as_string().map(ToString::to_string).map_err(|_| Fault::failed(format!("{name} constraint: must be a string")));
            match name.as_str() {
                "cert" => constraints.keys = Some(keys::parse(&text()?).map_err(Fault::Failed)?),
                "secret" => constraints.secret = text()?,
                "alg" => constraints.algorithm = text()?,
                "iss" => constraints.issuer = text()?,
                "aud" => constraints.audience = text()?,
                "time" => constraints.time = time(value)?,
                other => return Err(Fault::failed(format!("unknown token validation constraint: {other}"))),
            }
        }
        let count = usize::from(constraints.keys.is_some()) + usize::from(!constraints.secret.is_empty());
        match count {
            0 => Err(Fault::failed("no key constraint")),
            1 => Ok(constraints),
            _ => Err(Fault::failed("duplicate key constraints")),
        }
    }

    fn is_signed(&self, header: &token::Header, token: &Token<'_>, signature: &[u8]) -> bool {
        if let Some(keys) = &self.keys {
            return verify::by_any(keys, header, &header.algorithm, (&token.signed(), signature));
        }
        let algorithm = match header.algorithm.as_str() {
            "HS256" => Algorithm::Sha256,
            "HS384" => Algorithm::Sha384,
            "HS512" => Algorithm::Sha512,
            _ => return false,
        };
        verify::has_mac(algorithm, self.secret.as_bytes(), token.signed().as_bytes(), signature)
    }

    /// Whether the claims hold here and now.
    fn hold(&self, payload: &regorus::value::Object) -> Result<bool, Fault> {
        let claim = |name: &str| payload.get(&Value::from(name));
        if !self.issuer.is_empty() && claim("iss") != Some(&Value::from(self.issuer.as_str())) {
            return Ok(false);
        }
        let audience = Value::from(self.audience.as_str());
        let addressed = match claim("aud") {
            None => self.audience.is_empty(),
            Some(Value::Array(audiences)) => audiences.contains(&audience),
            Some(one) => *one == audience,
        };
        if !addressed {
            return Ok(false);
        }
        let seconds = Value::from(self.time / 1e9);
        let limit = |name: &str| match claim(name) {
            None => Ok(None),
            Some(number @ Value::Number(_)) => Ok(Some(order::compare(&seconds, number))),
            Some(_) => Err(Fault::failed(format!("{name} value must be a number"))),
        };
        if limit("exp")?.is_some_and(std::cmp::Ordering::is_ge) {
            return Ok(false);
        }
        Ok(!limit("nbf")?.is_some_and(std::cmp::Ordering::is_lt))
    }
}

fn time(value: &Value) -> Result<f64, Fault> {
    if !matches!(value, Value::Number(_)) {
        return Err(Fault::failed("token time constraint: must be a number"));
    }
    let time = number::to_f64(value).ok_or_else(|| Fault::failed("token time constraint: unvalid float64"))?;
    if time < 0.0 { Err(Fault::failed("token time constraint: must not be negative")) } else { Ok(time) }
}

fn decode_verify(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    decode_and_verify(operands, call.now_ns).map_err(|fault| fault.named("io.jwt.decode_verify"))
}

fn decode_and_verify(operands: &[Value], now_ns: i64) -> Answer {
    let unverified = || Value::from(vec![Value::from(false), Value::new_object(), Value::new_object()]);
    let given = operand::object(operands, 2)?;
    let constraints = Constraints::read(given, now_ns)?;
    let mut text = operand::string(operands, 1)?.to_owned();
    for _ in 0..DEEPEST {
        let token = Token::split(&text)?;
        let decoded = token.header()?;
        let header = token::Header::read(&decoded)?;
        if !header.is_valid() || (!constraints.algorithm.is_empty() && constraints.algorithm != header.algorithm) {
            return Ok(unverified());
        }
        let signature = encoding::from_url(token.signature)?;
        if !constraints.is_signed(&header, &token, &signature) {
            return Ok(unverified());
        }
        let payload = token.payload()?;
        if header.content.eq_ignore_ascii_case("JWT") {
            text = payload;
            continue;
        }
        let payload = token::object(&payload)?;
        if !constraints.hold(&payload)? {
            return Ok(unverified());
        }
        return Ok(Value::from(vec![Value::from(true), decoded.into_value(), payload.into_value()]));
    }
    Err(Fault::failed("tokens nest too deeply"))
}

/// JSON text, for what is read from tokens and keys.
fn json(text: &str) -> Result<Value, String> {
    json_text::parse(text)
}
