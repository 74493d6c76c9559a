//! `strings.render_template`: Go's `text/template` on plain data: fields, variables, pipelines, `if`, `with`, `range`,
//! and the functions that need no methods.

mod function;
mod parse;
mod run;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[("strings.render_template", Availability::Pure(render))];

fn render(operands: &[Value]) -> Answer {
    let text = operand::string(operands, 1)?;
    operand::object(operands, 2)?;
    let nodes = parse::parse(text).map_err(|why| Fault::failed(format!("template: template:{why}")))?;
    let text = run::run(&nodes, operand::any(operands, 2)).map_err(|why| Fault::failed(format!("template: template: {why}")))?;
    Ok(Value::from(text.replace("<no value>", "<undefined>")))
}
