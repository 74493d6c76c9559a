//! `strings.render_template`: Go's `text/template` on plain data: fields, variables, pipelines, `if`, `with`, `range`,
//! and the functions that need no methods.

mod function;
mod parse;
mod run;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number, order, term_text};

pub(super) const FAMILY: Family = &[("strings.render_template", Availability::Pure(render))];

/// Numbers of the data are text in Go here: all of them hold, zero included.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(_) => Value::from(number::text(value)),
        Value::Array(array) => Value::from(array.iter().map(plain).collect::<Vec<_>>()),
        Value::Set(set) => Value::from(order::of_set(set).into_iter().map(plain).collect::<Vec<_>>()),
        Value::Object(object) => {
            let members = object.iter().map(|(key, value)| (plain(key), plain(value)));
            members.collect::<regorus::value::Object>().into_value()
        }
        scalar => scalar.clone(),
    }
}

/// OPA writes the data as Rego and reads it as JSON: what differs in the two is refused.
fn json_shape(value: &Value) -> Result<(), String> {
    let text = |text: &str| {
        // What JSON has none of: `\a`, `\v`, `\x01`, `\U0001f980`.
        let escape = text.chars().map(|c| {
            let mut written = String::new();
            term_text::escape(c, '"', false, &mut written);
            written
        });
        let mut escapes = escape.filter_map(|written| written.strip_prefix('\\').and_then(|rest| rest.chars().next()));
        escapes
            .find(|c| matches!(c, 'a' | 'v' | 'x' | 'U'))
            .map_or(Ok(()), |c| Err(format!("invalid character '{c}' in string escape code")))
    };
    match value {
        Value::String(of) => text(of),
        Value::Array(array) => array.iter().try_for_each(json_shape),
        Value::Set(set) if set.is_empty() => Err("invalid character 's' looking for beginning of value".to_owned()),
        Value::Set(_) => Err("invalid character '}' after object key".to_owned()),
        Value::Object(object) => object.iter().try_for_each(|(key, member)| match key {
            Value::String(key) => text(key).and_then(|()| json_shape(member)),
            other => {
                let first = term_text::of(other).chars().next().unwrap_or('{');
                Err(format!("invalid character '{first}' looking for beginning of object key string"))
            }
        }),
        _ => Ok(()),
    }
}

fn render(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    operand::object(operands, 2)?;
    json_shape(operand::any(operands, 2)).map_err(Fault::Failed)?;
    let nodes = parse::parse(text).map_err(|why| Fault::failed(format!("template: template:{why}")))?;
    let text = run::run(&nodes, &plain(operand::any(operands, 2))).map_err(|why| Fault::failed(format!("template: template: {why}")))?;
    Ok(Value::from(text.replace("<no value>", "<undefined>")))
}
