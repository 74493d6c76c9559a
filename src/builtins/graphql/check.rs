//! The rules that a schema must keep (October 2021, section 3), in the order and words of the validator that OPA carries.

use std::collections::{HashMap, HashSet};

use super::ast::{Directive, Position, Type, ValueKind};
use super::definition::{ArgumentDefinition, Definition, DirectiveDefinition, FieldDefinition, Kind, find};
use super::problem::{Budget, Problem, quoted, within};
use super::schema::Schema;

type Checked = Result<(), Problem>;

/// Where directives stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    location: &'a str,
    /// The directive whose definition they are in.
    inside: Option<&'a DirectiveDefinition>,
    /// Whether they were written at one place, and not joined from a definition and its extensions.
    single: bool,
}

impl<'a> Place<'a> {
    /// One place, in no directive's definition.
    pub(super) fn only(location: &'a str) -> Self {
        Place { location, inside: None, single: true }
    }
}

/// Holds all types and directives to the rules.
pub(super) fn schema(schema: &Schema, budget: &Budget) -> Checked {
    schema.types.values().try_for_each(|definition| type_definition(schema, budget, definition))?;
    input_cycles(schema)?;
    for directive in schema.directives.values() {
        unreserved(directive.position, &directive.name)?;
        arguments(schema, budget, &directive.arguments, Some(directive))?;
    }
    Ok(())
}

fn type_definition(schema: &Schema, budget: &Budget, definition: &Definition) -> Checked {
    let place = if definition.kind == Kind::InputObject { "INPUT_FIELD_DEFINITION" } else { "FIELD_DEFINITION" };
    for field in &definition.fields {
        unreserved(field.position, &field.name)?;
        exists(schema, &field.r#type)?;
        arguments(schema, budget, &field.arguments, None)?;
        applied(schema, budget, &field.directives, Place::only(place))?;
    }
    for name in &definition.types {
        let problem = |message: String| Err(Problem::at(definition.position, message));
        match schema.get(name) {
            None => return problem(format!("Undefined type {}.", quoted(name))),
            Some(of) if of.kind != Kind::Object => {
                return problem(format!("{} type {} must be OBJECT.", definition.kind, quoted(name)));
            }
            Some(_) => {}
        }
    }
    for interface in &definition.interfaces {
        implements(schema, budget, (definition, interface))?;
    }
    members(schema, budget, definition)?;
    once(definition.fields.iter().map(|field| (field.name.as_str(), field.position)), |name| {
        format!("Field {}.{name} can only be defined once.", definition.name)
    })?;
    once(definition.enum_values.iter().map(|value| (value.name.as_str(), value.position)), |name| {
        format!("Enum value {}.{name} can only be defined once.", definition.name)
    })?;
    let aligned = definition.type_positions.len() == definition.types.len();
    let position = |at: usize| definition.type_positions.get(at).copied().flatten().filter(|_| aligned).or(definition.position);
    once(definition.types.iter().enumerate().map(|(at, name)| (name.as_str(), position(at))), |name| {
        format!("Union type {} can only include type {name} once.", definition.name)
    })?;
    if !definition.built_in {
        unreserved(definition.position, &definition.name)?;
    }
    let location = definition.kind.to_string();
    applied(schema, budget, &definition.directives, Place { location: &location, inside: None, single: false })
}

/// What a type must have, by its kind.
fn members(schema: &Schema, budget: &Budget, definition: &Definition) -> Checked {
    let Definition { kind, name, position, .. } = definition;
    let problem = |position: Option<Position>, message: String| Err(Problem::at(position, message));
    match kind {
        Kind::Object | Kind::Interface => {
            if definition.fields.is_empty() {
                return problem(*position, format!("{kind} {name}: must define one or more fields."));
            }
            for field in &definition.fields {
                if schema.named_by(&field.r#type).is_some_and(|of| of.kind == Kind::InputObject || of.kind == Kind::Unknown) {
                    let kinds = "SCALAR, OBJECT, INTERFACE, UNION, ENUM";
                    return problem(field.position, format!("{kind} {name}: field must be one of {kinds}."));
                }
            }
        }
        Kind::Enum => {
            if definition.enum_values.is_empty() {
                return problem(*position, format!("{kind} {name}: must define one or more unique enum values."));
            }
            for value in &definition.enum_values {
                if matches!(value.name.as_str(), "true" | "false" | "null") {
                    return problem(*position, format!("{kind} {name}: non-enum value {}.", value.name));
                }
                applied(schema, budget, &value.directives, Place::only("ENUM_VALUE"))?;
            }
        }
        Kind::InputObject => {
            if definition.fields.is_empty() {
                return problem(*position, format!("{kind} {name}: must define one or more input fields."));
            }
            for field in &definition.fields {
                if let Some(of) = schema.named_by(&field.r#type).filter(|of| !of.kind.is_input()) {
                    let message = format!("{} {}: field must be one of SCALAR, ENUM, INPUT_OBJECT.", of.kind, field.name);
                    return problem(field.position, message);
                }
            }
        }
        Kind::Scalar | Kind::Union | Kind::Unknown => {}
    }
    Ok(())
}

fn once<'a>(names: impl Iterator<Item = (&'a str, Option<Position>)>, message: impl Fn(&str) -> String) -> Checked {
    let mut seen = HashSet::new();
    for (name, position) in names {
        if !seen.insert(name) {
            return Err(Problem::at(position, message(name)));
        }
    }
    Ok(())
}

