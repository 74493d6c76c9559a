//! Documents of operations and fragments from text (October 2021, section 2), read as the parser that OPA carries reads them.

use super::ast::{
    Argument, ChildValue, Directive, Field, Fragment, Inline, Operation, QueryDocument, Selection, Selections, Spread, Type, Value,
    ValueKind, VariableDefinition,
};
use super::cursor::{Cursor, Parsed};
use super::lexer::Kind;

/// Whether variables may stand for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    Allowed,
    Refused,
}

/// Reads a document.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn parse(text: &str) -> Parsed<QueryDocument> {
    let mut cursor = Cursor::new(text)?;
    let mut document = QueryDocument::default();
    while cursor.kind() != Kind::End {
        match (cursor.kind(), cursor.text()) {
            (Kind::Name, "query" | "mutation" | "subscription") | (Kind::Mark("{"), _) => document.operations.push(operation(&mut cursor)?),
            (Kind::Name, "fragment") => document.fragments.push(fragment_definition(&mut cursor)?),
            _ => return Err(cursor.unexpected()),
        }
    }
    Ok(document)
}

fn operation(cursor: &mut Cursor<'_>) -> Parsed<Operation> {
    let position = cursor.position();
    if cursor.kind() == Kind::Mark("{") {
        let selection_set = selections(cursor)?;
        return Ok(Operation { operation: "query".to_owned(), selection_set, position, ..Operation::default() });
    }
    let comment = cursor.comment();
    let operation = operation_type(cursor)?;
    let name = if cursor.kind() == Kind::Name { cursor.advance()?.value } else { String::new() };
    let variable_definitions = variables(cursor)?;
    let directives = directives(cursor, Variables::Allowed)?;
    Ok(Operation { operation, name, variable_definitions, directives, selection_set: selections(cursor)?, comment, position })
}

/// `query`, `mutation` or `subscription`.
pub(super) fn operation_type(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let token = cursor.advance()?;
    match token.value.as_str() {
        "query" | "mutation" | "subscription" => Ok(token.value),
        _ => Err(super::cursor::unexpected(&token)),
    }
}

fn variables(cursor: &mut Cursor<'_>) -> Parsed<Vec<VariableDefinition>> {
    let definition = |cursor: &mut Cursor<'_>| {
        let (position, comment) = (cursor.position(), cursor.comment());
        let variable = variable(cursor)?;
        cursor.expect(Kind::Mark(":"))?;
        let r#type = Some(type_reference(cursor)?);
        let default_value = if cursor.skip("=")? { Some(value(cursor, Variables::Refused)?) } else { None };
        let directives = directives(cursor, Variables::Allowed)?;
        Ok(VariableDefinition { variable, r#type, default_value, directives, comment, used: false, position })
    };
    Ok(cursor.some("(", ")", definition)?.0)
}

fn variable(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.expect(Kind::Mark("$"))?;
    cursor.name()
}

fn selections(cursor: &mut Cursor<'_>) -> Parsed<Selections> {
    if cursor.kind() != Kind::Mark("{") {
        return Err(cursor.problem(format!("Expected {{, found {}", cursor.kind())));
    }
    cursor.deeper(|cursor| Ok(Selections(cursor.some("{", "}", selection)?.0)))
}

fn selection(cursor: &mut Cursor<'_>) -> Parsed<Selection> {
    if cursor.kind() == Kind::Mark("...") {
        return fragment(cursor);
    }
    let (position, comment) = (cursor.position(), cursor.comment());
    let alias = cursor.name()?;
    let name = if cursor.skip(":")? { cursor.name()? } else { alias.clone() };
    let arguments = arguments(cursor, Variables::Allowed)?;
    let directives = directives(cursor, Variables::Allowed)?;
    let selection_set = if cursor.kind() == Kind::Mark("{") { selections(cursor)? } else { Selections::default() };
    Ok(Selection::Field(Field { alias, name, arguments, directives, selection_set, comment, position }))
}

/// `...Name` or `... on Type {..}`
fn fragment(cursor: &mut Cursor<'_>) -> Parsed<Selection> {
    let (_, comment) = cursor.expect(Kind::Mark("..."))?;
    let position = cursor.position();
    if cursor.kind() == Kind::Name && cursor.text() != "on" {
        let name = cursor.name()?;
        return Ok(Selection::Spread(Spread { name, directives: directives(cursor, Variables::Allowed)?, comment, position }));
    }
    let mut type_condition = String::new();
    if cursor.text() == "on" {
        cursor.advance()?;
        type_condition = cursor.name()?;
    }
    let directives = directives(cursor, Variables::Allowed)?;
    Ok(Selection::Inline(Inline { type_condition, directives, selection_set: selections(cursor)?, comment, position }))
}

fn fragment_definition(cursor: &mut Cursor<'_>) -> Parsed<Fragment> {
    let (position, comment) = (cursor.position(), cursor.comment());
    cursor.keyword("fragment")?;
    if cursor.text() == "on" {
        return Err(cursor.unexpected());
    }
    let name = cursor.name()?;
    let variable_definition = variables(cursor)?;
    cursor.keyword("on")?;
    let type_condition = cursor.name()?;
    let directives = directives(cursor, Variables::Allowed)?;
    Ok(Fragment { name, variable_definition, type_condition, directives, selection_set: selections(cursor)?, comment, position })
}

fn arguments(cursor: &mut Cursor<'_>, variables: Variables) -> Parsed<Vec<Argument>> {
    let argument = |cursor: &mut Cursor<'_>| {
        let (position, comment) = (cursor.position(), cursor.comment());
        let name = cursor.name()?;
        cursor.expect(Kind::Mark(":"))?;
        Ok(Argument { name, value: value(cursor, variables)?, comment, position })
    };
    Ok(cursor.some("(", ")", argument)?.0)
}

