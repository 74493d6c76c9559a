//! `json.match_schema` and `json.verify_schema`: JSON Schema, drafts 4, 6 and 7, with the result form and the words of
//! the validator that OPA carries. References are resolved inside the schema only: nothing is fetched.

mod compile;
mod exact;
mod format;
mod keyword;
mod reference;
mod report;
mod scalar;
mod schema;
mod validate;

use std::cell::RefCell;
use std::sync::Arc;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, json_text};
use schema::Schema;

pub(super) const FAMILY: Family =
    &[("json.match_schema", Availability::Pure(match_schema)), ("json.verify_schema", Availability::Pure(verify_schema))];

/// Most compiled schemas that a thread keeps.
const MOST_KEPT: usize = 64;

thread_local! {
    /// The schema as it was given, which keeps its address from being used again, and what it compiled to.
    static COMPILED: RefCell<Vec<(Value, Arc<Schema>)>> = const { RefCell::new(Vec::new()) };
}

/// JSON text, an object or an array.
fn document(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => json_text::parse(text).map_err(|_| "invalid JSON string".to_owned()),
        Value::Object(_) | Value::Array(_) => Ok(value.clone()),
        _ => Err("wrong type, expected string or object".to_owned()),
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => Arc::ptr_eq(left, right) || left == right,
        (Value::String(left), Value::String(right)) => Arc::ptr_eq(left, right) || left == right,
        _ => false,
    }
}

fn compiled(given: &Value) -> Result<Arc<Schema>, String> {
    let known =
        COMPILED.with_borrow(|kept| kept.iter().find(|(schema, _)| is_same(schema, given)).map(|(_, compiled)| Arc::clone(compiled)));
    if let Some(known) = known {
        return Ok(known);
    }
    let schema = Arc::new(compile::compile(&document(given)?)?);
    COMPILED.with_borrow_mut(|kept| {
        if kept.len() >= MOST_KEPT {
            kept.remove(0);
        }
        kept.push((given.clone(), Arc::clone(&schema)));
    });
    Ok(schema)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn verify_schema(operands: &[Value]) -> Answer {
    Ok(match compiled(operand::any(operands, 1)) {
        Ok(_) => Value::from(vec![Value::from(true), Value::Null]),
        Err(why) => Value::from(vec![Value::from(false), Value::from(format!("jsonschema: {why}"))]),
    })
}

fn match_schema(operands: &[Value]) -> Answer {
    let document = document(operand::any(operands, 1)).map_err(Fault::Failed)?;
    let schema = compiled(operand::any(operands, 2)).map_err(Fault::Failed)?;
    let report = validate::validate(&schema, &document).map_err(Fault::failed)?;
    let valid = report.errors.is_empty();
    Ok(Value::from(vec![Value::from(valid), Value::from(report.errors.iter().map(report::Entry::to_value).collect::<Vec<_>>())]))
}
