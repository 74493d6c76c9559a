//! The rules of October 2021, sections 5.2, 5.5.2 and 5.8, that ask about whole operations and fragments.

use std::collections::{HashMap, HashSet};

use super::ast::{Fragment, Operation, Selection, Spread};
use super::field::top_fields;
use super::problem::{Problem, quoted, within};
use super::walk::Walk;

/// Holds an operation to the rules, after everything in it.
pub(super) fn rules<'a>(walk: &mut Walk<'a>, operation: &'a Operation, names: &mut HashSet<&'a str>) -> Result<(), Problem> {
    let (name, position) = (&operation.name, operation.position);
    match operation.operation.as_str() {
        "query" | "mutation" | "subscription" | "" if walk.schema.root(&operation.operation).is_some() => {}
        "query" | "mutation" | "subscription" | "" => {
            walk.note(position, format!("Schema does not support operation type \"{}\"", operation.operation))?;
        }
        other => walk.note(position, format!("got unknown operation type \"{other}\""))?,
    }
    if name.is_empty() && walk.document.operations.len() > 1 {
        walk.note(position, "This anonymous operation must be the only defined operation.".to_owned())?;
    }
    for variable in &operation.variable_definitions {
        if !walk.used.contains(variable.variable.as_str()) {
            let by = if name.is_empty() { String::new() } else { format!(" in operation \"{name}\"") };
            walk.note(variable.position, format!("Variable \"${}\" is never used{by}.", variable.variable))?;
        }
    }
    super::overlap::rule(walk, &operation.selection_set)?;
    single_field(walk, operation)?;
    if !names.insert(name) {
        walk.note(position, format!("There can be only one operation named \"{name}\"."))?;
    }
    let mut seen = HashSet::new();
    for variable in &operation.variable_definitions {
        if !seen.insert(&variable.variable) {
            walk.note(variable.position, format!("There can be only one variable named \"${}\".", variable.variable))?;
        }
    }
    for variable in &operation.variable_definitions {
        let of = variable.r#type.as_ref().and_then(|of| Some((of, walk.schema.named_by(of)?)));
        if let Some((of, _)) = of.filter(|(_, definition)| !definition.kind.is_input()) {
            walk.note(variable.position, format!("Variable \"${}\" cannot be non-input type \"{of}\".", variable.variable))?;
        }
    }
    Ok(())
}

fn single_field<'a>(walk: &mut Walk<'a>, operation: &'a Operation) -> Result<(), Problem> {
    if operation.operation != "subscription" || walk.schema.subscription.is_none() {
        return Ok(());
    }
    let fields = top_fields(walk, &operation.selection_set)?;
    let name = match operation.name.as_str() {
        "" => "Anonymous Subscription".to_owned(),
        name => format!("Subscription {}", quoted(name)),
    };
    if let Some((_, position)) = fields.get(1) {
        walk.note(*position, format!("{name} must select only one top level field."))?;
    }
    for (_, position) in fields.iter().filter(|(field, _)| field.starts_with("__")) {
        walk.note(*position, format!("{name} must not select an introspection top level field."))?;
    }
    Ok(())
}

/// Fragments that were searched, and the path to where we are: names with their places, and the spreads between them.
#[derive(Debug, Default)]
struct Search<'a> {
    visited: HashSet<&'a str>,
    path: Vec<&'a Spread>,
    places: HashMap<&'a str, usize>,
}

/// That no fragment needs itself (section 5.5.2.2).
pub(super) fn fragment_cycles(walk: &mut Walk<'_>) -> Result<(), Problem> {
    let mut search = Search::default();
    let document = walk.document;
    document.fragments.iter().try_for_each(|fragment| cycles(walk, fragment, &mut search))
}

fn cycles<'a>(walk: &mut Walk<'a>, fragment: &'a Fragment, search: &mut Search<'a>) -> Result<(), Problem> {
    within(search.path.len())?;
    if !search.visited.insert(&fragment.name) {
        return Ok(());
    }
    let spreads = spreads(walk, fragment)?;
    search.places.insert(&fragment.name, search.path.len());
    for spread in spreads {
        let found = search.places.get(spread.name.as_str()).copied();
        search.path.push(spread);
        match found {
            None => {
                if let Some(next) = walk.fragment(&spread.name) {
                    cycles(walk, next, search)?;
                }
            }
            Some(place) => {
                let between = search.path.get(place..search.path.len() - 1).unwrap_or_default();
                let names: Vec<String> = between.iter().map(|spread| format!("\"{}\"", spread.name)).collect();
                let via = if names.is_empty() { String::new() } else { format!(" via {}", names.join(", ")) };
                walk.note(spread.position, format!("Cannot spread fragment \"{}\" within itself{via}.", spread.name))?;
            }
        }
        search.path.pop();
    }
    search.places.remove(fragment.name.as_str());
    Ok(())
}

/// Every spread of a fragment, at any depth.
fn spreads<'a>(walk: &Walk<'a>, fragment: &'a Fragment) -> Result<Vec<&'a Spread>, Problem> {
    let mut found = Vec::new();
    let mut open = vec![&fragment.selection_set];
    while let Some(selections) = open.pop() {
        walk.budget.spend(selections.0.len())?;
        for selection in &selections.0 {
            match selection {
                Selection::Spread(spread) => found.push(spread),
                Selection::Field(field) => open.push(&field.selection_set),
                Selection::Inline(inline) => open.push(&inline.selection_set),
            }
        }
    }
    Ok(found)
}
