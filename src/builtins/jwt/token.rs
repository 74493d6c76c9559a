//! The three sections of a token.

use regorus::value::Object;

use super::{Fault, Value, encoding, json, words};

/// A token in its three sections, still encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    header: &'a str,
    payload: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Token<'a> {
    pub(super) fn split(text: &'a str) -> Result<Self, Fault> {
        if !text.contains('.') {
            return Err(Fault::failed("encoded JWT had no period separators"));
        }
        let sections: Vec<&str> = text.split('.').collect();
        match sections.as_slice() {
            [header, payload, signature] => Ok(Token { header, payload, signature }),
            other => Err(Fault::failed(format!("encoded JWT must have 3 sections, found {}", other.len()))),
        }
    }

    /// What the signature is over.
    pub(super) fn signed(&self) -> String {
        format!("{}.{}", self.header, self.payload)
    }

    pub(super) fn header(&self) -> Result<Object, Fault> {
        let text = decoded(self.header, "header")?;
        let header = object(&text).map_err(|fault| Fault::failed(format!("bad JWT header: {}", words(&fault))))?;
        if header.contains_key(&Value::from("enc")) {
            return Err(Fault::failed("JWT is a JWE object, which is not supported"));
        }
        Ok(header)
    }

    pub(super) fn payload(&self) -> Result<String, Fault> {
        decoded(self.payload, "payload")
    }
}

fn decoded(section: &str, name: &str) -> Result<String, Fault> {
    let bytes =
        encoding::from_url(section).map_err(|fault| Fault::failed(format!("JWT {name} had invalid encoding: {}", words(&fault))))?;
    Ok(crate::builtins::encoding::lossy(&bytes))
}

/// A JSON object.
pub(super) fn object(text: &str) -> Result<Object, Fault> {
    match json(text) {
        Ok(Value::Object(object)) => Ok(object.as_ref().clone()),
        Ok(_) => Err(Fault::failed("decoded JSON type was not an Object")),
        Err(why) => Err(Fault::failed(format!("invalid JSON: {why}"))),
    }
}

/// What a header says about how to read the rest.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) algorithm: String,
    pub(super) key: String,
    /// `cty`: `JWT` is a token inside the token.
    pub(super) content: String,
    understood: bool,
}

impl Header {
    pub(super) fn read(header: &Object) -> Result<Self, Fault> {
        let text = |name: &str| match header.get(&Value::from(name)) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.to_string()),
            Some(_) => Err(Fault::failed(format!("{name}: must be a string"))),
        };
        let known = |name: &str| matches!(name, "alg" | "kid" | "typ" | "cty" | "crit");
        text("typ")?;
        let understood = match header.get(&Value::from("crit")) {
            None => true,
            Some(Value::Array(names)) if !names.is_empty() => names.iter().all(|name| match name {
                Value::String(text) => known(text) || !header.contains_key(name),
                _ => true,
            }),
            Some(Value::Array(_)) => return Err(Fault::failed("crit: must be a nonempty list")),
            Some(_) => return Err(Fault::failed("crit: must be a list")),
        };
        Ok(Header { algorithm: text("alg")?, key: text("kid")?, content: text("cty")?, understood })
    }

    /// Whether there is an algorithm and nothing critical is unknown.
    pub(super) fn is_valid(&self) -> bool {
        !self.algorithm.is_empty() && self.understood
    }
}
