//! URIs, read as Go's `net/url` reads them.

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("uri.is_valid", Availability::Pure(is_valid)), ("uri.parse", Availability::Pure(parse))];

/// The parts that a policy sees; what is not there is empty.
#[derive(Debug, Default)]
struct Parts {
    scheme: String,
    host: String,
    path: String,
    raw_path: String,
    /// The path as it was written.
    written_path: String,
    raw_query: String,
    fragment: String,
    /// What follows the scheme where no path does.
    opaque: String,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    let Ok(text) = operand::string(operands, 1) else { return Ok(Value::from(false)) };
    Ok(Value::from(!text.is_empty() && Parts::read(text).is_ok()))
}

/// The scheme of a URI, empty where it has none; nothing where it is no URI.
pub(super) fn scheme_of(text: &str) -> Option<String> {
    Parts::read(text).ok().map(|parts| parts.scheme)
}

/// A URI as Go writes its parts in JSON.
pub(super) fn as_go_shape(text: &str) -> Value {
    let parts = Parts::read(text).unwrap_or_default();
    let raw_path = if parts.raw_path == parts.path { "" } else { &parts.raw_path };
    let texts = [
        ("Fragment", parts.fragment.as_str()),
        ("Host", &parts.host),
        ("Opaque", &parts.opaque),
        ("Path", &parts.path),
        ("RawFragment", ""),
        ("RawPath", raw_path),
        ("RawQuery", &parts.raw_query),
        ("Scheme", &parts.scheme),
    ];
    let members = texts.into_iter().map(|(name, text)| (name, Value::from(text)));
    let flags = ["ForceQuery", "OmitHost"].into_iter().map(|name| (name, Value::from(false)));
    let user = if parts.host.is_empty() || !text.contains('@') { Value::Null } else { Value::new_object() };
    let members = members.chain(flags).chain([("User", user)]).map(|(name, value)| (Value::from(name), value));
    members.collect::<regorus::value::Object>().into_value()
}

/// What a request to a URI is signed by: host, path and query, as Go writes them.
pub(super) fn request_target(text: &str) -> Result<[String; 3], Fault> {
    let parts = parts(text)?;
    // What Go's `validEncoded` takes as it is.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@[]%/".contains(&byte);
    let is_valid = parts.path == "*" || parts.written_path.bytes().all(is_plain);
    let path = if is_valid { parts.written_path } else { escape_path(&parts.path) };
    Ok([parts.host, path, parts.raw_query])
}

fn parts(text: &str) -> Result<Parts, Fault> {
    Parts::read(text).map_err(|why| {
        let mut quoted = String::new();
        super::term_text::quote(text, &mut quoted);
        Fault::failed(format!("parse {quoted}: {why}"))
    })
}

fn parse(operands: &[Value]) -> Answer {
    let parts = parts(operand::string(operands, 1)?)?;
    let (hostname, port) = split_port(&parts.host);
    let raw_path = if parts.path.is_empty() { "" } else { &parts.raw_path };
    let members = [
        ("scheme", parts.scheme.as_str()),
        ("hostname", hostname),
        ("port", port),
        ("path", &parts.path),
        ("raw_path", raw_path),
        ("raw_query", &parts.raw_query),
        ("fragment", &parts.fragment),
    ];
    let members = members.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (Value::from(name), Value::from(value)));
    Ok(members.collect::<regorus::value::Object>().into_value())
}

/// A host's name without brackets, and its port.
fn split_port(host: &str) -> (&str, &str) {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    (name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name), port)
}

/// Where text stands: it decides what must be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Host,
    Zone,
    UserInfo,
    Fragment,
}

impl Parts {
    fn read(text: &str) -> Result<Self, String> {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut parts = Self::without_fragment(rest)?;
        parts.fragment = unescape(fragment, Place::Fragment)?;
        Ok(parts)
    }

