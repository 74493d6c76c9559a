//! Classes of characters: `[..]`, `\d`, `\p{..}`; and single escaped characters.

use super::translate::{Reader, literal};

/// Reads `[..]` and writes it with every character spelt out.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<String, String> {
    let whole = reader.rest;
    reader.eat("[");
    let mut out = String::from(if reader.eat("^") { "[^" } else { "[" });
    let mut first = true;
    loop {
        if reader.rest.is_empty() {
            return Err(format!("missing closing ]: `{whole}`"));
        }
        if !first && reader.eat("]") {
            out.push(']');
            return Ok(out);
        }
        first = false;
        if reader.rest.starts_with("[:")
            && let Some(class) = posix(reader)?
        {
            out.push_str(&class);
            continue;
        }
        if let Some(class) = escaped_class(reader)? {
            out.push_str(&class);
            continue;
        }
        out.push_str(&range(reader, whole)?);
    }
}

/// One character, or two with a hyphen between them.
fn range(reader: &mut Reader<'_>, whole: &str) -> Result<String, String> {
    let from = reader.rest;
    let low = character(reader, whole)?;
    let mut rest = reader.rest.chars();
    if rest.next() != Some('-') || rest.next().is_none_or(|next| next == ']') {
        return Ok(literal(low));
    }
    reader.eat("-");
    let high = character(reader, whole)?;
    if high < low {
        return Err(format!("invalid character class range: `{}`", reader.since(from)));
    }
    Ok(format!("{}-{}", literal(low), literal(high)))
}

fn character(reader: &mut Reader<'_>, whole: &str) -> Result<char, String> {
    match reader.peek() {
        None => Err(format!("missing closing ]: `{whole}`")),
        Some('\\') => escaped_character(reader),
        Some(c) => {
            reader.next();
            Ok(c)
        }
    }
}

/// `[:alpha:]` and its kin.
fn posix(reader: &mut Reader<'_>) -> Result<Option<String>, String> {
    const NAMES: [&str; 14] =
        ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];
    let Some((name, after)) = reader.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else { return Ok(None) };
    if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(format!("invalid character class range: `[:{name}:]`"));
    }
    reader.rest = after;
    Ok(Some(format!("[:{name}:]")))
}

/// `\d`, `\s`, `\w`, their opposites, and classes of Unicode. Only Unicode's own know more than ASCII.
pub(super) fn escaped_class(reader: &mut Reader<'_>) -> Result<Option<String>, String> {
    const PERL: [(&str, &str); 6] = [
        ("\\d", "[0-9]"),
        ("\\D", "[^0-9]"),
        ("\\s", "[\\t\\n\\x0c\\r\\x20]"),
        ("\\S", "[^\\t\\n\\x0c\\r\\x20]"),
        ("\\w", "[0-9A-Za-z_]"),
        ("\\W", "[^0-9A-Za-z_]"),
    ];
    for (name, class) in PERL {
        if reader.eat(name) {
            return Ok(Some(class.to_owned()));
        }
    }
    let from = reader.rest;
    let mut negated = reader.rest.starts_with("\\P");
    if !reader.eat("\\p") && !reader.eat("\\P") {
        return Ok(None);
    }
    let invalid = |reader: &Reader<'_>| format!("invalid character class range: `{}`", reader.since(from));
    let name = if reader.eat("{") {
        let Some((name, after)) = reader.rest.split_once('}') else { return Err(format!("invalid character class range: `{from}`")) };
        reader.rest = after;
        name.strip_prefix('^').map_or(name.to_owned(), |name| {
            negated = !negated;
            name.to_owned()
        })
    } else {
        reader.next().map(String::from).unwrap_or_default()
    };
    let plain = name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') && name.starts_with(|c: char| c.is_ascii_uppercase());
    if !plain || regex::Regex::new(&format!("\\p{{{name}}}")).is_err() {
        return Err(invalid(reader));
    }
    Ok(Some(format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' })))
}

/// A single character behind a backslash.
pub(super) fn escaped_character(reader: &mut Reader<'_>) -> Result<char, String> {
    let from = reader.rest;
    reader.next();
    let invalid = |reader: &Reader<'_>| Err(format!("invalid escape sequence: `{}`", reader.since(from)));
    let Some(c) = reader.next() else { return Err("trailing backslash at end of expression: ``".to_owned()) };
    Ok(match c {
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return hexadecimal(reader).ok_or(()).or_else(|()| invalid(reader)),
        '1'..='7' if !reader.peek().is_some_and(|next| next.is_digit(8)) => return invalid(reader),
        '0'..='7' => {
            let mut number = c.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                let Some(digit) = reader.peek().and_then(|next| next.to_digit(8)) else { break };
                reader.next();
                number = number * 8 + digit;
            }
            char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return invalid(reader),
    })
}

/// `7F` or `{10FFFF}`.
fn hexadecimal(reader: &mut Reader<'_>) -> Option<char> {
    let digits = if reader.eat("{") {
        let (digits, after) = reader.rest.split_once('}')?;
        reader.rest = after;
        digits.to_owned()
    } else {
        [reader.next()?, reader.next()?].iter().collect()
    };
    let valid = !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)).flatten()
}
