//! `strings.render_template`: Go's `text/template` on plain data: fields, variables, pipelines, `if`, `with`, `range`,
//! and the functions that need no methods.

mod function;
mod parse;
mod run;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number, order};

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

fn render(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    operand::object(operands, 2)?;
    let nodes = parse::parse(text).map_err(|why| Fault::failed(format!("template: template:{why}")))?;
    let text = run::run(&nodes, &plain(operand::any(operands, 2))).map_err(|why| Fault::failed(format!("template: template: {why}")))?;
    Ok(Value::from(text.replace("<no value>", "<undefined>")))
}
