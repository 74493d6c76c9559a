//! `$ref` and `$id`: which documents a schema holds under which names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::builtins::call::Value;
use crate::builtins::{json_paths, json_text};

use super::compile::Draft;

/// A document that references may name.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) value: Value,
    pub(super) draft: Option<Draft>,
}

/// The documents of one schema by name; the whole is the one without a name.
#[derive(Debug, Default)]
pub(super) struct Pool {
    documents: BTreeMap<String, Document>,
}

/// The schemas of schemas, which references may name without anything being fetched.
static METASCHEMAS: LazyLock<Pool> = LazyLock::new(|| {
    let texts = [
        (include_str!("metaschema/draft-04.json"), Draft::Four),
        (include_str!("metaschema/draft-06.json"), Draft::Six),
        (include_str!("metaschema/draft-07.json"), Draft::Seven),
    ];
    let mut all = Pool::default();
    for (text, draft) in texts {
        let pool = json_text::parse(text).and_then(|root| Pool::read(&root, Some(draft)));
        all.documents.extend(pool.map(|(pool, _)| pool.documents).unwrap_or_default());
    }
    all
});

/// Deepest nesting of a schema.
pub(super) const DEEPEST: usize = 200;

impl Pool {
    /// Makes every `$ref` absolute and remembers every `$id`.
    pub(super) fn read(root: &Value, draft: Option<Draft>) -> Result<(Self, Value), String> {
        let mut pool = Pool::default();
        let absolute = pool.absolute(root, "", (draft, 0))?;
        pool.documents.insert(String::new(), Document { value: absolute.clone(), draft });
        Ok((pool, absolute))
    }

    fn absolute(&mut self, value: &Value, base: &str, (draft, depth): (Option<Draft>, usize)) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("schema nests too deeply".to_owned());
        }
        match value {
            Value::Array(array) => {
                let elements = array.iter().map(|element| self.absolute(element, base, (draft, depth + 1)));
                Ok(Value::from(elements.collect::<Result<Vec<_>, _>>()?))
            }
            Value::Object(object) => self.object(object, base, (draft, depth)),
            scalar => Ok(scalar.clone()),
        }
    }

    fn object(&mut self, object: &regorus::value::Object, base: &str, (draft, depth): (Option<Draft>, usize)) -> Result<Value, String> {
        let text = |name: &str| object.get(&Value::from(name)).and_then(|value| value.as_string().ok().cloned());
        let id = if object.contains_key(&Value::from("id")) { text("id") } else { text("$id") };
        let base = id.as_deref().map_or_else(|| base.to_owned(), |id| resolve(base, id));
        if id.is_some() && self.documents.contains_key(&base) {
            return Err(format!("Reference already exists: \"{base}\""));
        }
        let mut out = regorus::value::Object::new();
        for (key, member) in object.iter() {
            let name = key.as_string().map_or("", |name| name.as_ref());
            let member = match (name, member) {
                ("const" | "enum", member) => member.clone(),
                ("$ref", Value::String(reference)) => Value::from(resolve(&base, reference)),
                ("properties" | "dependencies" | "patternProperties", Value::Object(members)) => {
                    let mut children = regorus::value::Object::new();
                    for (key, child) in members.iter() {
                        children.insert(key.clone(), self.absolute(child, &base, (draft, depth + 1))?);
                    }
                    children.into_value()
                }
                (_, member) => self.absolute(member, &base, (draft, depth + 1))?,
            };
            out.insert(key.clone(), member);
        }
        let value = out.into_value();
        if id.is_some() {
            self.documents.insert(base, Document { value: value.clone(), draft });
        }
        Ok(value)
    }

    /// The document that an absolute reference names.
    pub(super) fn get(&self, reference: &str) -> Result<Document, String> {
        if let Some(document) = self.documents.get(reference) {
            return Ok(document.clone());
        }
        let (name, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let metaschema = || METASCHEMAS.documents.get(name).filter(|_| !name.is_empty());
        let Some(document) = self.documents.get(name).or_else(metaschema) else {
            if name.contains("://") {
                return Err(format!("remote reference loading disabled: {reference}"));
            }
            return Err(format!("Reference {reference} must be canonical"));
        };
        let value = pointed(&document.value, pointer)?;
        Ok(Document { value, draft: document.draft })
    }
}

/// What a JSON pointer points at.
fn pointed(value: &Value, pointer: &str) -> Result<Value, String> {
    let pointer = percent_decoded(pointer);
    if pointer.is_empty() {
        return Ok(value.clone());
    }
    let Some(path) = pointer.strip_prefix('/') else { return Err("JSON pointer must be empty or start with a \"/\"".to_owned()) };
    let mut value = value;
    for token in path.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        let key = match value {
            Value::Array(_) => token.parse::<u64>().map(Value::from).map_err(|_| format!("Invalid array index '{token}'"))?,
            Value::Object(_) => Value::from(token.as_str()),
            _ => return Err(format!("Invalid token reference '{token}'")),
        };
        value = json_paths::child(value, &key).ok_or_else(|| match value {
            Value::Array(array) => format!("Out of bound array[0,{}] index '{token}'", array.len()),
            _ => format!("Object has no key '{token}'"),
        })?;
    }
    Ok(value.clone())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match after.get(..2).filter(|_| *first == b'%').and_then(|digits| hex::decode(digits).ok()) {
            Some(decoded) => {
                bytes.extend(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A reference seen from a base.
fn resolve(base: &str, reference: &str) -> String {
    let stem = base.split('#').next().unwrap_or_default();
    if reference.starts_with('#') || reference.is_empty() {
        return without_empty_fragment(&format!("{stem}{reference}"));
    }
    let joined = url::Url::parse(stem).ok().and_then(|base| base.join(reference).ok()).map(String::from);
    without_empty_fragment(&joined.unwrap_or_else(|| reference.to_owned()))
}

fn without_empty_fragment(reference: &str) -> String {
    reference.strip_suffix('#').unwrap_or(reference).to_owned()
}