    fn without_fragment(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut parts = Parts::default();
        if text == "*" {
            "*".clone_into(&mut parts.path);
            parts.raw_path.clone_from(&parts.path);
            parts.written_path.clone_from(&parts.path);
            return Ok(parts);
        }
        let (scheme, rest) = split_scheme(text)?;
        parts.scheme = scheme.to_lowercase();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        query.clone_into(&mut parts.raw_query);
        let rooted = rest.starts_with('/');
        if !rooted {
            if !parts.scheme.is_empty() {
                // An opaque part, such as a mail address, is none of those that a policy sees.
                rest.clone_into(&mut parts.opaque);
                return Ok(parts);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        let authority = rest.strip_prefix("//").filter(|after| !parts.scheme.is_empty() || !after.starts_with('/'));
        if let Some(after) = authority {
            let at = after.find('/').unwrap_or(after.len());
            let (authority, after) = after.split_at(at);
            parts.host = read_authority(authority)?;
            path = after;
        }
        parts.path = unescape(path, Place::Path)?;
        path.clone_into(&mut parts.raw_path);
        path.clone_into(&mut parts.written_path);
        if escape_path(&parts.path) == path {
            parts.raw_path.clone_from(&parts.path);
        }
        Ok(parts)
    }
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok(("", text))
}

fn read_authority(authority: &str) -> Result<String, String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return read_host(authority) };
    let host = read_host(host)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    user.splitn(2, ':').try_for_each(|part| unescape(part, Place::UserInfo).map(|_| ()))?;
    Ok(host)
}

fn read_host(host: &str) -> Result<String, String> {
    if host.starts_with('[') {
        let Some((inside, port)) = host.rsplit_once(']') else { return Err("missing ']' in host".to_owned()) };
        if !valid_port(port) {
            return Err(format!("invalid port {} after host", quoted(port)));
        }
        if !is_literal(inside.trim_start_matches('[')) {
            let mut shown = String::new();
            super::term_text::quote(&inside.trim_start_matches('[').replace("%25", "%"), &mut shown);
            return Err(format!("invalid host: ParseAddr({shown}): unable to parse IP"));
        }
        if let Some(at) = inside.find("%25") {
            let (address, zone) = inside.split_at(at);
            return Ok(format!(
                "{}{}{}",
                unescape(address, Place::Host)?,
                unescape(zone, Place::Zone)?,
                unescape(&format!("]{port}"), Place::Host)?
            ));
        }
    } else if let Some((_, port)) = host.rsplit_once(':')
        && !valid_port(&format!(":{port}"))
    {
        return Err(format!("invalid port {} after host", quoted(&format!(":{port}"))));
    }
    unescape(host, Place::Host)
}

/// Whether what is between brackets is an IPv6 address, perhaps with a zone; what is escaped in it is left to who unescapes it.
fn is_literal(inside: &str) -> bool {
    let (address, zone) = inside.split_once("%25").unwrap_or((inside, "x"));
    address.contains('%') || (address.parse::<std::net::Ipv6Addr>().is_ok() && !zone.is_empty())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    super::term_text::quote(text, &mut quoted);
    quoted
}

fn valid_port(port: &str) -> bool {
    port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unescape(text: &str, place: Place) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            let refused = matches!(place, Place::Host | Place::Zone) && *first < 0x80 && !host_byte(*first);
            if refused {
                return Err(format!("invalid character {} in host name", quoted(&char::from(*first).to_string())));
            }
            bytes.push(*first);
            continue;
        }
        let digits = after.get(..2).unwrap_or(after);
        let shown = || quoted(&format!("%{}", String::from_utf8_lossy(digits)));
        let decoded =
            hex::decode(digits).ok().and_then(|byte| byte.first().copied()).ok_or_else(|| format!("invalid URL escape {}", shown()))?;
        // In a host, only what is not ASCII may be escaped; a zone may escape more.
        let refused = match place {
            Place::Host => decoded < 0x80 && digits != b"25",
            Place::Zone => digits != b"25" && decoded != b' ' && !host_byte(decoded),
            _ => false,
        };
        if refused {
            return Err(format!("invalid URL escape {}", shown()));
        }
        bytes.push(decoded);
        rest = after.get(2..).unwrap_or_default();
    }
    Ok(super::encoding::lossy(&bytes))
}

fn host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

/// A path as Go would write it by itself.
fn escape_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(format!("%{byte:02X}").chars());
        }
    }
    out
}
