//! The YAML of a `# METADATA` block, read as OPA reads it: known members by their types, others ignored.

use std::collections::BTreeMap;

use yaml_serde::Value;

use crate::rego::ast::Json;

/// What is wrong with a block.
pub(super) struct Wrong {
    /// In which of its lines, from 1; 0 if no line is known.
    pub(super) line: usize,
    pub(super) message: String,
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Self { line: 0, message: message.into() }
    }
}

type Members = BTreeMap<String, Json>;

/// The members of a block as OPA shows them. `path` reads a reference.
pub(super) fn annotation(text: &str, path: impl Fn(&str) -> Option<Vec<String>>) -> Result<Members, Wrong> {
    let value: Value = yaml_serde::from_str(text)
        .map_err(|error| Wrong { line: error.location().map_or(0, |location| location.line()), message: format!("yaml: {error}") })?;
    let reader = Reader { text };
    let Value::Mapping(mapping) = value else {
        return if value.is_null() {
            Ok(Members::new())
        } else {
            Err(Wrong::new("yaml: cannot unmarshal into annotations: a mapping is expected"))
        };
    };
    let mut members = Members::new();
    for (key, value) in &mapping {
        let Some(key) = key.as_str() else { continue };
        let read = match key {
            "scope" | "title" | "description" => Reader::text(key, value)?,
            "entrypoint" => match value {
                Value::Bool(true) => Some(Json::Boolean(true)),
                Value::Bool(false) | Value::Null => None,
                _ => return Err(Wrong::new("yaml: cannot unmarshal `entrypoint` into bool")),
            },
            "organizations" => {
                Reader::each(key, value, |item| Reader::text(key, item).map(|text| text.unwrap_or(Json::String(String::new()))))?
            }
            "related_resources" => Reader::each(key, value, Reader::resource)?,
            "authors" => Reader::each(key, value, Reader::author)?,
            "schemas" => Reader::each(key, value, |item| reader.schema(item, &path))?,
            "custom" | "labels" => match value {
                Value::Null => None,
                Value::Mapping(mapping) if mapping.is_empty() => None,
                Value::Mapping(_) => Some(reader.json(value)?),
                _ => return Err(Wrong::new(format!("yaml: cannot unmarshal `{key}` into a mapping"))),
            },
            _ => None,
        };
        if let Some(read) = read {
            members.insert(key.to_owned(), read);
        }
    }
    Ok(members)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    /// A scalar as text; empty is absent.
    fn text(key: &str, value: &Value) -> Result<Option<Json>, Wrong> {
        let text = match value {
            Value::Null => return Ok(None),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(Wrong::new(format!("yaml: cannot unmarshal `{key}` into string"))),
        };
        Ok(if text.is_empty() { None } else { Some(Json::String(text)) })
    }

    fn each(key: &str, value: &Value, read: impl Fn(&Value) -> Result<Json, Wrong>) -> Result<Option<Json>, Wrong> {
        match value {
            Value::Null => Ok(None),
            Value::Sequence(items) if items.is_empty() => Ok(None),
            Value::Sequence(items) => Ok(Some(Json::Array(items.iter().map(read).collect::<Result<_, _>>()?))),
            _ => Err(Wrong::new(format!("yaml: cannot unmarshal `{key}` into a list"))),
        }
    }

    fn resource(value: &Value) -> Result<Json, Wrong> {
        let (address, description) = match value {
            Value::String(text) if text.is_empty() => return Err(Wrong::new("ref URL may not be empty string")),
            Value::String(text) => (text.as_str(), ""),
            Value::Mapping(_) => (member(value, "ref"), member(value, "description")),
            _ => return Err(Wrong::new("invalid related-resource definition: invalid value type, must be string or map")),
        };
        if address.is_empty() {
            return Err(Wrong::new("invalid related-resource definition: 'ref' value required in object"));
        }
        Ok(object([("ref", address.replace(' ', "%20").as_str()), ("description", description)]))
    }

    fn author(value: &Value) -> Result<Json, Wrong> {
        match value {
            Value::String(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let Some((last, rest)) = words.split_last() else {
                    return Err(Wrong::new("invalid author definition: author is an empty string"));
                };
                match last.strip_prefix('<').and_then(|last| last.strip_suffix('>')) {
                    Some(email) => Ok(author(&rest.join(" "), email)),
                    None => Ok(author(&words.join(" "), "")),
                }
            }
            Value::Mapping(_) => {
                let (name, email) = (member(value, "name"), member(value, "email"));
                if name.is_empty() && email.is_empty() {
                    return Err(Wrong::new("invalid author definition: 'name' and/or 'email' values required in object"));
                }
                Ok(author(name, email))
            }
            _ => Err(Wrong::new("invalid author definition: invalid value type, must be string or map")),
        }
    }

    fn schema(&self, value: &Value, path: impl Fn(&str) -> Option<Vec<String>>) -> Result<Json, Wrong> {
        let pair = value.as_mapping().and_then(|mapping| mapping.iter().next());
        let Some((Value::String(document), schema)) = pair else {
            return Err(Wrong::new("invalid document reference"));
        };
        let names = |names: Vec<String>| Json::Array(names.into_iter().map(Json::String).collect());
        let document = path(document).ok_or_else(|| Wrong::new("invalid document reference"))?;
        let mut members = Members::from([("path".to_owned(), names(document))]);
        match schema {
            Value::String(text) => {
                let schema = path(text).filter(|names| names.first().is_some_and(|first| first == "schema"));
                let schema = schema.ok_or_else(|| Wrong::new("invalid schema reference"))?;
                members.insert("schema".to_owned(), names(schema));
            }
            Value::Mapping(_) => {
                members.insert("definition".to_owned(), self.json(schema)?);
            }
            _ => return Err(Wrong::new("invalid schema declaration")),
        }
        Ok(Json::Object(members))
    }

    fn json(&self, value: &Value) -> Result<Json, Wrong> {
        Ok(match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Boolean(*value),
            Value::Number(number) => Json::Number(number.to_string()),
            Value::String(text) => Json::String(self.date(text)),
            Value::Sequence(items) => Json::Array(items.iter().map(|item| self.json(item)).collect::<Result<_, _>>()?),
            Value::Mapping(mapping) => {
                let mut members = Members::new();
                for (key, value) in mapping {
                    let key = key.as_str().ok_or_else(|| Wrong::new("invalid map key type(s)"))?;
                    members.insert(key.to_owned(), self.json(value)?);
                }
                Json::Object(members)
            }
            Value::Tagged(tagged) => self.json(&tagged.value)?,
        })
    }

    /// A plain `2020-01-01` is a time for OPA's YAML reader, which shows it with its hours; a quoted one is a string.
    fn date(&self, text: &str) -> String {
        let is_date = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
        let quoted = || ['"', '\''].iter().any(|quote| self.text.contains(&format!("{quote}{text}{quote}")));
        if is_date && !quoted() { format!("{text}T00:00:00Z") } else { text.to_owned() }
    }
}

fn member<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default().trim()
}

fn author(name: &str, email: &str) -> Json {
    let Json::Object(mut members) = object([("email", email), ("name", name)]) else { return Json::Null };
    if email.is_empty() || !name.is_empty() {
        members.insert("name".to_owned(), Json::String(name.to_owned()));
    }
    Json::Object(members)
}

/// An object of the members that are not empty.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> Json {
    let members = members.into_iter().filter(|member| !member.1.is_empty());
    Json::Object(members.map(|(key, value)| (key.to_owned(), Json::String(value.to_owned()))).collect())
}
