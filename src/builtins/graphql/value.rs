//! The rules of October 2021, sections 5.6 and 5.8, that ask about values.

use std::collections::HashSet;

use super::ast::{Type, Value, ValueKind};
use super::definition::{Definition, Kind, find};
use super::problem::Problem;
use super::schema::Schema;
use super::walk::Walk;

/// What is expected where a value stands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Expected<'a> {
    pub(super) of: Option<&'a Type>,
    pub(super) definition: Option<&'a Definition>,
    pub(super) has_default: bool,
}

impl<'a> Expected<'a> {
    /// By a definition's type and default.
    pub(super) fn by(schema: &'a Schema, of: &'a Type, default: Option<&Value>) -> Self {
        let has_default = default.is_some_and(|default| default.kind != ValueKind::Null);
        Expected { of: Some(of), definition: schema.named_by(of), has_default }
    }
}

impl<'a> Walk<'a> {
    /// Walks a value and what is in it.
    pub(super) fn value(&mut self, value: &'a Value, expected: Expected<'a>) -> Result<(), Problem> {
        self.budget.spend(10)?;
        if value.kind == ValueKind::Variable && self.variable(&value.raw).is_some() {
            self.used.insert(&value.raw);
        }
        if value.kind == ValueKind::Object {
            let fields = expected.definition.map_or(&[][..], |definition| &definition.fields);
            self.budget.spend((fields.len() + 1) * (value.children.len() + 1))?;
            for child in &value.children {
                let by =
                    |field: &'a super::definition::FieldDefinition| Expected::by(self.schema, &field.r#type, field.default_value.as_ref());
                self.value(&child.value, find(fields, &child.name).map_or_else(Expected::default, by))?;
            }
        }
        if value.kind == ValueKind::List {
            let element = expected.of.and_then(|of| of.elem.as_deref());
            let inner =
                element.map_or_else(Expected::default, |of| Expected { of: Some(of), definition: expected.definition, has_default: false });
            for child in &value.children {
                self.value(&child.value, inner)?;
            }
        }
        variable_is_defined(self, value)?;
        unique_members(self, value)?;
        is_of_type(self, value, expected)?;
        variable_fits(self, value, expected)
    }
}

fn variable_is_defined(walk: &mut Walk<'_>, value: &Value) -> Result<(), Problem> {
    match walk.operation {
        Some(operation) if value.kind == ValueKind::Variable && walk.variable(&value.raw).is_none() => {
            let by = if operation.name.is_empty() { String::new() } else { format!(" by operation \"{}\"", operation.name) };
            walk.note(value.position, format!("Variable \"{value}\" is not defined{by}."))
        }
        _ => Ok(()),
    }
}

fn unique_members(walk: &mut Walk<'_>, value: &Value) -> Result<(), Problem> {
    if value.kind != ValueKind::Object {
        return Ok(());
    }
    let mut seen = HashSet::new();
    for member in &value.children {
        if !seen.insert(&member.name) {
            walk.note(member.position, format!("There can be only one input field named \"{}\".", member.name))?;
        }
    }
    Ok(())
}

/// Section 5.6.1.
fn is_of_type(walk: &mut Walk<'_>, value: &Value, expected: Expected<'_>) -> Result<(), Problem> {
    let (Some(of), Some(definition)) = (expected.of, expected.definition) else { return Ok(()) };
    if value.kind == ValueKind::Null {
        return if of.non_null { walk.note(value.position, format!("Expected value of type \"{of}\", found {value}.")) } else { Ok(()) };
    }
    let is_one_of = |names: &[&str]| names.contains(&definition.name.as_str());
    if definition.kind == Kind::Scalar && !is_one_of(&["Int", "Float", "String", "Boolean", "ID"]) {
        return Ok(());
    }
    if !is_readable(value) {
        unexpected(walk, value, (of, definition))?;
    }
    let is_enum = definition.kind == Kind::Enum;
    let fits = match value.kind {
        ValueKind::Variable | ValueKind::Null => true,
        ValueKind::List => of.elem.is_some(),
        ValueKind::Int => is_one_of(&["Int", "Float", "ID"]),
        ValueKind::Float => is_one_of(&["Float"]),
        ValueKind::Boolean => is_one_of(&["Boolean"]),
        ValueKind::String | ValueKind::Block if is_enum => {
            return walk.note(value.position, format!("Enum \"{of}\" cannot represent non-enum value: {value}."));
        }
        ValueKind::String | ValueKind::Block => is_one_of(&["String", "ID"]),
        ValueKind::Enum if is_enum => {
            walk.budget.spend(definition.enum_values.len())?;
            if find(&definition.enum_values, &value.raw).is_none() {
                return walk.note(value.position, format!("Value \"{value}\" does not exist in \"{of}\" enum."));
            }
            true
        }
        ValueKind::Enum => false,
        ValueKind::Object => return is_input(walk, value, definition),
    };
    if fits { Ok(()) } else { unexpected(walk, value, (of, definition)) }
}

