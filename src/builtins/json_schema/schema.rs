//! A compiled schema: its parts in one list, which refer to each other by position, so that they may form circles.

use super::exact::Exact;
use crate::builtins::expression::Expression;

/// The position of a part.
pub(super) type Position = usize;

/// A compiled schema; the root is the first part.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) parts: Vec<Part>,
}

/// `true`, `false` or a schema, where both are allowed.
#[derive(Debug, Default)]
pub(super) enum Additional {
    #[default]
    Unset,
    Allowed(bool),
    Schema(Position),
}

/// What a property asks for.
#[derive(Debug)]
pub(super) enum Dependency {
    Properties(Vec<String>),
    Schema(Position),
}

/// One schema among the others. What is not there does not constrain.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// `true` and `false` as schemas.
    pub(super) pass: Option<bool>,
    /// The schema that stands here instead.
    pub(super) reference: Option<Position>,
    pub(super) types: Vec<String>,
    pub(super) properties: Vec<(String, Position)>,
    pub(super) additional_properties: Additional,
    pub(super) pattern_properties: Vec<(Expression, Position)>,
    pub(super) property_names: Option<Position>,
    pub(super) dependencies: Vec<(String, Dependency)>,
    pub(super) items: Vec<Position>,
    /// One schema for all items, and not one for each.
    pub(super) items_alike: bool,
    pub(super) additional_items: Additional,
    pub(super) multiple_of: Option<Exact>,
    pub(super) minimum: Option<Exact>,
    pub(super) exclusive_minimum: Option<Exact>,
    pub(super) maximum: Option<Exact>,
    pub(super) exclusive_maximum: Option<Exact>,
    pub(super) min_length: Option<i64>,
    pub(super) max_length: Option<i64>,
    pub(super) pattern: Option<(String, Expression)>,
    pub(super) format: String,
    pub(super) min_properties: Option<i64>,
    pub(super) max_properties: Option<i64>,
    pub(super) required: Vec<String>,
    pub(super) min_items: Option<i64>,
    pub(super) max_items: Option<i64>,
    pub(super) unique_items: bool,
    pub(super) contains: Option<Position>,
    /// JSON text.
    pub(super) constant: Option<String>,
    /// JSON texts.
    pub(super) enumeration: Option<Vec<String>>,
    pub(super) one_of: Vec<Position>,
    pub(super) any_of: Vec<Position>,
    pub(super) all_of: Vec<Position>,
    pub(super) not: Option<Position>,
    pub(super) condition: Option<Position>,
    pub(super) then: Option<Position>,
    pub(super) otherwise: Option<Position>,
}
