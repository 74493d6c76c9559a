//! A value as Rego text: what `%v` prints of arrays, objects and sets.

use super::call::Value;
use super::{number, order};

/// The text, as OPA writes it.
pub(crate) fn of(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(_) => out.push_str(&number::text(value)),
        Value::String(text) => quote(text, out),
        Value::Array(array) => list(('[', ']'), array.iter(), out),
        Value::Set(set) if set.is_empty() => out.push_str("set()"),
        Value::Set(set) => list(('{', '}'), order::of_set(set).into_iter(), out),
        Value::Object(object) => {
            out.push('{');
            for (at, key) in order::keys(object).into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write(key, out);
                out.push_str(": ");
                write(object.get(key).unwrap_or(&Value::Undefined), out);
            }
            out.push('}');
        }
        Value::Undefined => {}
    }
}

fn list<'a>((open, close): (char, char), values: impl Iterator<Item = &'a Value>, out: &mut String) {
    out.push(open);
    for (at, value) in values.enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        write(value, out);
    }
    out.push(close);
}

/// A string between quotation marks, with Go's escapes.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        escape(c, '"', false, out);
    }
    out.push('"');
}

/// One character inside `quote`s, with Go's escapes.
pub(crate) fn escape(c: char, quote: char, ascii_only: bool, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_ascii_graphic() || c == ' ' => out.push(c),
        c if !ascii_only && is_printable(c) => out.push(c),
        c if u32::from(c) < 0x80 => out.extend(format!("\\x{:02x}", u32::from(c)).chars()),
        c if u32::from(c) < 0x1_0000 => out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
        c => out.extend(format!("\\U{:08x}", u32::from(c)).chars()),
    }
}

/// Whether Go's `strconv` prints the character as it is.
pub(crate) fn is_printable(c: char) -> bool {
    // A letter in front, because combining marks are escaped at a text's beginning only.
    let mut pair = String::from("a");
    pair.push(c);
    pair.escape_debug().nth(1) == Some(c) || matches!(c, '\'' | '"' | '\\')
}
