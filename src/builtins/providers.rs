//! `providers.aws.sign_req`: requests signed as AWS asks it (Signature Version 4), as OPA does it.

use std::collections::BTreeMap;

use super::call::Value;
use super::crypto::{Algorithm, mac, sha256};
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, json, term_text, uri};

pub(super) const FAMILY: Family = &[("providers.aws.sign_req", Availability::Pure(sign_request))];

/// What a configuration must have.
const CONFIGURATION: [&str; 4] = ["aws_access_key", "aws_region", "aws_secret_access_key", "aws_service"];
/// What a request must have.
const REQUIRED: [&str; 2] = ["method", "url"];
/// What a request may have, as for `http.send`.
const ALLOWED: [&str; 28] = [
    "method",
    "url",
    "body",
    "enable_redirect",
    "force_json_decode",
    "force_yaml_decode",
    "headers",
    "raw_body",
    "tls_use_system_certs",
    "tls_ca_cert",
    "tls_ca_cert_file",
    "tls_ca_cert_env_variable",
    "tls_client_cert",
    "tls_client_cert_file",
    "tls_client_cert_env_variable",
    "tls_client_key",
    "tls_client_key_file",
    "tls_client_key_env_variable",
    "tls_insecure_skip_verify",
    "tls_server_name",
    "timeout",
    "cache",
    "force_cache",
    "force_cache_duration_seconds",
    "raise_error",
    "caching_mode",
    "max_retry_attempts",
    "cache_ignored_headers",
];
/// Headers that proxies change on the way.
const UNSIGNED: [&str; 3] = ["authorization", "user-agent", "x-amzn-trace-id"];

type Object = regorus::value::Object;

/// Everything that the signature is made of.
#[derive(Debug)]
struct Signing<'a> {
    method: &'a str,
    target: [String; 3],
    headers: BTreeMap<String, &'a str>,
    /// Hexadecimal SHA-256 of the body, or what stands for it.
    content: String,
    service: &'a str,
    region: &'a str,
    access_key: &'a str,
    secret_key: &'a str,
    session_token: &'a str,
    /// `20060102T150405Z`
    time: String,
}

fn sign_request(operands: &[Value]) -> Answer {
    let request = operand::object(operands, 1)?;
    // OPA counts its second and third operand as the first here.
    let configuration = match operand::any(operands, 2) {
        Value::Object(object) => object,
        other => return Err(Fault::operand(1, other, &["object"])),
    };
    check_names(configuration, 2, &CONFIGURATION, "missing required AWS config parameters(s)")?;
    check_texts(configuration, 2, &CONFIGURATION, "invalid values for required AWS config parameters(s)")?;
    let nanoseconds = match operand::any(operands, 3) {
        number @ Value::Number(_) => Some(number).filter(|number| !super::number::is_float(number)).and_then(super::number::to_i64),
        other => return Err(Fault::operand(1, other, &["number"])),
    };
    let time = nanoseconds.and_then(|nanoseconds| jiff::Timestamp::from_nanosecond(nanoseconds.into()).ok());
    let time = time.ok_or_else(|| Fault::Type("operand 3 could not convert time_ns value into a unix timestamp".to_owned()))?;
    check_request(request)?;
    let headers = match request.get(&Value::from("headers")) {
        None => &Object::default(),
        Some(Value::Object(headers)) => headers,
        Some(other) => return Err(Fault::operand(0, other, &["object"])),
    };
    check_texts(request, 1, &REQUIRED, "invalid values for required request parameters(s)")?;
    let target = uri::request_target(text(request, "url"))?;
    let body = body(request)?;
    let is_unsigned = match configuration.get(&Value::from("disable_payload_signing")) {
        None => false,
        Some(Value::Bool(is_unsigned)) => *is_unsigned,
        Some(_) => return Err(Fault::Type("operand 2 invalid value for 'disable_payload_signing' in AWS config".to_owned())),
    };
    let headers = headers.iter().map(|(name, value)| (as_text(name).to_owned(), as_text(value))).collect();
    let signing = Signing {
        method: text(request, "method"),
        target,
        headers,
        content: if is_unsigned { "UNSIGNED-PAYLOAD".to_owned() } else { hex::encode(sha256(body.as_bytes())) },
        service: text(configuration, "aws_service"),
        region: text(configuration, "aws_region"),
        access_key: text(configuration, "aws_access_key"),
        secret_key: text(configuration, "aws_secret_access_key"),
        session_token: text(configuration, "aws_session_token"),
        time: time.strftime("%Y%m%dT%H%M%SZ").to_string(),
    };
    let mut signed: Vec<(Value, Value)> =
        request.iter().map(|(name, value)| (name.clone(), value.clone())).filter(|(name, _)| *name != Value::from("headers")).collect();
    signed.push((Value::from("headers"), signing.signed_headers()));
    Ok(signed.into_iter().collect::<Object>().into_value())
}

