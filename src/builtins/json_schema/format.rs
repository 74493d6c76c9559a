//! The formats of strings that upstream checks; unknown ones match everything.

use std::net::IpAddr;

use crate::builtins::{regex, time, uri};

pub(super) fn matches(format: &str, text: &str) -> bool {
    let time = |layouts: &[&str]| layouts.iter().any(|layout| time::is_of(layout, text));
    match format {
        "date" => time(&["2006-01-02"]),
        "time" => time(&["15:04:05Z07:00", "15:04:05"]),
        "date-time" => {
            time(&["15:04:05", "15:04:05Z07:00", "2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00"])
        }
        "hostname" => text.len() < 256 && text.split('.').all(is_label),
        "email" | "idn-email" => is_mail_address(text),
        "ipv4" => text.contains('.') && text.parse::<IpAddr>().is_ok(),
        "ipv6" => text.contains(':') && text.parse::<IpAddr>().is_ok(),
        "uri" | "iri" => !text.contains('\\') && uri::scheme_of(text).is_some_and(|scheme| !scheme.is_empty()),
        "uri-reference" | "iri-reference" => !text.contains('\\') && uri::scheme_of(text).is_some(),
        "uri-template" => !text.contains('\\') && uri::scheme_of(text).is_some() && is_template(text),
        "uuid" => is_uuid(text),
        "regex" => text.is_empty() || regex::compiled(text).is_ok(),
        "json-pointer" => is_pointer(text),
        "relative-json-pointer" => is_relative_pointer(text),
        _ => true,
    }
}

fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
}

/// `local@domain`, with a name before and angle brackets around it or without.
fn is_mail_address(text: &str) -> bool {
    let text = text.trim();
    let address = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')).map_or(text, |(_, address)| address);
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let atom =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c));
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let literal =
        domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')).is_some_and(|address| address.parse::<IpAddr>().is_ok());
    (quoted || local.split('.').all(atom)) && (literal || domain.split('.').all(atom))
}

/// Braces in pairs.
fn is_template(text: &str) -> bool {
    let mut open = false;
    for c in text.chars() {
        match c {
            '{' if open => {}
            '{' => open = true,
            '}' => open = false,
            _ => {}
        }
    }
    !open
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_pointer(text: &str) -> bool {
    let mut tokens = text.split('/');
    tokens.next() == Some("") && tokens.all(|token| token.split('~').skip(1).all(|rest| rest.starts_with(['0', '1'])))
}

fn is_relative_pointer(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    !number.is_empty() && (number == "0" || !number.starts_with('0')) && (rest == "#" || is_pointer(rest))
}
