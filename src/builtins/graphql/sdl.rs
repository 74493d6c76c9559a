//! Schemas from text (October 2021, section 3), read as the parser that OPA carries reads them.

use super::ast::{CommentGroup, Position};
use super::cursor::{Cursor, Parsed, unexpected};
use super::definition::{
    ArgumentDefinition, Definition, DirectiveDefinition, EnumValue, FieldDefinition, Kind as TypeKind, OperationType, SchemaDefinition,
    SchemaDocument,
};
use super::lexer::{Kind, Token};
use super::query::{Variables, directives, operation_type, type_reference, value};

/// Where directives may stand (October 2021, section 3.13).
const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];

/// A description and the comments before it.
#[derive(Debug, Default)]
struct Description {
    token: Option<Token>,
    comment: Option<CommentGroup>,
}

impl Description {
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if !matches!(cursor.kind(), Kind::BlockString | Kind::String) {
            return Ok(Description::default());
        }
        let comment = cursor.comment();
        Ok(Description { token: Some(cursor.advance()?), comment })
    }

    /// Of a member: one that says nothing is none.
    fn of_member(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let read = Self::read(cursor)?;
        Ok(if read.text().is_empty() { Description::default() } else { read })
    }

    fn text(&self) -> String {
        self.token.as_ref().map(|token| token.value.clone()).unwrap_or_default()
    }
}

/// Reads a schema.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn parse(text: &str) -> Parsed<SchemaDocument> {
    let mut cursor = Cursor::new(text)?;
    let mut document = SchemaDocument::default();
    while cursor.kind() != Kind::End {
        let description = Description::read(&mut cursor)?;
        if cursor.kind() != Kind::Name {
            return Err(cursor.unexpected());
        }
        match cursor.text() {
            "schema" => document.schema.push(schema(&mut cursor, description)?),
            "directive" => document.directives.push(directive(&mut cursor, description)?),
            "extend" => match description.token {
                Some(token) if !token.value.is_empty() => return Err(unexpected(&token)),
                _ => extension(&mut cursor, &mut document)?,
            },
            word if type_kind(word).is_some() => document.definitions.push(definition(&mut cursor, description)?),
            _ => return Err(cursor.unexpected()),
        }
    }
    document.comment = cursor.comment();
    Ok(document)
}

fn type_kind(word: &str) -> Option<TypeKind> {
    Some(match word {
        "scalar" => TypeKind::Scalar,
        "type" => TypeKind::Object,
        "interface" => TypeKind::Interface,
        "union" => TypeKind::Union,
        "enum" => TypeKind::Enum,
        "input" => TypeKind::InputObject,
        _ => return None,
    })
}

fn schema(cursor: &mut Cursor<'_>, description: Description) -> Parsed<SchemaDefinition> {
    let after = cursor.keyword("schema")?;
    let mut read = schema_body(cursor)?;
    read.description = description.text();
    read.before_description_comment = description.comment;
    read.after_description_comment = after;
    Ok(read)
}