impl Signing<'_> {
    /// The headers of the request, those that AWS asks, and the authorization.
    fn signed_headers(&self) -> Value {
        let [host, ..] = &self.target;
        let mut required = BTreeMap::from([("host", host.as_str()), ("x-amz-date", &self.time)]);
        if matches!(self.service, "s3" | "glacier") {
            required.insert("x-amz-content-sha256", &self.content);
        }
        if !self.session_token.is_empty() {
            required.insert("x-amz-security-token", self.session_token);
        }
        let authorization = self.authorization(&required);
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), *value));
        let headers = own.chain([("Authorization", authorization.as_str())]).chain(required.iter().map(|(name, value)| (*name, *value)));
        headers.map(|(name, value)| (Value::from(name), Value::from(value))).collect::<Object>().into_value()
    }

    /// The `Authorization` header (AWS General Reference, "Create a signed AWS API request").
    fn authorization(&self, required: &BTreeMap<&str, &str>) -> String {
        let mut signed: BTreeMap<String, &str> = required.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        signed.extend(self.headers.iter().map(|(name, value)| (name.to_lowercase(), *value)));
        signed.retain(|name, _| !UNSIGNED.contains(&name.as_str()));
        let names = signed.keys().map(String::as_str).collect::<Vec<_>>().join(";");
        let lines = signed.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join("\n");
        let [_, path, query] = &self.target;
        let canonical = format!("{}\n{path}\n{query}\n{lines}\n\n{names}\n{}", self.method, self.content);
        let date = self.time.split('T').next().unwrap_or_default();
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", self.time, hex::encode(sha256(canonical.as_bytes())));
        let begin = format!("AWS4{}", self.secret_key).into_bytes();
        let parts = [date, self.region, self.service, "aws4_request", &to_sign];
        let signature = parts.into_iter().fold(begin, |key, part| mac(Algorithm::Sha256, &key, part.as_bytes()));
        let credential = format!("{}/{scope}", self.access_key);
        format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={}", hex::encode(signature))
    }
}

fn as_text(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        _ => "",
    }
}

fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(&Value::from(name)).map_or("", as_text)
}

/// What is sent: `raw_body`, or `body` as JSON.
fn body(request: &Object) -> Result<String, Fault> {
    match (request.get(&Value::from("raw_body")), request.get(&Value::from("body"))) {
        (Some(raw), _) => Ok(as_text(raw).to_owned()),
        (None, Some(body)) => json::marshal(body),
        (None, None) => Ok(String::new()),
    }
}

fn check_request(request: &Object) -> Result<(), Fault> {
    let is_unknown = |name: &&Value| !matches!(name, Value::String(name) if ALLOWED.contains(&name.as_ref()));
    refuse(request.iter().map(|(name, _)| name).filter(is_unknown).cloned(), 1, "invalid request parameters(s)")?;
    check_names(request, 1, &REQUIRED, "missing required request parameters(s)")
}

fn check_names(object: &Object, position: usize, names: &[&str], why: &str) -> Result<(), Fault> {
    let missing = names.iter().map(|name| Value::from(*name)).filter(|name| object.get(name).is_none());
    refuse(missing, position, why)
}

fn check_texts(object: &Object, position: usize, names: &[&str], why: &str) -> Result<(), Fault> {
    let is_wrong = |name: &Value| !matches!(object.get(name), None | Some(Value::String(_)));
    refuse(names.iter().map(|name| Value::from(*name)).filter(is_wrong), position, why)
}

fn refuse(names: impl Iterator<Item = Value>, position: usize, why: &str) -> Result<(), Fault> {
    let names: regorus::value::Set = names.collect();
    if names.is_empty() { Ok(()) } else { Err(Fault::Type(format!("operand {position} {why}: {}", term_text::of(&names.into_value())))) }
}
