//! From a schema document to its parts; the first thing that is wrong with it is the error.

use std::collections::BTreeMap;

use regorus::value::Object;

use super::keyword;
use super::reference::{DEEPEST, Pool};
use super::schema::{Additional, Dependency, Part, Position, Schema};
use crate::builtins::call::Value;
use crate::builtins::{order, regex};

/// Most parts of one schema.
const MOST_PARTS: usize = 100_000;

/// Which keywords there are and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Four,
    Six,
    Seven,
    /// No `$schema`: whatever any draft has.
    Hybrid,
}

fn draft_of(document: &Value) -> Result<Option<Draft>, String> {
    let object = match document {
        Value::Object(object) => object,
        Value::Bool(_) => return Ok(None),
        _ => return Err("schema is invalid".to_owned()),
    };
    let url = match object.get(&Value::from("$schema")) {
        None => return Ok(None),
        Some(Value::String(url)) => url,
        Some(_) => return Err("$schema must be of type string".to_owned()),
    };
    Ok(match url.strip_suffix('#').unwrap_or(url) {
        "http://json-schema.org/draft-04/schema" => Some(Draft::Four),
        "http://json-schema.org/draft-06/schema" => Some(Draft::Six),
        "http://json-schema.org/draft-07/schema" => Some(Draft::Seven),
        _ => None,
    })
}

/// # Errors
/// What is wrong with the schema, in upstream's words.
pub(super) fn compile(document: &Value) -> Result<Schema, String> {
    let draft = draft_of(document)?;
    let (pool, root) = Pool::read(document, draft)?;
    let mut compiler = Compiler { pool, schema: Schema::default(), references: BTreeMap::new(), depth: 0 };
    compiler.part(&root, draft.unwrap_or(Draft::Hybrid))?;
    Ok(compiler.schema)
}

pub(super) fn invalid_type(expected: &str, given: &str) -> String {
    format!("Invalid type. Expected: {expected}, given: {given}")
}

pub(super) struct Compiler {
    pool: Pool,
    pub(super) schema: Schema,
    references: BTreeMap<String, Position>,
    depth: usize,
}

impl Compiler {
    /// Compiles one schema; its position.
    pub(super) fn part(&mut self, node: &Value, draft: Draft) -> Result<Position, String> {
        let position = self.reserve()?;
        self.fill(position, node, draft)?;
        Ok(position)
    }

    fn reserve(&mut self) -> Result<Position, String> {
        if self.schema.parts.len() >= MOST_PARTS {
            return Err("schema too large".to_owned());
        }
        self.schema.parts.push(Part::default());
        Ok(self.schema.parts.len() - 1)
    }

    fn put(&mut self, position: Position, part: Part) {
        if let Some(place) = self.schema.parts.get_mut(position) {
            *place = part;
        }
    }