fn schema_body(cursor: &mut Cursor<'_>) -> Parsed<SchemaDefinition> {
    let position = cursor.position();
    let directives = directives(cursor, Variables::Refused)?;
    let root = |cursor: &mut Cursor<'_>| {
        let (position, comment) = (cursor.position(), cursor.comment());
        let operation = operation_type(cursor)?;
        cursor.expect(Kind::Mark(":"))?;
        Ok(OperationType { operation, r#type: cursor.name()?, comment, position })
    };
    let (operation_types, end_of_definition_comment) = cursor.some("{", "}", root)?;
    Ok(SchemaDefinition { directives, operation_types, end_of_definition_comment, position, ..SchemaDefinition::default() })
}

fn definition(cursor: &mut Cursor<'_>, description: Description) -> Parsed<Definition> {
    let kind = type_kind(cursor.text()).unwrap_or_default();
    let (_, after) = cursor.expect(Kind::Name)?;
    let mut read = body(cursor, kind, true)?;
    read.description = description.text();
    read.before_description_comment = description.comment;
    read.after_description_comment = after;
    Ok(read)
}

/// What stands behind the word that says what a type is.
fn body(cursor: &mut Cursor<'_>, kind: TypeKind, may_implement: bool) -> Parsed<Definition> {
    let mut read = Definition { kind, position: cursor.position(), name: cursor.name()?, ..Definition::default() };
    if may_implement && matches!(kind, TypeKind::Object | TypeKind::Interface) && cursor.text() == "implements" {
        cursor.advance()?;
        read.interfaces = names(cursor, "&")?.0;
    }
    read.directives = directives(cursor, Variables::Refused)?;
    match kind {
        TypeKind::Object | TypeKind::Interface => {
            (read.fields, read.end_of_definition_comment) = cursor.some("{", "}", field)?;
        }
        TypeKind::InputObject => (read.fields, read.end_of_definition_comment) = cursor.some("{", "}", input_field)?,
        TypeKind::Enum => (read.enum_values, read.end_of_definition_comment) = cursor.some("{", "}", enum_value)?,
        TypeKind::Union if cursor.skip("=")? => (read.types, read.type_positions) = names(cursor, "|")?,
        TypeKind::Union | TypeKind::Scalar | TypeKind::Unknown => {}
    }
    Ok(read)
}

/// Names with a mark between them, and perhaps before the first one; and where they stand.
fn names(cursor: &mut Cursor<'_>, mark: &'static str) -> Parsed<(Vec<String>, Vec<Option<Position>>)> {
    cursor.skip(mark)?;
    let mut positions = vec![cursor.position()];
    let mut names = vec![cursor.name()?];
    while cursor.skip(mark)? {
        positions.push(cursor.position());
        names.push(cursor.name()?);
    }
    Ok((names, positions))
}

fn field(cursor: &mut Cursor<'_>) -> Parsed<FieldDefinition> {
    let description = Description::of_member(cursor)?;
    let (position, after_description_comment) = (cursor.position(), cursor.comment());
    let name = cursor.name()?;
    let argument = |cursor: &mut Cursor<'_>| input_field(cursor).map(ArgumentDefinition::from);
    let arguments = cursor.some("(", ")", argument)?.0;
    cursor.expect(Kind::Mark(":"))?;
    let r#type = type_reference(cursor)?;
    Ok(FieldDefinition {
        name,
        arguments,
        r#type,
        directives: directives(cursor, Variables::Refused)?,
        description: description.text(),
        before_description_comment: description.comment,
        after_description_comment,
        position,
        default_value: None,
    })
}

/// `name: Type = default`, of input objects and of arguments.
fn input_field(cursor: &mut Cursor<'_>) -> Parsed<FieldDefinition> {
    let description = Description::of_member(cursor)?;
    let (position, after_description_comment) = (cursor.position(), cursor.comment());
    let name = cursor.name()?;
    cursor.expect(Kind::Mark(":"))?;
    let r#type = type_reference(cursor)?;
    let default_value = if cursor.skip("=")? { Some(value(cursor, Variables::Refused)?) } else { None };
    Ok(FieldDefinition {
        name,
        arguments: Vec::new(),
        r#type,
        default_value,
        directives: directives(cursor, Variables::Refused)?,
        description: description.text(),
        before_description_comment: description.comment,
        after_description_comment,
        position,
    })
}

impl From<FieldDefinition> for ArgumentDefinition {
    fn from(field: FieldDefinition) -> Self {
        ArgumentDefinition {
            description: field.description,
            name: field.name,
            default_value: field.default_value,
            r#type: field.r#type,
            directives: field.directives,
            before_description_comment: field.before_description_comment,
            after_description_comment: field.after_description_comment,
            position: field.position,
        }
    }
}

fn enum_value(cursor: &mut Cursor<'_>) -> Parsed<EnumValue> {
    let description = Description::of_member(cursor)?;
    let (position, after_description_comment) = (cursor.position(), cursor.comment());
    let name = cursor.name()?;
    Ok(EnumValue {
        name,
        directives: directives(cursor, Variables::Refused)?,
        description: description.text(),
        before_description_comment: description.comment,
        after_description_comment,
        position,
    })
}

fn extension(cursor: &mut Cursor<'_>, document: &mut SchemaDocument) -> Parsed<()> {
    let comment = cursor.keyword("extend")?;
    if cursor.text() == "schema" {
        cursor.keyword("schema")?;
        let read = schema_body(cursor)?;
        if read.directives.is_empty() && read.operation_types.is_empty() {
            return Err(cursor.unexpected());
        }
        document.schema_extension.push(SchemaDefinition { after_description_comment: comment, ..read });
        return Ok(());
    }
    let Some(kind) = type_kind(cursor.text()) else { return Err(cursor.unexpected()) };
    cursor.expect(Kind::Name)?;
    let read = body(cursor, kind, kind == TypeKind::Object)?;
    let is_empty = read.interfaces.is_empty()
        && read.directives.is_empty()
        && read.fields.is_empty()
        && read.types.is_empty()
        && read.enum_values.is_empty();
    if is_empty {
        return Err(cursor.unexpected());
    }
    document.extensions.push(Definition { after_description_comment: comment, ..read });
    Ok(())
}

fn directive(cursor: &mut Cursor<'_>, description: Description) -> Parsed<DirectiveDefinition> {
    let after_description_comment = cursor.keyword("directive")?;
    cursor.expect(Kind::Mark("@"))?;
    let position = cursor.position();
    let name = cursor.name()?;
    let argument = |cursor: &mut Cursor<'_>| input_field(cursor).map(ArgumentDefinition::from);
    let arguments = cursor.some("(", ")", argument)?.0;
    let is_repeatable = cursor.kind() == Kind::Name && cursor.text() == "repeatable";
    if is_repeatable {
        cursor.advance()?;
    }
    cursor.keyword("on")?;
    cursor.skip("|")?;
    let mut locations = vec![location(cursor)?];
    while cursor.skip("|")? {
        locations.push(location(cursor)?);
    }
    Ok(DirectiveDefinition {
        description: description.text(),
        name,
        arguments,
        locations,
        is_repeatable,
        before_description_comment: description.comment,
        after_description_comment,
        position,
    })
}

fn location(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let (name, _) = cursor.expect(Kind::Name)?;
    if LOCATIONS.contains(&name.value.as_str()) { Ok(name.value) } else { Err(unexpected(&name)) }
}