/// Whether Go reads all numbers and booleans in a value.
fn is_readable(value: &Value) -> bool {
    match value.kind {
        ValueKind::Int => value.raw.parse::<i64>().is_ok(),
        ValueKind::Float => value.raw.parse::<f64>().is_ok_and(f64::is_finite),
        ValueKind::Boolean => {
            matches!(value.raw.as_str(), "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
        }
        // Members are asked where they stand.
        _ => true,
    }
}

fn unexpected(walk: &mut Walk<'_>, value: &Value, (of, definition): (&Type, &Definition)) -> Result<(), Problem> {
    let message = match of.to_string().as_str() {
        "Int" | "Int!" => {
            let is_large = value.raw.parse::<i128>().is_ok_and(|number| i32::try_from(number).is_err());
            let what = if is_large { "non 32-bit signed integer" } else { "non-integer" };
            format!("Int cannot represent {what} value: {value}")
        }
        "String" | "String!" | "[String]" => format!("String cannot represent a non string value: {value}"),
        "Boolean" | "Boolean!" => format!("Boolean cannot represent a non boolean value: {value}"),
        "Float" | "Float!" => format!("Float cannot represent non numeric value: {value}"),
        "ID" | "ID!" => format!("ID cannot represent a non-string and non-integer value: {value}"),
        name if definition.kind == Kind::Enum => format!("Enum \"{name}\" cannot represent non-enum value: {value}."),
        name => format!("Expected value of type \"{name}\", found {value}."),
    };
    walk.note(value.position, message)
}

/// That an object has the fields that its type asks, and no others.
fn is_input(walk: &mut Walk<'_>, value: &Value, definition: &Definition) -> Result<(), Problem> {
    let name = &definition.name;
    walk.budget.spend((definition.fields.len() + 1) * (value.children.len() + 1))?;
    for field in definition.fields.iter().filter(|field| field.r#type.non_null && field.default_value.is_none()) {
        if find(&value.children, &field.name).is_none() {
            let (field, of) = (&field.name, &field.r#type);
            walk.note(value.position, format!("Field \"{name}.{field}\" of required type \"{of}\" was not provided."))?;
        }
    }
    if Schema::is_one_of(definition) {
        match value.children.as_slice() {
            [one] if one.value.kind == ValueKind::Null => {
                let first = definition.fields.first().map_or("", |field| &field.name);
                walk.note(one.value.position, format!("Field \"{name}.{first}\" must be non-null."))?;
            }
            [_] => {}
            _ => walk.note(value.position, format!("OneOf Input Object \"{name}\" must specify exactly one key."))?,
        }
    }
    for member in value.children.iter().filter(|member| find(&definition.fields, &member.name).is_none()) {
        walk.note(member.position, format!("Field \"{}\" is not defined by type \"{name}\".", member.name))?;
    }
    Ok(())
}

/// Section 5.8.5.
fn variable_fits(walk: &mut Walk<'_>, value: &Value, expected: Expected<'_>) -> Result<(), Problem> {
    if let (ValueKind::Variable, Some(of), Some(variable)) = (value.kind, expected.of, walk.variable(&value.raw)) {
        let has_default = variable.default_value.as_ref().is_some_and(|default| default.kind != ValueKind::Null) || expected.has_default;
        let own = variable.r#type.clone().unwrap_or_default();
        if !own.is_compatible(of, of.non_null && !has_default) {
            let message = format!("Variable \"{value}\" of type \"{own}\" used in position expecting type \"{of}\".");
            walk.note(value.position, message)?;
        }
    }
    let one_of = expected.definition.filter(|definition| value.kind == ValueKind::Object && Schema::is_one_of(definition));
    for child in one_of.iter().flat_map(|_| &value.children).filter(|child| child.value.kind == ValueKind::Variable) {
        let of = walk.variable(&child.value.raw).and_then(|variable| variable.r#type.clone()).filter(|of| !of.non_null);
        if let (Some(of), Some(definition)) = (of, one_of) {
            let must = "but must be non-nullable to be used for OneOf Input Object";
            let message = format!("Variable \"{}\" is of type \"{of}\" {must} \"{}\".", child.value, definition.name);
            walk.note(child.value.position, message)?;
        }
    }
    Ok(())
}
