//! Values as compiled policies exchange them: value text, which keeps sets, keys of any type and large numbers.

use std::borrow::Cow;

use regorus::value::{Object, Set};
use vidimus_wasm_host::text::{Build, Write, write_string};

use super::call::Value;
use super::{json_text, number};

/// Builds values from value text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values;

/// A value that is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ValueTerm<'a>(pub(crate) &'a Value);

impl Build for Values {
    type Value = Value;

    fn null(&mut self) -> Value {
        Value::Null
    }

    fn boolean(&mut self, value: bool) -> Value {
        Value::from(value)
    }

    fn number(&mut self, text: &str) -> Option<Value> {
        match text.parse::<i64>() {
            Ok(small) => Some(Value::from(small)),
            Err(_) => json_text::parse(text).ok(),
        }
    }

    fn string(&mut self, text: Cow<'_, str>) -> Value {
        Value::from(text.as_ref())
    }

    fn array(&mut self, items: Vec<Value>) -> Value {
        Value::from(items)
    }

    fn set(&mut self, items: Vec<Value>) -> Value {
        items.into_iter().collect::<Set>().into_value()
    }

    fn object(&mut self, members: Vec<(Value, Value)>) -> Value {
        members.into_iter().collect::<Object>().into_value()
    }
}

impl Write for ValueTerm<'_> {
    fn write(&self, out: &mut String) {
        match self.0 {
            // Undefined is inside of nothing.
            Value::Null | Value::Undefined => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(_) => out.push_str(&number::text(self.0)),
            Value::String(text) => write_string(text, out),
            Value::Array(items) => write_list(('[', ']'), items.iter(), out),
            Value::Set(items) if items.is_empty() => out.push_str("set()"),
            Value::Set(items) => write_list(('{', '}'), items.iter(), out),
            Value::Object(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    ValueTerm(key).write(out);
                    out.push(':');
                    ValueTerm(value).write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_list<'a>((open, close): (char, char), items: impl Iterator<Item = &'a Value>, out: &mut String) {
    out.push(open);
    for (at, item) in items.enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        ValueTerm(item).write(out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use vidimus_wasm_host::text::{ValueText, read};

    use super::*;

    #[test]
    fn values_survive_both_ways() {
        for text in [
            "{1,{2}}",
            "set()",
            "{}",
            r#"{[1]:{3},"k":null,{4}:set()}"#,
            "123456789012345678901234567890",
            "-0.5",
            r#""a\u0000\"\\ü😀\n""#,
            "[true,false,9007199254740993]",
        ] {
            let value = read(text, 16, &mut Values).unwrap();
            let written = ValueText::of(&ValueTerm(&value));
            assert_eq!(read(written.as_str(), 16, &mut Values).unwrap(), value, "{text}");
            assert_eq!(ValueText::new(text, 16).unwrap().as_str().len(), written.as_str().len(), "{text}: {}", written.as_str());
        }
        assert_eq!(read("12345678901234567890.5e3", 1, &mut Values).unwrap(), Value::from(1.234_567_890_123_456_8e22));
    }
}
