//! `Component`: what is decided about, an image or any document, under the name that reports give it.

use std::fmt;

use regorus::Value;

use crate::oci::ImageRef;

/// Deepest nesting of arrays and objects in a document.
const MAX_DEPTH: usize = 128;

/// One thing to decide about: a name, and the document that rules see as `input`.
#[derive(Clone)]
pub struct Component {
    name: String,
    image: Option<String>,
    input: Value,
}

/// Why a document is not a [`Component`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The text is not JSON.
    #[error("invalid JSON: {reason} at line {line} column {column}")]
    Json {
        /// What the parser said.
        reason: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Arrays or objects nest deeper than any policy document does.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
}

impl Component {
    /// A component from a document.
    ///
    /// # Errors
    /// [`ComponentError::Depth`] for a document nested deeper than 128 levels.
    pub fn new(name: impl Into<String>, input: serde_json::Value) -> Result<Self, ComponentError> {
        if deeper_than(&input, MAX_DEPTH) {
            return Err(ComponentError::Depth);
        }
        Ok(Self::from_value(name.into(), Value::from(input)))
    }

    /// A component without a document: rules see `input` as undefined.
    pub fn absent(name: impl Into<String>) -> Self {
        Self::from_value(name.into(), Value::Undefined)
    }

    /// A component from the text of a JSON document.
    ///
    /// # Errors
    /// [`ComponentError::Json`] with the position of what is wrong.
    pub fn from_json(name: impl Into<String>, text: &str) -> Result<Self, ComponentError> {
        let input = Value::from_json_str(text).map_err(|error| malformed(&error))?;
        Ok(Self::from_value(name.into(), input))
    }

    /// The component of an image alone: its input is `{"image": {"ref": ..}}`.
    #[must_use]
    pub fn from_image(reference: &str, image: &ImageRef) -> Self {
        let input = Value::from(serde_json::json!({ "image": { "ref": image.to_string() } }));
        Self { name: reference.to_owned(), image: Some(reference.to_owned()), input }
    }

    pub(crate) fn from_value(name: String, input: Value) -> Self {
        Self { name, image: None, input }
    }

    /// The name in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The image, where the component was given as one.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Keeps the value: a document is shared, not copied.
    pub(crate) fn input(&self) -> Value {
        self.input.clone()
    }
}

/// The document stays out: it may be large, and it may be secret.
impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("name", &self.name).field("image", &self.image).finish_non_exhaustive()
    }
}

fn malformed(error: &anyhow::Error) -> ComponentError {
    let (line, column) = error.downcast_ref().map_or((0, 0), |error: &serde_json::Error| (error.line(), error.column()));
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    ComponentError::Json { reason: reason.to_owned(), line, column }
}

fn deeper_than(value: &serde_json::Value, levels: usize) -> bool {
    let mut children: Box<dyn Iterator<Item = &serde_json::Value>> = match value {
        serde_json::Value::Array(items) => Box::new(items.iter()),
        serde_json::Value::Object(members) => Box::new(members.values()),
        _ => return false,
    };
    levels == 0 || children.any(|child| deeper_than(child, levels - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> serde_json::Value {
        (0..levels).fold(serde_json::Value::Null, |inner, _| serde_json::Value::Array(vec![inner]))
    }

    #[test]
    fn depth_is_bounded_for_values_and_for_text() {
        assert!(Component::new("a", nested(MAX_DEPTH)).is_ok());
        assert_eq!(Component::new("a", nested(MAX_DEPTH + 1)).unwrap_err(), ComponentError::Depth);
        let deep = "[".repeat(100_000);
        assert!(Component::from_json("a", &deep).unwrap_err().to_string().contains("recursion limit exceeded"));
    }

    #[test]
    fn bad_json_is_located() {
        let error = Component::from_json("a", "{\n  \"a\": ,\n}").unwrap_err();
        assert!(error.to_string().contains("line 2 column 8"), "{error}");
    }

    #[test]
    fn an_image_is_its_own_input() {
        let text = format!("registry.example/ab:v1@sha256:{}", "0".repeat(64));
        let component = Component::from_image(&text, &text.parse().unwrap());
        assert_eq!(component.image(), Some(text.as_str()));
        assert_eq!(component.name(), text);
    }
}
