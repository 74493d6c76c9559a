//! JSON text from values and values from JSON text.

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, json_text, number, order, strings, term_text};

pub(super) const FAMILY: Family = &[
    ("json.is_valid", Availability::Pure(is_valid)),
    ("json.marshal", Availability::Pure(|operands| write(operand::any(operands, 1), &Layout::default()).map(Value::from))),
    ("json.marshal_with_options", Availability::Pure(marshal_with_options)),
    ("json.unmarshal", Availability::Pure(unmarshal)),
];

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    Ok(Value::from(operand::string(operands, 1).is_ok_and(|text| json_text::parse(text).is_ok())))
}

fn unmarshal(operands: &[Value]) -> Answer {
    json_text::parse(operand::string(operands, 1)?).map_err(Fault::Failed)
}

/// How JSON is laid out: in one line, or with line breaks.
#[derive(Debug, Default)]
struct Layout<'a> {
    pretty: bool,
    prefix: &'a str,
    indent: &'a str,
}

fn marshal_with_options(operands: &[Value]) -> Answer {
    let options = operand::object(operands, 2)?;
    let mut layout = Layout { indent: "\t", ..Layout::default() };
    let mut explicit = None;
    for key in order::keys(options) {
        let value = options.get(key).unwrap_or(&Value::Undefined);
        let bad = |what: &str| Fault::Type(format!("operand 2 key {} failed cast to {what}", term_text::of(key)));
        match (key, value) {
            (Value::String(name), Value::String(text)) if name.as_ref() == "prefix" => layout.prefix = text,
            (Value::String(name), Value::String(text)) if name.as_ref() == "indent" => layout.indent = text,
            (Value::String(name), Value::Bool(pretty)) if name.as_ref() == "pretty" => explicit = Some(*pretty),
            (Value::String(name), _) if name.as_ref() == "pretty" => return Err(bad("bool")),
            (Value::String(name), _) if matches!(name.as_ref(), "prefix" | "indent") => return Err(bad("string")),
            _ => return Err(Fault::Type(format!("operand 2 object contained unknown key {}", term_text::of(key)))),
        }
        layout.pretty |= matches!(key, Value::String(name) if name.as_ref() != "pretty");
    }
    layout.pretty = explicit.unwrap_or(layout.pretty);
    let text = write(operand::any(operands, 1), &layout)?;
    Ok(Value::from(if layout.pretty { format!("{}{text}", layout.prefix) } else { text }))
}

/// The JSON text of a value, as Go writes it.
pub(super) fn marshal(value: &Value) -> Result<String, Fault> {
    write(value, &Layout::default())
}

fn write(value: &Value, layout: &Layout<'_>) -> Result<String, Fault> {
    let mut writer = Writer { layout, out: String::new(), depth: 0 };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'a> {
    layout: &'a Layout<'a>,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Fault> {
        if self.out.len() > strings::LONGEST {
            return Err(Fault::failed("result too large"));
        }
        match value {
            Value::Null | Value::Undefined => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Number(_) => self.out.push_str(&number::text(value)),
            Value::String(text) => self.string(text),
            Value::Array(array) => self.list(&array.iter().collect::<Vec<_>>())?,
            Value::Set(set) => self.list(&order::of_set(set))?,
            Value::Object(object) => self.object(object)?,
        }
        Ok(())
    }

    fn line(&mut self) {
        if self.layout.pretty {
            self.out.push('\n');
            self.out.push_str(self.layout.prefix);
            self.out.push_str(&self.layout.indent.repeat(self.depth));
        }
    }

    fn list(&mut self, elements: &[&Value]) -> Result<(), Fault> {
        self.out.push('[');
        self.depth += 1;
        for (at, element) in elements.iter().enumerate() {
            self.out.push_str(if at == 0 { "" } else { "," });
            self.line();
            self.value(element)?;
        }
        self.close(']', elements.is_empty());
        Ok(())
    }

    fn object(&mut self, object: &regorus::value::Object) -> Result<(), Fault> {
        let mut members = Vec::with_capacity(object.len());
        for (key, value) in object.iter() {
            let name = match key {
                Value::String(name) => name.to_string(),
                other => marshal(other)?,
            };
            members.push((name, value));
        }
        members.sort_by(|left, right| left.0.cmp(&right.0));
        self.out.push('{');
        self.depth += 1;
        for (at, (name, value)) in members.iter().enumerate() {
            self.out.push_str(if at == 0 { "" } else { "," });
            self.line();
            self.string(name);
            self.out.push_str(if self.layout.pretty { ": " } else { ":" });
            self.value(value)?;
        }
        self.close('}', members.is_empty());
        Ok(())
    }

    fn close(&mut self, bracket: char, empty: bool) {
        self.depth -= 1;
        if !empty {
            self.line();
        }
        self.out.push(bracket);
    }

    /// Go escapes what could end a script in HTML.
    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..' ' => self.out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
