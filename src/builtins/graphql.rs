//! `graphql.*`: documents and schemas of GraphQL, parsed and validated as the library that OPA carries does it.
//!
//! No crate keeps what these syntax trees show: the text of numbers, comments, variables of fragments, and errors in OPA's words
//! (docs/adr/0008).

mod ast;
mod check;
mod cursor;
mod definition;
mod field;
mod lexer;
mod operation;
mod overlap;
mod problem;
mod query;
mod schema;
mod sdl;
mod value;
mod walk;

use std::cell::RefCell;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::cache::{self, Bounded};
use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, order};
use ast::QueryDocument;
use definition::SchemaDocument;
use schema::Schema;

pub(super) const FAMILY: Family = &[
    ("graphql.is_valid", Availability::Pure(is_valid)),
    ("graphql.parse", Availability::Pure(parse)),
    ("graphql.parse_and_verify", Availability::Pure(parse_and_verify)),
    ("graphql.parse_query", Availability::Pure(parse_query)),
    ("graphql.parse_schema", Availability::Pure(parse_schema)),
    ("graphql.schema_is_valid", Availability::Pure(schema_is_valid)),
];

/// Most levels of arrays and objects in a syntax tree that a policy hands over.
const MOST_LEVELS: usize = 500;
/// Most schemas that a thread keeps.
const MOST_KEPT: usize = 10;

/// A schema that is ready, or why it is not.
type Ready = Result<Arc<Schema>, String>;

thread_local! {
    static SCHEMAS: RefCell<Bounded<Arc<str>, Ready>> = Bounded::new(MOST_KEPT);
}

fn parse_query(operands: &[Value]) -> Answer {
    let document = query::parse(operand::string(operands, 1)?).map_err(|problem| Fault::failed(problem::told(&problem)))?;
    tree(&document)
}

fn parse_schema(operands: &[Value]) -> Answer {
    let document = sdl::parse(operand::string(operands, 1)?).map_err(|problem| Fault::failed(problem::told(&problem)))?;
    tree(&document)
}

fn parse(operands: &[Value]) -> Answer {
    let query = query_document(operands, 1)?;
    let schema = schema_document(operands, 2)?;
    let (query_tree, schema_tree) = (tree(&query)?, tree(&schema)?);
    validate(operand::any(operands, 2), schema, &query).map_err(Fault::Failed)?;
    Ok(Value::from(vec![query_tree, schema_tree]))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn parse_and_verify(operands: &[Value]) -> Answer {
    let verified = parse(operands).map(|trees| trees.as_array().map(regorus::value::Array::to_vec).unwrap_or_default());
    let mut answer = vec![Value::from(verified.is_ok())];
    answer.extend(verified.unwrap_or_else(|_| vec![Value::new_object(), Value::new_object()]));
    Ok(Value::from(answer))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    let is_valid = || {
        let query = query_document(operands, 1).ok()?;
        let schema = schema_document(operands, 2).ok()?;
        validate(operand::any(operands, 2), schema, &query).ok()
    };
    Ok(Value::from(is_valid().is_some()))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn schema_is_valid(operands: &[Value]) -> Answer {
    let is_valid = schema_document(operands, 1).is_ok_and(|document| ready(operand::any(operands, 1), document).is_ok());
    Ok(Value::from(is_valid))
}

/// The schema of an operand. Those that come as text are made ready once.
fn ready(operand: &Value, document: SchemaDocument) -> Ready {
    let make = |document| {
        let schema = Schema::new(document).map(Arc::new);
        schema.map_err(|problem| format!("Error in gqlparser SchemaDocument to Schema conversion: {problem}"))
    };
    match operand {
        Value::String(text) => cache::get_or_make(&SCHEMAS, Arc::clone(text), |_| Ok::<_, String>(make(document)))?,
        _ => make(document),
    }
}

fn validate(operand: &Value, schema: SchemaDocument, query: &QueryDocument) -> Result<(), String> {
    let schema = ready(operand, schema)?;
    let problems = walk::problems(&schema, query).map_err(|problem| problem::told(&problem))?;
    if problems.is_empty() { Ok(()) } else { Err(problem::all_told(&problems)) }
}

fn query_document(operands: &[Value], position: usize) -> Result<QueryDocument, Fault> {
    match operand::any(operands, position) {
        Value::String(text) => query::parse(text).map_err(|problem| Fault::failed(problem::told(&problem))),
        other => from_tree(other, position),
    }
}

fn schema_document(operands: &[Value], position: usize) -> Result<SchemaDocument, Fault> {
    match operand::any(operands, position) {
        Value::String(text) => sdl::parse(text).map_err(|problem| Fault::failed(problem::told(&problem))),
        other => from_tree(other, position),
    }
}

/// A syntax tree that a policy hands over.
fn from_tree<T: DeserializeOwned>(value: &Value, position: usize) -> Result<T, Fault> {
    if !matches!(value, Value::Object(_)) {
        // OPA counts these two operands from 0.
        return Err(Fault::operand(position - 1, value, &["string", "object"]));
    }
    let json = json(value, MOST_LEVELS).ok_or_else(|| Fault::failed("syntax tree nested too deeply"))?;
    serde_json::from_value(json).map_err(|error| Fault::failed(format!("json: {error}")))
}

/// A value as JSON without nulls, which mean absence here.
fn json(value: &Value, levels: usize) -> Option<Json> {
    let below = || levels.checked_sub(1);
    let list = |items: Vec<&Value>| {
        let levels = below()?;
        items.into_iter().filter(|item| **item != Value::Null).map(|item| json(item, levels)).collect::<Option<Vec<_>>>().map(Json::Array)
    };
    match value {
        Value::Null | Value::Undefined => Some(Json::Null),
        Value::Bool(truth) => Some(Json::Bool(*truth)),
        Value::Number(_) => Some(value.as_i64().map_or_else(|_| value.as_f64().map_or(Json::Null, Json::from), Json::from)),
        Value::String(text) => Some(Json::from(text.as_ref())),
        Value::Array(array) => list(array.iter().collect()),
        Value::Set(set) => list(order::of_set(set)),
        Value::Object(object) => {
            let levels = below()?;
            let mut members = Map::new();
            for (key, member) in object.iter().filter(|(_, member)| **member != Value::Null) {
                if let Value::String(key) = key {
                    members.insert(key.to_string(), json(member, levels)?);
                }
            }
            Some(Json::Object(members))
        }
    }
}

/// A syntax tree as policies see it: without what is null or empty.
fn tree<T: Serialize>(document: &T) -> Answer {
    let json = serde_json::to_value(document).map_err(|error| Fault::failed(error.to_string()))?;
    Ok(Value::from(pruned(json).unwrap_or_else(|| Json::Object(Map::new()))))
}

fn pruned(json: Json) -> Option<Json> {
    match json {
        Json::Null => None,
        Json::Array(items) => {
            let items: Vec<Json> = items.into_iter().filter_map(pruned).collect();
            (!items.is_empty()).then_some(Json::Array(items))
        }
        Json::Object(members) => {
            let members: Map<String, Json> = members.into_iter().filter_map(|(key, member)| Some((key, pruned(member)?))).collect();
            (!members.is_empty()).then_some(Json::Object(members))
        }
        scalar => Some(scalar),
    }
}
