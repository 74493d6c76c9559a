//! The syntax trees of GraphQL documents. Their serde form, once pruned, is the one that policies see: its names are those of
//! the parser that OPA carries.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

/// Where something stands, in lines and characters from 1; a block string stands where its last line would have it, which may
/// be before that line's beginning. Documents that policies hand over as objects have no positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: i64,
}

/// Comments that stand before something.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CommentGroup {
    pub(super) list: Vec<Comment>,
}

/// One comment, with its `#`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Comment {
    pub(super) value: String,
}

/// Operations and fragments.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct QueryDocument {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: Vec<Fragment>,
    pub(super) comment: Option<CommentGroup>,
}

/// `query`, `mutation` or `subscription`.
#[expect(clippy::struct_field_names, reason = "the name that the serde form has")]
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Operation {
    pub(super) operation: String,
    pub(super) name: String,
    pub(super) variable_definitions: Vec<VariableDefinition>,
    pub(super) directives: Vec<Directive>,
    pub(super) selection_set: Selections,
    #[serde(skip_deserializing)]
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `$name: Type = default`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct VariableDefinition {
    pub(super) variable: String,
    pub(super) r#type: Option<Type>,
    pub(super) default_value: Option<Value>,
    pub(super) directives: Vec<Directive>,
    pub(super) comment: Option<CommentGroup>,
    pub(super) used: bool,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `fragment Name on Type {..}`, with the variables of an old draft.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) variable_definition: Vec<VariableDefinition>,
    pub(super) type_condition: String,
    pub(super) directives: Vec<Directive>,
    pub(super) selection_set: Selections,
    #[serde(skip_deserializing)]
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// What is between braces.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Selections(pub(super) Vec<Selection>);

impl<'de> Deserialize<'de> for Selections {
    /// As OPA's parser reads objects: what can be a field is one, and what can be nothing is left out. Inline fragments and
    /// spreads that came from a syntax tree are hence fields.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<Json>::deserialize(deserializer)?;
        let read = |item: Json| serde_json::from_value(item).ok().map(Selection::Field);
        Ok(Selections(items.into_iter().filter_map(read).collect()))
    }
}

/// One selection.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Selection {
    Field(Field),
    Spread(Spread),
    Inline(Inline),
}

/// `alias: name(arguments) @directives {..}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Field {
    pub(super) alias: String,
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) directives: Vec<Directive>,
    pub(super) selection_set: Selections,
    #[serde(skip_deserializing)]
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `...Name`
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Spread {
    pub(super) name: String,
    pub(super) directives: Vec<Directive>,
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `... on Type {..}`
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Inline {
    pub(super) type_condition: String,
    pub(super) directives: Vec<Directive>,
    pub(super) selection_set: Selections,
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `name: value`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `@name(arguments)`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) location: String,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// What a value is; the numbers are those of the serde form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(super) enum ValueKind {
    #[default]
    Variable,
    Int,
    Float,
    String,
    Block,
    Boolean,
    Null,
    Enum,
    List,
    Object,
}

impl ValueKind {
    const ALL: [ValueKind; 10] = [
        Self::Variable,
        Self::Int,
        Self::Float,
        Self::String,
        Self::Block,
        Self::Boolean,
        Self::Null,
        Self::Enum,
        Self::List,
        Self::Object,
    ];
}

impl From<ValueKind> for u8 {
    fn from(kind: ValueKind) -> u8 {
        kind as u8
    }
}

impl TryFrom<u8> for ValueKind {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::ALL.get(usize::from(number)).copied().ok_or_else(|| format!("unknown value kind {number}"))
    }
}

/// A value as it is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Value {
    pub(super) raw: String,
    pub(super) children: Vec<ChildValue>,
    pub(super) kind: ValueKind,
    pub(super) comment: Option<CommentGroup>,
    pub(super) expected_type_has_default: bool,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// An element of a list (without a name) or a member of an object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ChildValue {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) comment: Option<CommentGroup>,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

/// `Name`, `[Type]`, and either with `!`.
#[expect(clippy::struct_field_names, reason = "the name that the serde form has")]
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Type {
    pub(super) named_type: String,
    pub(super) elem: Option<Box<Type>>,
    pub(super) non_null: bool,
    #[serde(skip)]
    pub(super) position: Option<Position>,
}

impl Type {
    /// The name under all lists; empty where there is none.
    pub(super) fn name(&self) -> &str {
        match &self.elem {
            Some(elem) if self.named_type.is_empty() => elem.name(),
            _ => &self.named_type,
        }
    }

    /// Whether a value of this type may stand where `other` is expected; `other_non_null` in place of its own mark.
    pub(super) fn is_compatible(&self, other: &Type, other_non_null: bool) -> bool {
        if self.named_type != other.named_type {
            return false;
        }
        let inside = match (&self.elem, &other.elem) {
            (Some(one), Some(other)) => one.is_compatible(other, other.non_null),
            (Some(_), None) => false,
            (None, _) => true,
        };
        inside && (!other_non_null || self.non_null)
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.elem {
            Some(elem) if self.named_type.is_empty() => write!(f, "[{elem}]")?,
            _ => f.write_str(&self.named_type)?,
        }
        f.write_str(if self.non_null { "!" } else { "" })
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let separated = |f: &mut std::fmt::Formatter<'_>, named: bool| {
            for (at, child) in self.children.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { "," })?;
                if named {
                    write!(f, "{}:", child.name)?;
                }
                write!(f, "{}", child.value)?;
            }
            Ok(())
        };
        match self.kind {
            ValueKind::Variable => write!(f, "${}", self.raw),
            ValueKind::String | ValueKind::Block => f.write_str(&super::problem::quoted(&self.raw)),
            ValueKind::List => {
                f.write_str("[")?;
                separated(f, false)?;
                f.write_str("]")
            }
            ValueKind::Object => {
                f.write_str("{")?;
                separated(f, true)?;
                f.write_str("}")
            }
            _ => f.write_str(&self.raw),
        }
    }
}
