//! The rules of October 2021, sections 5.3, 5.4 and 5.7, that ask about one field or one directive.

use std::collections::HashSet;

use super::ast::{Argument, Directive, Field, Position, Selection, Selections};
use super::definition::{ArgumentDefinition, find};
use super::problem::Problem;
use super::walk::{Meaning, Walk};

/// Most lists of types within lists of types that an introspection may ask for.
const MOST_LISTS: usize = 3;

/// Holds one field to the rules.
pub(super) fn rules(walk: &mut Walk<'_>, field: &Field, (parent, definition): Meaning<'_>) -> Result<(), Problem> {
    let (name, position) = (&field.name, field.position);
    if let (Some(parent), None) = (parent, definition) {
        walk.note(position, format!("Cannot query field \"{name}\" on type \"{}\".", parent.name))?;
    }
    if let (Some(parent), Some(definition)) = (parent, definition) {
        for argument in unknown(&field.arguments, &definition.arguments) {
            walk.note(position, format!("Unknown argument \"{}\" on field \"{}.{name}\".", argument.name, parent.name))?;
        }
    }
    if name == "__schema" || name == "__type" {
        let is_deep = lists_too_deep(walk, &field.selection_set, (&mut HashSet::new(), 0))?;
        if is_deep {
            walk.note(position, "Maximum introspection depth exceeded".to_owned())?;
        }
    }
    if let Some(definition) = definition {
        for missing in missing(&field.arguments, &definition.arguments) {
            let (argument, of) = (&missing.name, &missing.r#type);
            walk.note(
                position,
                format!("Field \"{name}\" argument \"{argument}\" of type \"{of}\" is required, but it was not provided."),
            )?;
        }
        if let Some(of) = walk.schema.named_by(&definition.r#type) {
            let is_empty = field.selection_set.0.is_empty();
            if of.kind.is_leaf() && !is_empty {
                walk.note(position, format!("Field \"{name}\" must not have a selection since type \"{}\" has no subfields.", of.name))?;
            }
            if !of.kind.is_leaf() && is_empty {
                let of = &definition.r#type;
                let suggested = format!("Did you mean \"{name} {{ ... }}\"?");
                walk.note(position, format!("Field \"{name}\" of type \"{of}\" must have a selection of subfields. {suggested}"))?;
            }
        }
    }
    unique(walk, &field.arguments)
}

/// Holds one directive of a document to the rules.
pub(super) fn directive_rules(walk: &mut Walk<'_>, directive: &Directive, location: &str) -> Result<(), Problem> {
    let (name, position) = (&directive.name, directive.position);
    match walk.schema.directives.get(name) {
        None => walk.note(position, format!("Unknown directive \"@{name}\"."))?,
        Some(definition) => {
            for argument in unknown(&directive.arguments, &definition.arguments) {
                walk.note(position, format!("Unknown argument \"{}\" on directive \"@{name}\".", argument.name))?;
            }
            if !definition.locations.iter().any(|allowed| allowed == location) {
                walk.note(position, format!("Directive \"@{name}\" may not be used on {location}."))?;
            }
            for missing in missing(&directive.arguments, &definition.arguments) {
                let (argument, of) = (&missing.name, &missing.r#type);
                let message =
                    format!("Directive \"@{name}\" argument \"{argument}\" of type \"{of}\" is required, but it was not provided.");
                walk.note(position, message)?;
            }
        }
    }
    unique(walk, &directive.arguments)
}

/// Arguments that nobody defined.
fn unknown<'a>(given: &'a [Argument], defined: &[ArgumentDefinition]) -> impl Iterator<Item = &'a Argument> {
    given.iter().filter(|argument| find(defined, &argument.name).is_none())
}

/// Arguments that must be there and are not.
fn missing<'a>(given: &[Argument], defined: &'a [ArgumentDefinition]) -> impl Iterator<Item = &'a ArgumentDefinition> {
    let is_required = |wanted: &&ArgumentDefinition| wanted.r#type.non_null && wanted.default_value.is_none();
    defined.iter().filter(is_required).filter(|wanted| find(given, &wanted.name).is_none())
}

fn unique(walk: &mut Walk<'_>, arguments: &[Argument]) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    for argument in arguments {
        if !seen.insert(&argument.name) {
            walk.note(argument.position, format!("There can be only one argument named \"{}\".", argument.name))?;
        }
    }
    Ok(())
}

/// Fragments that we are in, and how many lists.
type Inside<'a, 's> = (&'s mut HashSet<&'a str>, usize);

fn lists_too_deep(walk: &Walk<'_>, selections: &Selections, (inside, lists): Inside<'_, '_>) -> Result<bool, Problem> {
    for selection in &selections.0 {
        walk.budget.spend(10)?;
        let is_deep = match selection {
            Selection::Field(field) => {
                let is_list = matches!(field.name.as_str(), "fields" | "interfaces" | "possibleTypes" | "inputFields");
                let lists = lists + usize::from(is_list);
                lists >= MOST_LISTS || lists_too_deep(walk, &field.selection_set, (inside, lists))?
            }
            Selection::Inline(inline) => lists_too_deep(walk, &inline.selection_set, (inside, lists))?,
            Selection::Spread(spread) => match walk.fragment(&spread.name) {
                Some(fragment) if !inside.contains(fragment.name.as_str()) => {
                    // A fresh set for the way down keeps the borrowed names short-lived.
                    let mut below: HashSet<&str> = inside.iter().copied().collect();
                    below.insert(&fragment.name);
                    super::problem::within(below.len())?;
                    lists_too_deep(walk, &fragment.selection_set, (&mut below, lists))?
                }
                _ => false,
            },
        };
        if is_deep {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Fields at the top of a subscription, each name once (section 5.2.3.1).
pub(super) fn top_fields<'a>(walk: &Walk<'a>, selections: &'a Selections) -> Result<Vec<(&'a str, Option<Position>)>, Problem> {
    let (mut seen, mut followed, mut fields) = (HashSet::new(), HashSet::new(), Vec::new());
    // Selections that are still to be seen, the next one last.
    let mut open: Vec<&Selection> = selections.0.iter().rev().collect();
    while let Some(selection) = open.pop() {
        walk.budget.spend(1)?;
        match selection {
            Selection::Field(field) => {
                if seen.insert(field.name.as_str()) {
                    fields.push((field.name.as_str(), field.position));
                }
            }
            Selection::Inline(inline) => open.extend(inline.selection_set.0.iter().rev()),
            Selection::Spread(spread) => {
                if let Some(fragment) = walk.fragment(&spread.name)
                    && followed.insert(fragment.name.as_str())
                {
                    open.extend(fragment.selection_set.0.iter().rev());
                }
            }
        }
    }
    Ok(fields)
}