/// `@name(..)`, any number of them.
pub(super) fn directives(cursor: &mut Cursor<'_>, variables: Variables) -> Parsed<Vec<Directive>> {
    let mut directives = Vec::new();
    while cursor.skip("@")? {
        let position = cursor.position();
        let name = cursor.name()?;
        directives.push(Directive { name, arguments: arguments(cursor, variables)?, location: String::new(), position });
    }
    Ok(directives)
}

/// `Name`, `[Type]`, and either with `!`.
pub(super) fn type_reference(cursor: &mut Cursor<'_>) -> Parsed<Type> {
    let mut read = Type::default();
    if cursor.skip("[")? {
        read.position = cursor.position();
        read.elem = Some(Box::new(cursor.deeper(type_reference)?));
        cursor.expect(Kind::Mark("]"))?;
    } else {
        read.position = cursor.position();
        read.named_type = cursor.name()?;
    }
    read.non_null = cursor.skip("!")?;
    Ok(read)
}

/// A value. Comments stay only with lists and objects.
pub(super) fn value(cursor: &mut Cursor<'_>, variables: Variables) -> Parsed<Value> {
    let position = cursor.position();
    let kind = match (cursor.kind(), cursor.text()) {
        (Kind::Mark("["), _) => {
            let comment = cursor.comment();
            let element = |cursor: &mut Cursor<'_>| Ok(ChildValue { value: value(cursor, variables)?, ..ChildValue::default() });
            let children = cursor.deeper(|cursor| cursor.any("[", "]", element))?;
            return Ok(Value { kind: ValueKind::List, children, comment, position, ..Value::default() });
        }
        (Kind::Mark("{"), _) => {
            let comment = cursor.comment();
            let children = cursor.deeper(|cursor| cursor.any("{", "}", |cursor| member(cursor, variables)))?;
            return Ok(Value { kind: ValueKind::Object, children, comment, position, ..Value::default() });
        }
        (Kind::Mark("$"), _) if variables == Variables::Allowed => {
            return Ok(Value { kind: ValueKind::Variable, raw: variable(cursor)?, position, ..Value::default() });
        }
        (Kind::Int, _) => ValueKind::Int,
        (Kind::Float, _) => ValueKind::Float,
        (Kind::String, _) => ValueKind::String,
        (Kind::BlockString, _) => ValueKind::Block,
        (Kind::Name, "true" | "false") => ValueKind::Boolean,
        (Kind::Name, "null") => ValueKind::Null,
        (Kind::Name, _) => ValueKind::Enum,
        _ => return Err(cursor.unexpected()),
    };
    Ok(Value { kind, raw: cursor.advance()?.value, position, ..Value::default() })
}

fn member(cursor: &mut Cursor<'_>, variables: Variables) -> Parsed<ChildValue> {
    let (position, comment) = (cursor.position(), cursor.comment());
    let name = cursor.name()?;
    cursor.expect(Kind::Mark(":"))?;
    Ok(ChildValue { name, value: value(cursor, variables)?, comment, position })
}
