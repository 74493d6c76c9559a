//! INPUT and `--image`: items to decide about, read as late as possible.

use std::collections::VecDeque;
use std::path::Path;

use vidimus::oci::ImageRef;
use vidimus::{Component, ComponentError, ErrorKind, Evaluation};

use super::documents::{self, Malformed};
use super::files;
use super::lines::Lines;

const KINDS: [&str; 4] = ["json", "yaml", "yml", "jsonl"];

/// Something that holds components.
#[derive(Debug)]
pub(super) enum Item {
    /// A file of documents.
    File(String),
    /// Standard input.
    Stdin,
    /// One line of a `.jsonl` file, and where it stands.
    Line { place: (String, usize), name: String, text: String },
    /// An image alone.
    Image(String),
    /// Something that cannot be decided about.
    Undecided(Box<Evaluation>),
}

/// The items that the command line names, directories and lines drawn out as they are asked for.
#[derive(Debug)]
pub(super) struct Items {
    waiting: VecDeque<Item>,
    lines: Option<Lines>,
}

impl Items {
    pub(super) fn new(inputs: &[String], images: &[String]) -> Self {
        let mut waiting = VecDeque::new();
        for input in inputs {
            match input.as_str() {
                "-" => waiting.push_back(Item::Stdin),
                directory if Path::new(directory).is_dir() => waiting.extend(listed(directory)),
                file => waiting.push_back(Item::File(file.to_owned())),
            }
        }
        waiting.extend(images.iter().cloned().map(Item::Image));
        Self { waiting, lines: None }
    }
}

fn listed(directory: &str) -> Vec<Item> {
    let undecided = |message: String| vec![Item::Undecided(Box::new(invalid(directory, message)))];
    match files::walk(directory) {
        Err(error) => undecided(format!("{error:#}")),
        Ok(names) => {
            let items: Vec<Item> =
                names.into_iter().filter(|name| KINDS.contains(&files::extension(name).as_str())).map(Item::File).collect();
            if items.is_empty() {
                undecided(format!("`{directory}`: no .json, .yaml, .yml or .jsonl file in this directory"))
            } else {
                items
            }
        }
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(lines) = &mut self.lines {
                match lines.next() {
                    Some(item) => return Some(item),
                    None => self.lines = None,
                }
            }
            match self.waiting.pop_front()? {
                Item::File(file) if files::extension(&file) == "jsonl" => match Lines::open(&file) {
                    Ok(lines) => self.lines = Some(lines),
                    Err(error) => return Some(Item::Undecided(Box::new(invalid(&file, format!("cannot read `{file}`: {error}"))))),
                },
                item => return Some(item),
            }
        }
    }

    /// Exact where no `.jsonl` file is among the items, unknown otherwise.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let lined = |item: &Item| matches!(item, Item::File(file) if files::extension(file) == "jsonl");
        let known = self.lines.is_none() && !self.waiting.iter().any(lined);
        (self.waiting.len(), known.then_some(self.waiting.len()))
    }
}

/// The components of an item: more than one where a file holds several documents.
pub(super) fn components(item: Item) -> Vec<Result<Component, Box<Evaluation>>> {
    match item {
        Item::Undecided(evaluation) => vec![Err(evaluation)],
        Item::Image(reference) => vec![image(&reference)],
        Item::Line { place, name, text } => vec![Component::from_json(&name, &text).map_err(|error| {
            let (line, column) = position(&error).unwrap_or((1, 1));
            Box::new(invalid(&name, malformed(&error, (place.1 + line - 1, column)).in_file(&place.0)))
        })],
        Item::Stdin => match files::read_from(&mut std::io::stdin().lock()) {
            Ok(text) => documents("-", &text),
            Err(error) => vec![Err(Box::new(invalid("-", format!("cannot read standard input: {error}"))))],
        },
        Item::File(file) => match files::extension(&file).as_str() {
            "" | "json" | "yaml" | "yml" => match files::read(&file) {
                Ok(text) => documents(&file, &text),
                Err(error) => vec![Err(Box::new(invalid(&file, format!("{error:#}"))))],
            },
            _ => vec![Err(Box::new(invalid(&file, format!("`{file}`: not a .json, .yaml, .yml or .jsonl file"))))],
        },
    }
}

fn image(reference: &str) -> Result<Component, Box<Evaluation>> {
    match reference.parse::<ImageRef>() {
        Ok(image) => Ok(Component::from_image(reference, &image)),
        Err(error) => Err(Box::new(invalid(reference, format!("`{reference}`: {error}")))),
    }
}

/// JSON by its extension, else by its first character; YAML otherwise.
fn documents(file: &str, text: &str) -> Vec<Result<Component, Box<Evaluation>>> {
    let json = match files::extension(file).as_str() {
        "json" => true,
        "yaml" | "yml" => false,
        _ => text.trim_start().starts_with(['{', '[', '"']),
    };
    let named = |number: usize, several: bool| if several { format!("{file}#{number}") } else { file.to_owned() };
    let components = if json { json_documents(text, &named) } else { yaml_documents(text, &named) };
    let mut components = components.unwrap_or_else(|malformed| vec![Err((file.to_owned(), malformed))]);
    if components.is_empty() {
        components.push(Err((file.to_owned(), Malformed { place: None, reason: "no document in this file".to_owned() })));
    }
    let undecided = |(name, malformed): (String, Malformed)| Box::new(invalid(&name, malformed.in_file(file)));
    components.into_iter().map(|component| component.map_err(undecided)).collect()
}

type Documents = Vec<Result<Component, (String, Malformed)>>;

/// One document is parsed once; only a text that goes on behind it is split first.
fn json_documents(text: &str, named: &dyn Fn(usize, bool) -> String) -> Result<Documents, Malformed> {
    let error = match Component::from_json(named(1, false), text) {
        Ok(component) => return Ok(vec![Ok(component)]),
        Err(error) => error,
    };
    let place = position(&error).unwrap_or((1, 1));
    if !matches!(&error, ComponentError::Json { reason, .. } if reason == "trailing characters") {
        return Err(malformed(&error, place));
    }
    let mut components = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>() {
        let name = named(components.len() + 1, true);
        match document {
            Ok(document) => {
                let component = Component::from_json(&name, document.get());
                components.push(component.map_err(|error| (name, Malformed { place: None, reason: error.to_string() })));
            }
            Err(error) => {
                components.push(Err((name, error.into())));
                break;
            }
        }
    }
    Ok(components)
}

fn yaml_documents(text: &str, named: &dyn Fn(usize, bool) -> String) -> Result<Documents, Malformed> {
    let documents = documents::yaml(text)?;
    let several = documents.len() > 1;
    let component = |(number, document)| {
        let name = named(number + 1, several);
        Component::new(&name, document).map_err(|error| (name, Malformed { place: None, reason: error.to_string() }))
    };
    Ok(documents.into_iter().enumerate().map(component).collect())
}

fn position(error: &ComponentError) -> Option<(usize, usize)> {
    match error {
        ComponentError::Json { line, column, .. } if *line > 0 => Some((*line, *column)),
        _ => None,
    }
}

fn malformed(error: &ComponentError, place: (usize, usize)) -> Malformed {
    match error {
        ComponentError::Json { reason, .. } => Malformed { place: Some(place), reason: format!("invalid JSON: {reason}") },
        other => Malformed { place: None, reason: other.to_string() },
    }
}

fn invalid(name: &str, message: String) -> Evaluation {
    Evaluation::undecided(name, ErrorKind::InvalidInput, message)
}
