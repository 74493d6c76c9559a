//! YAML, with the readings that OPA gives plain scalars, and merge keys.

mod emit;
mod scalar;
mod tab;

use std::collections::HashMap;

use regorus::value::Object;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[
    ("yaml.is_valid", Availability::Pure(is_valid)),
    ("yaml.marshal", Availability::Pure(|operands| emit::emit(operand::any(operands, 1)).map(Value::from))),
    ("yaml.unmarshal", Availability::Pure(|operands| read(operand::string(operands, 1)?).map_err(Fault::Failed))),
];

/// Deepest nesting that is read.
const DEEPEST: usize = 500;
/// Most values of one document, those that aliases repeat included.
const MOST_VALUES: usize = 1_000_000;

/// The one document of a text, which OPA reads as JSON.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn document(text: &str) -> Result<serde_json::Value, String> {
    serde_json::to_value(read(text)?).map_err(|error| error.to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    Ok(Value::from(operand::string(operands, 1).is_ok_and(|text| read(text).is_ok())))
}

/// The first document; the others must be well formed too.
pub(super) fn read(text: &str) -> Result<Value, String> {
    if text.contains('\t') { tab::read(text) } else { read_events(text, |_, _| ()).map_err(|trouble| trouble.message) }
}

/// Why a text is not read, and where the parser says so, in characters.
#[derive(Debug)]
struct Trouble {
    message: String,
    at: Option<usize>,
}

/// Reads a text; `seen` is told each event and where it stands, in characters.
fn read_events(text: &str, mut seen: impl FnMut(&Event<'_>, (usize, usize))) -> Result<Value, Trouble> {
    let mut composer = Composer::default();
    let mut first = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Trouble { message: format!("yaml: {error}"), at: Some(error.marker().index()) })?;
        seen(&event, (span.start.index(), span.end.index()));
        let document = composer.event(event).map_err(|why| {
            // What JSON lacks is not the text's fault.
            let is_whole = why.starts_with("json: ") || why.starts_with("yaml: ");
            Trouble { message: if is_whole { why } else { format!("yaml: line {}: {why}", span.start.line()) }, at: None }
        })?;
        first = first.or(document);
    }
    Ok(first.map_or(Value::Null, |node| node.value))
}

/// A value, how many values it holds, and whether it is the key that merges.
#[derive(Debug, Clone)]
struct Node {
    value: Value,
    size: usize,
    merges: bool,
}

/// A collection that has not ended yet.
#[derive(Debug)]
enum Open {
    Sequence { anchor: usize, elements: Vec<Node> },
    Mapping { anchor: usize, key: Option<Node>, members: Vec<(Node, Node)> },
}

#[derive(Debug, Default)]
struct Composer {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    finished: Option<Node>,
}

impl Composer {
    /// Takes an event; gives the document when one ends.
    fn event(&mut self, event: Event<'_>) -> Result<Option<Node>, String> {
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::DocumentEnd => return Ok(Some(self.finished.take().unwrap_or(Node { value: Value::Null, size: 1, merges: false }))),
            Event::Scalar(text, style, anchor, tag) => {
                let node = scalar(&text, style, tag.as_deref())?;
                self.put(node, anchor)?;
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or("unknown anchor")?;
                self.put(node, 0)?;
            }
            Event::SequenceStart(anchor, _) => self.open(Open::Sequence { anchor, elements: Vec::new() })?,
            Event::MappingStart(anchor, _) => self.open(Open::Mapping { anchor, key: None, members: Vec::new() })?,
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
        Ok(None)
    }

    fn open(&mut self, open: Open) -> Result<(), String> {
        if self.open.len() >= DEEPEST {
            return Err("exceeded max depth".to_owned());
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let (node, anchor) = match self.open.pop() {
            Some(Open::Sequence { anchor, elements }) => {
                let size = 1 + elements.iter().map(|element| element.size).sum::<usize>();
                (
                    Node { value: Value::from(elements.into_iter().map(|element| element.value).collect::<Vec<_>>()), size, merges: false },
                    anchor,
                )
            }
            Some(Open::Mapping { anchor, members, .. }) => (mapping(members)?, anchor),
            None => return Err("unexpected end".to_owned()),
        };
        self.put(node, anchor)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        if node.size > MOST_VALUES {
            return Err("document contains excessive aliasing".to_owned());
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.finished = Some(node),
            Some(Open::Sequence { elements, .. }) => elements.push(node),
            Some(Open::Mapping { key, members, .. }) => match key.take() {
                None => *key = Some(node),
                Some(key) => members.push((key, node)),
            },
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Node, String> {
    let kind = tag.map(|tag| if tag.is_yaml_core_schema() { tag.suffix.as_str() } else { "" });
    let plain = style == ScalarStyle::Plain;
    let value = match kind {
        None | Some("timestamp") if !plain => Value::from(text),
        None | Some("int" | "float" | "bool" | "null") => scalar::resolve(text)?,
        Some("binary") => super::encoding::from_standard(text)
            .map(|bytes| super::encoding::text(&bytes))
            .map_err(|_| "!!binary value contains invalid base64 data")?,
        Some(_) => Value::from(text),
    };
    Ok(Node { value, size: 1, merges: plain && tag.is_none() && text == "<<" })
}

/// Later members win over earlier ones, and all of them over what is merged.
fn mapping(members: Vec<(Node, Node)>) -> Result<Node, String> {
    let size = 1 + members.iter().map(|(key, value)| key.size + value.size).sum::<usize>();
    let (mut object, mut merged) = (Object::new(), Vec::new());
    for (key, node) in members {
        if key.merges {
            match node.value {
                Value::Array(sources) => merged.extend(sources.iter().cloned()),
                source => merged.push(source),
            }
            continue;
        }
        object.insert(Value::from(scalar::key(&key.value)?), node.value);
    }
    for source in merged {
        let Value::Object(source) = source else { return Err("yaml: map merge requires map or sequence of maps as the value".to_owned()) };
        for (key, value) in source.iter() {
            if !object.contains_key(key) {
                object.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(Node { value: object.into_value(), size, merges: false })
}