    fn fill(&mut self, position: Position, node: &Value, draft: Draft) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("schema nests too deeply".to_owned());
        }
        let part = match node {
            Value::Bool(pass) if draft >= Draft::Six => Part { pass: Some(*pass), ..Part::default() },
            Value::Object(object) => self.object(object, draft)?,
            _ => return Err("Expected: Valid Schema, given: Invalid JSON".to_owned()),
        };
        self.put(position, part);
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self, object: &Object, draft: Draft) -> Result<Part, String> {
        keyword::string(object, if draft == Draft::Four || (draft == Draft::Hybrid && keyword::has(object, "id")) { "id" } else { "$id" })?;
        self.definitions(object, draft)?;
        keyword::string(object, "title")?;
        keyword::string(object, "description")?;
        if let Some(reference) = keyword::string(object, "$ref")? {
            return Ok(Part { reference: Some(self.reference(&reference)?), ..Part::default() });
        }
        let mut part = Part { types: keyword::types(object)?, ..Part::default() };
        self.properties(object, draft, &mut part)?;
        self.items(object, draft, &mut part)?;
        keyword::constrain(object, draft, &mut part)?;
        if draft >= Draft::Six {
            part.contains = keyword::get(object, "contains").map(|node| self.part(node, draft)).transpose()?;
            part.constant = keyword::get(object, "const").map(keyword::json).transpose()?;
        }
        part.enumeration = keyword::enumeration(object)?;
        part.one_of = self.list(object, "oneOf", draft)?;
        part.any_of = self.list(object, "anyOf", draft)?;
        part.all_of = self.list(object, "allOf", draft)?;
        part.not = self.single(object, "not", draft)?;
        if draft >= Draft::Seven {
            part.condition = self.single(object, "if", draft)?;
            part.then = self.single(object, "then", draft)?;
            part.otherwise = self.single(object, "else", draft)?;
        }
        Ok(part)
    }

    fn definitions(&mut self, object: &Object, draft: Draft) -> Result<(), String> {
        let wrong = || invalid_type("Array Of Schemas", "definitions");
        match keyword::get(object, "definitions") {
            None => Ok(()),
            Some(Value::Object(definitions)) => {
                order::keys(definitions).into_iter().filter_map(|key| definitions.get(key)).try_for_each(|node| match node {
                    Value::Bool(_) | Value::Object(_) => self.part(node, draft).map(|_| ()),
                    _ => Err(wrong()),
                })
            }
            Some(_) => Err(wrong()),
        }
    }

    /// The part that a reference names, compiled once: references may form circles.
    fn reference(&mut self, reference: &str) -> Result<Position, String> {
        if let Some(known) = self.references.get(reference) {
            return Ok(*known);
        }
        let position = self.reserve()?;
        self.references.insert(reference.to_owned(), position);
        let document = self.pool.get(reference)?;
        if !matches!(document.value, Value::Bool(_) | Value::Object(_)) {
            return Err("Valid Schema must be of type object".to_owned());
        }
        self.fill(position, &document.value, document.draft.unwrap_or(Draft::Hybrid))?;
        Ok(position)
    }

    fn properties(&mut self, object: &Object, draft: Draft, part: &mut Part) -> Result<(), String> {
        match keyword::get(object, "properties") {
            None => {}
            Some(Value::Object(properties)) => part.properties = self.members(properties, draft)?,
            Some(_) => return Err("Properties must be of type object".to_owned()),
        }
        part.additional_properties = self.additional(object, "additionalProperties", draft)?;
        match keyword::get(object, "patternProperties") {
            None => {}
            Some(Value::Object(patterns)) => {
                for (pattern, position) in self.members(patterns, draft)? {
                    let compiled = regex::compiled(&pattern).map_err(|_| format!("Invalid regex pattern '{pattern}'"))?;
                    part.pattern_properties.push((compiled, position));
                }
            }
            Some(_) => return Err(invalid_type("Valid Schema", "patternProperties")),
        }
        if draft >= Draft::Six {
            part.property_names = match keyword::get(object, "propertyNames") {
                None => None,
                Some(node @ (Value::Bool(_) | Value::Object(_))) => Some(self.part(node, draft)?),
                Some(_) => return Err(invalid_type("Valid Schema", "patternProperties")),
            };
        }
        self.dependencies(object, draft, part)
    }

    fn members(&mut self, members: &Object, draft: Draft) -> Result<Vec<(String, Position)>, String> {
        order::keys(members)
            .into_iter()
            .filter_map(|key| Some((key.as_string().ok()?.to_string(), members.get(key)?)))
            .map(|(name, node)| Ok((name, self.part(node, draft)?)))
            .collect()
    }

    fn dependencies(&mut self, object: &Object, draft: Draft, part: &mut Part) -> Result<(), String> {
        let dependencies = match keyword::get(object, "dependencies") {
            None => return Ok(()),
            Some(Value::Object(dependencies)) => dependencies,
            Some(_) => return Err("dependencies must be of type object".to_owned()),
        };
        let wrong = || "Dependency must be of type Schema Or Array Of Strings".to_owned();
        for key in order::keys(dependencies) {
            let dependency = match dependencies.get(key) {
                Some(Value::Array(names)) => Dependency::Properties(keyword::texts(names).ok_or_else(wrong)?),
                Some(node @ (Value::Bool(_) | Value::Object(_))) => Dependency::Schema(self.part(node, draft)?),
                _ => return Err(wrong()),
            };
            part.dependencies.push((key.as_string().map(ToString::to_string).unwrap_or_default(), dependency));
        }
        Ok(())
    }

    fn items(&mut self, object: &Object, draft: Draft, part: &mut Part) -> Result<(), String> {
        let wrong = || invalid_type("Valid Schema/Array Of Schemas", "items");
        match keyword::get(object, "items") {
            None => {}
            Some(Value::Array(nodes)) => {
                for node in nodes.iter() {
                    match node {
                        Value::Bool(_) | Value::Object(_) => part.items.push(self.part(node, draft)?),
                        _ => return Err(wrong()),
                    }
                }
            }
            Some(node @ (Value::Bool(_) | Value::Object(_))) => {
                part.items.push(self.part(node, draft)?);
                part.items_alike = true;
            }
            Some(_) => return Err(wrong()),
        }
        part.additional_items = self.additional(object, "additionalItems", draft)?;
        Ok(())
    }

    fn additional(&mut self, object: &Object, name: &str, draft: Draft) -> Result<Additional, String> {
        match keyword::get(object, name) {
            None => Ok(Additional::Unset),
            Some(Value::Bool(allowed)) => Ok(Additional::Allowed(*allowed)),
            Some(node @ Value::Object(_)) => Ok(Additional::Schema(self.part(node, draft)?)),
            Some(_) => Err(invalid_type("boolean/Valid Schema", name)),
        }
    }

    fn list(&mut self, object: &Object, name: &str, draft: Draft) -> Result<Vec<Position>, String> {
        keyword::slice(object, name)?.into_iter().map(|node| self.part(node, draft)).collect()
    }

    fn single(&mut self, object: &Object, name: &str, draft: Draft) -> Result<Option<Position>, String> {
        match keyword::get(object, name) {
            None => Ok(None),
            Some(node @ (Value::Bool(_) | Value::Object(_))) => self.part(node, draft).map(Some),
            Some(_) => Err(format!("{name} must be of an object")),
        }
    }
}