fn unreserved(position: Option<Position>, name: &str) -> Checked {
    if name.starts_with("__") {
        let message = format!("Name \"{name}\" must not begin with \"__\", which is reserved by GraphQL introspection.");
        return Err(Problem::at(position, message));
    }
    Ok(())
}

fn exists(schema: &Schema, reference: &Type) -> Checked {
    match schema.named_by(reference) {
        Some(_) => Ok(()),
        None => Err(Problem::at(reference.position, format!("Undefined type {}.", reference.name()))),
    }
}

fn arguments(schema: &Schema, budget: &Budget, list: &[ArgumentDefinition], inside: Option<&DirectiveDefinition>) -> Checked {
    for argument in list {
        unreserved(argument.position, &argument.name)?;
        exists(schema, &argument.r#type)?;
        if let Some(of) = schema.named_by(&argument.r#type).filter(|of| !of.kind.is_input()) {
            let (reference, name) = (&argument.r#type, &argument.name);
            let message = format!("cannot use {reference} as argument {name} because {} is not a valid input type", of.kind);
            return Err(Problem::at(argument.position, message));
        }
        applied(schema, budget, &argument.directives, Place { inside, ..Place::only("ARGUMENT_DEFINITION") })?;
    }
    Ok(())
}

/// Holds directives at a place of the schema to their definitions.
pub(super) fn applied(schema: &Schema, budget: &Budget, directives: &[Directive], place: Place<'_>) -> Checked {
    let mut seen = HashSet::new();
    for directive in directives {
        let name = &directive.name;
        let problem = |message: String| Err(Problem::at(directive.position, message));
        unreserved(directive.position, name)?;
        if let Some(inside) = place.inside.filter(|inside| &inside.name == name) {
            return problem(format!("Directive {} cannot refer to itself.", inside.name));
        }
        let Some(definition) = schema.directives.get(name) else { return problem(format!("Undefined directive {name}.")) };
        if place.single && !seen.insert(name) && !definition.is_repeatable {
            return problem(format!("The directive {name} can only be used once at this location."));
        }
        if !definition.locations.iter().any(|location| location == place.location) {
            return problem(format!("Directive {name} is not applicable on {}.", place.location));
        }
        budget.spend((directive.arguments.len() + 1) * (definition.arguments.len() + 1))?;
        if let Some(unknown) = directive.arguments.iter().find(|argument| find(&definition.arguments, &argument.name).is_none()) {
            let message = format!("Undefined argument {} for directive {name}.", unknown.name);
            return Err(Problem::at(unknown.position, message));
        }
        let is_given = |wanted: &ArgumentDefinition| {
            find(&directive.arguments, &wanted.name).is_some_and(|argument| argument.value.kind != ValueKind::Null)
        };
        let is_required = |wanted: &&ArgumentDefinition| wanted.r#type.non_null && wanted.default_value.is_none();
        if let Some(missing) = definition.arguments.iter().filter(is_required).find(|wanted| !is_given(wanted)) {
            return problem(format!("Argument {} for directive {name} cannot be null.", missing.name));
        }
    }
    Ok(())
}

/// That a type has what an interface asks (October 2021, section 3.6, `IsValidImplementation`).
fn implements(schema: &Schema, budget: &Budget, (definition, name): (&Definition, &str)) -> Checked {
    let of_type = |message: String| Err(Problem::at(definition.position, message));
    let Some(interface) = schema.get(name) else { return of_type(format!("Undefined type {}.", quoted(name))) };
    if interface.kind != Kind::Interface {
        return of_type(format!("{} is a non interface type {}.", quoted(name), interface.kind));
    }
    budget.spend(definition.fields.len() + interface.fields.len())?;
    let mut own: HashMap<&str, &FieldDefinition> = HashMap::new();
    for field in &definition.fields {
        own.entry(&field.name).or_insert(field);
    }
    let pair = format!("For {} to implement {}", definition.name, interface.name);
    for required in &interface.fields {
        let Some(found) = own.get(required.name.as_str()) else {
            return of_type(format!("{pair} it must have a field called {}.", required.name));
        };
        if !is_covariant(schema, budget, (&required.r#type, &found.r#type))? {
            let message = format!("{pair} the field {} must have type {}.", required.name, required.r#type);
            return Err(Problem::at(found.position, message));
        }
        same_arguments(budget, &pair, (required, found))?;
    }
    budget.spend(interface.interfaces.len() * definition.interfaces.len())?;
    for inherited in &interface.interfaces {
        if !definition.interfaces.contains(inherited) {
            return of_type(if *inherited == definition.name {
                format!("Type {} cannot implement {name} because it would create a circular reference.", definition.name)
            } else {
                format!("Type {} must implement {inherited} because it is implemented by {name}.", definition.name)
            });
        }
    }
    Ok(())
}

fn same_arguments(budget: &Budget, pair: &str, (required, found): (&FieldDefinition, &FieldDefinition)) -> Checked {
    budget.spend((required.arguments.len() + 1) * (found.arguments.len() + 1))?;
    let must = format!("{pair} the field {} must have the same arguments but", required.name);
    for wanted in &required.arguments {
        match find(&found.arguments, &wanted.name) {
            None => return Err(Problem::at(found.position, format!("{must} it is missing {}.", wanted.name))),
            Some(own) if !wanted.r#type.is_compatible(&own.r#type, own.r#type.non_null) => {
                return Err(Problem::at(own.position, format!("{must} {} has the wrong type.", wanted.name)));
            }
            Some(_) => {}
        }
    }
    let is_extra =
        |own: &&ArgumentDefinition| own.r#type.non_null && own.default_value.is_none() && find(&required.arguments, &own.name).is_none();
    match found.arguments.iter().find(is_extra) {
        None => Ok(()),
        Some(extra) => {
            let (field, name) = (&found.name, &extra.name);
            let rule = "must be optional or have a default value";
            Err(Problem::at(extra.position, format!("{pair} any additional arguments on {field} {rule} but {name} is required.")))
        }
    }
}

fn is_covariant(schema: &Schema, budget: &Budget, (required, actual): (&Type, &Type)) -> Result<bool, Problem> {
    if required.non_null && !actual.non_null {
        return Ok(false);
    }
    match (&required.elem, &actual.elem) {
        _ if !required.named_type.is_empty() => {
            let possible = schema.possible(&required.named_type);
            budget.spend(possible.len())?;
            Ok(required.named_type == actual.named_type || possible.contains(&actual.named_type))
        }
        (Some(required), Some(actual)) => is_covariant(schema, budget, (required, actual)),
        _ => Ok(false),
    }
}

/// That no input object needs itself (October 2021, section 3.10.2).
fn input_cycles(schema: &Schema) -> Checked {
    let mut visited = HashSet::new();
    for definition in schema.types.values().filter(|definition| definition.kind == Kind::InputObject) {
        input_cycle(schema, definition, &mut (&mut visited, Vec::new()))?;
    }
    Ok(())
}

/// The types that were seen, and the path to where we are: types, each with the field that leads on.
type Search<'a, 's> = (&'s mut HashSet<&'a str>, Vec<(&'a str, &'a FieldDefinition)>);

fn input_cycle<'a>(schema: &'a Schema, definition: &'a Definition, search: &mut Search<'a, '_>) -> Checked {
    within(search.1.len())?;
    if !search.0.insert(&definition.name) {
        return Ok(());
    }
    for field in definition.fields.iter().filter(|field| field.r#type.non_null && !field.r#type.named_type.is_empty()) {
        let Some(next) = schema.named_by(&field.r#type).filter(|next| next.kind == Kind::InputObject) else { continue };
        search.1.push((&definition.name, field));
        if let Some(cycle) = search.1.iter().position(|(name, _)| *name == next.name) {
            let cycle = search.1.get(cycle..).unwrap_or_default();
            let names: Vec<&str> = cycle.iter().map(|(_, field)| field.name.as_str()).collect();
            let (of, by) = (quoted(&next.name), quoted(&names.join(".")));
            let message = format!("Cannot reference Input Object {of} within itself through a series of non-null fields: {by}.");
            return Err(Problem::at(cycle.first().and_then(|(_, field)| field.position), message));
        }
        input_cycle(schema, next, search)?;
        search.1.pop();
    }
    Ok(())
}
