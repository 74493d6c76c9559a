//! The syntax trees of GraphQL schemas, in the same manner as those of documents.

use serde::{Deserialize, Serialize};

use super::ast::{CommentGroup, Directive, Position, Type, Value};

/// Everything that a schema defines and extends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SchemaDocument {
    pub(super) schema: Vec<SchemaDefinition>,
    pub(super) schema_extension: Vec<SchemaDefinition>,
    pub(super) directives: Vec<DirectiveDefinition>,
    pub(super) definitions: Vec<Definition>,
    pub(super) extensions: Vec<Definition>,
    pub(super) comment: Option<CommentGroup>,
}

/// `schema {..}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SchemaDefinition {
    pub(super) description: String,
    pub(super) directives: Vec<Directive>,
    pub(super) operation_types: Vec<OperationType>,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    pub(super) end_of_definition_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `query: Type`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct OperationType {
    pub(super) operation: String,
    pub(super) r#type: String,
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// What a type is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
    /// A tree that says nothing about it.
    #[default]
    #[serde(rename = "")]
    Unknown,
}

impl Kind {
    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Kind::Enum | Kind::Scalar)
    }

    pub(super) fn is_composite(self) -> bool {
        matches!(self, Kind::Object | Kind::Interface | Kind::Union)
    }

    pub(super) fn is_input(self) -> bool {
        matches!(self, Kind::Scalar | Kind::Enum | Kind::InputObject)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Scalar => "SCALAR",
            Kind::Object => "OBJECT",
            Kind::Interface => "INTERFACE",
            Kind::Union => "UNION",
            Kind::Enum => "ENUM",
            Kind::InputObject => "INPUT_OBJECT",
            Kind::Unknown => "",
        })
    }
}

/// A type or an extension of one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) description: String,
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) interfaces: Vec<String>,
    pub(super) fields: Vec<FieldDefinition>,
    pub(super) types: Vec<String>,
    /// Where each of them stands, if they come from text.
    #[serde(skip)]
    pub(super) type_positions: Vec<Option<Position>>,
    pub(super) enum_values: Vec<EnumValue>,
    pub(super) built_in: bool,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    pub(super) end_of_definition_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// A field of an object, an interface or an input object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct FieldDefinition {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) arguments: Vec<ArgumentDefinition>,
    pub(super) default_value: Option<Value>,
    pub(super) r#type: Type,
    pub(super) directives: Vec<Directive>,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// An argument of a field or a directive.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ArgumentDefinition {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) default_value: Option<Value>,
    pub(super) r#type: Type,
    pub(super) directives: Vec<Directive>,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// A value of an enum.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct EnumValue {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `directive @name on ..`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct DirectiveDefinition {
    pub(super) description: String,
    pub(super) name: String,
    pub(super) arguments: Vec<ArgumentDefinition>,
    pub(super) locations: Vec<String>,
    pub(super) is_repeatable: bool,
    pub(super) before_description_comment: Option<CommentGroup>,
    pub(super) after_description_comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// What has a name in a list.
pub(super) trait Named {
    /// Its name.
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($of:ty),*) => { $(impl Named for $of { fn name(&self) -> &str { &self.name } })* };
}

named!(FieldDefinition, ArgumentDefinition, EnumValue, super::ast::Argument, super::ast::ChildValue, super::ast::Fragment, Directive);

/// The first of this name.
pub(super) fn find<'a, T: Named>(list: &'a [T], name: &str) -> Option<&'a T> {
    list.iter().find(|item| item.name() == name)
}
