//! Walks a document beside its schema, and asks the rules of October 2021, section 5, at each place.

use std::collections::{HashMap, HashSet};

use super::ast::{Argument, Directive, Field, Fragment, Operation, QueryDocument, Selection, Selections, VariableDefinition};
use super::definition::{ArgumentDefinition, Definition, FieldDefinition, Kind, find};
use super::problem::{Budget, Problem, within};
use super::schema::Schema;
use super::value::Expected;
use super::{field, operation};

/// What a field means: the type that it is asked of, and its definition there.
pub(super) type Meaning<'a> = (Option<&'a Definition>, Option<&'a FieldDefinition>);

/// A walk through one document.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) schema: &'a Schema,
    pub(super) document: &'a QueryDocument,
    pub(super) budget: Budget,
    /// The operation that we are in.
    pub(super) operation: Option<&'a Operation>,
    /// Its variables that are used.
    pub(super) used: HashSet<&'a str>,
    /// Fields that were seen, by their address.
    pub(super) meanings: HashMap<usize, Meaning<'a>>,
    fragments: HashMap<&'a str, &'a Fragment>,
    /// Fragments that were followed in this operation.
    followed: HashSet<&'a str>,
    /// Fragments that operations use.
    spread: HashSet<&'a str>,
    /// Whether spreads count as uses: in operations, and in the first fragment.
    is_counting: bool,
    problems: Vec<Problem>,
    levels: usize,
}

/// Where directives stand: the place's name.
type Location = &'static str;

/// Everything that is wrong with a document, in the order of its places.
///
/// # Errors
/// A document that takes too long to walk.
pub(super) fn problems(schema: &Schema, document: &QueryDocument) -> Result<Vec<Problem>, Problem> {
    let mut fragments = HashMap::new();
    for fragment in &document.fragments {
        fragments.entry(fragment.name.as_str()).or_insert(fragment);
    }
    let mut walk = Walk {
        schema,
        document,
        budget: Budget::new(),
        operation: None,
        used: HashSet::new(),
        meanings: HashMap::new(),
        fragments,
        followed: HashSet::new(),
        spread: HashSet::new(),
        is_counting: true,
        problems: Vec::new(),
        levels: 0,
    };
    let mut names = HashSet::new();
    for operation in &document.operations {
        walk.operation(operation)?;
        operation::rules(&mut walk, operation, &mut names)?;
        walk.operation = None;
    }
    let mut names = HashSet::new();
    for fragment in &document.fragments {
        walk.followed.clear();
        walk.fragment_definition(fragment, &mut names)?;
    }
    operation::fragment_cycles(&mut walk)?;
    Ok(walk.problems)
}

impl<'a> Walk<'a> {
    /// Notes a problem.
    ///
    /// # Errors
    /// So many were noted that nobody reads them.
    pub(super) fn note(&mut self, position: Option<super::ast::Position>, message: String) -> Result<(), Problem> {
        self.budget.spend(10_000)?;
        self.problems.push(Problem::at(position, message));
        Ok(())
    }

    /// The fragment of this name.
    pub(super) fn fragment(&self, name: &str) -> Option<&'a Fragment> {
        self.fragments.get(name).copied()
    }

    /// The variable of this name, in the operation that we are in.
    pub(super) fn variable(&self, name: &str) -> Option<&'a VariableDefinition> {
        self.operation.and_then(|operation| operation.variable_definitions.iter().find(|variable| variable.variable == name))
    }

    fn operation(&mut self, operation: &'a Operation) -> Result<(), Problem> {
        self.operation = Some(operation);
        self.followed.clear();
        self.used.clear();
        self.used.extend(operation.variable_definitions.iter().filter(|variable| variable.used).map(|variable| variable.variable.as_str()));
        for variable in &operation.variable_definitions {
            let name = variable.r#type.as_ref().map_or("", |of| of.name());
            if self.schema.get(name).is_none() {
                self.note(variable.position, format!("Unknown type \"{name}\"."))?;
            }
        }
        for variable in &operation.variable_definitions {
            let definition = variable.r#type.as_ref().and_then(|of| self.schema.named_by(of));
            if let Some(default) = &variable.default_value {
                self.value(default, Expected { of: variable.r#type.as_ref(), definition, has_default: false })?;
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION")?;
        }
        let location = match operation.operation.as_str() {
            "mutation" => "MUTATION",
            "subscription" => "SUBSCRIPTION",
            _ => "QUERY",
        };
        let root = self.schema.root(&operation.operation).and_then(|name| self.schema.get(name));
        self.directives(&operation.directives, location)?;
        self.selections(root, &operation.selection_set)
    }

    fn fragment_definition(&mut self, fragment: &'a Fragment, names: &mut HashSet<&'a str>) -> Result<(), Problem> {
        let (name, condition) = (&fragment.name, &fragment.type_condition);
        let definition = self.schema.get(condition);
        self.directives(&fragment.directives, "FRAGMENT_DEFINITION")?;
        self.selections(definition, &fragment.selection_set)?;
        self.is_counting = false;
        if !condition.is_empty() && definition.is_some_and(|definition| !definition.kind.is_composite()) {
            self.note(fragment.position, format!("Fragment \"{name}\" cannot condition on non composite type \"{condition}\"."))?;
        }
        if definition.is_none() {
            self.note(fragment.position, format!("Unknown type \"{condition}\"."))?;
        }
        if !self.spread.contains(name.as_str()) {
            self.note(fragment.position, format!("Fragment \"{name}\" is never used."))?;
        }
        super::overlap::rule(self, &fragment.selection_set)?;
        if !names.insert(name) {
            self.note(fragment.position, format!("There can be only one fragment named \"{name}\"."))?;
        }
        Ok(())
    }

    /// Directives at a place: their definitions, arguments and number.
    pub(super) fn directives(&mut self, directives: &'a [Directive], location: Location) -> Result<(), Problem> {
        for directive in directives {
            let definition = self.schema.directives.get(&directive.name);
            let arguments = definition.map_or(&[][..], |definition| &definition.arguments);
            self.arguments(arguments, &directive.arguments)?;
            field::directive_rules(self, directive, location)?;
        }
        let mut seen = HashSet::new();
        for directive in directives {
            let is_repeatable = self.schema.directives.get(&directive.name).is_some_and(|definition| definition.is_repeatable);
            if !seen.insert(&directive.name) && !is_repeatable {
                let message = format!("The directive \"@{}\" can only be used once at this location.", directive.name);
                self.note(directive.position, message)?;
            }
        }
        Ok(())
    }

    fn arguments(&mut self, definitions: &'a [ArgumentDefinition], arguments: &'a [Argument]) -> Result<(), Problem> {
        self.budget.spend((definitions.len() + 1) * (arguments.len() + 1))?;
        for argument in arguments {
            let definition = find(definitions, &argument.name);
            let expected = definition.map_or_else(Expected::default, |definition| {
                Expected::by(self.schema, &definition.r#type, definition.default_value.as_ref())
            });
            self.value(&argument.value, expected)?;
        }
        Ok(())
    }

    fn selections(&mut self, parent: Option<&'a Definition>, selections: &'a Selections) -> Result<(), Problem> {
        within(self.levels)?;
        self.levels += 1;
        for selection in &selections.0 {
            self.budget.spend(20)?;
            self.selection(parent, selection)?;
        }
        self.levels -= 1;
        Ok(())
    }

    fn selection(&mut self, parent: Option<&'a Definition>, selection: &'a Selection) -> Result<(), Problem> {
        match selection {
            Selection::Field(field) => self.field(parent, field),
            Selection::Inline(inline) => {
                let condition = &inline.type_condition;
                let next = if condition.is_empty() { parent } else { self.schema.get(condition) };
                self.directives(&inline.directives, "INLINE_FRAGMENT")?;
                self.selections(next, &inline.selection_set)?;
                if self.schema.get(condition).is_some_and(|definition| !definition.kind.is_composite()) {
                    self.note(inline.position, format!("Fragment cannot condition on non composite type \"{condition}\"."))?;
                }
                if !condition.is_empty() && next.is_none() {
                    self.note(inline.position, format!("Unknown type \"{condition}\"."))?;
                }
                match parent {
                    Some(parent) if !self.may_be(parent, condition)? => {
                        let (of, never) = (&parent.name, condition);
                        let message =
                            format!("Fragment cannot be spread here as objects of type \"{of}\" can never be of type \"{never}\".");
                        self.note(inline.position, message)
                    }
                    _ => Ok(()),
                }
            }
            Selection::Spread(spread) => {
                let name = &spread.name;
                self.directives(&spread.directives, "FRAGMENT_SPREAD")?;
                if self.is_counting {
                    self.spread.insert(name);
                }
                let Some(fragment) = self.fragment(name) else {
                    return self.note(spread.position, format!("Unknown fragment \"{name}\"."));
                };
                if self.followed.insert(name) {
                    self.directives(&fragment.directives, "FRAGMENT_DEFINITION")?;
                    self.selections(self.schema.get(&fragment.type_condition), &fragment.selection_set)?;
                }
                match parent {
                    Some(parent) if !self.may_be(parent, &fragment.type_condition)? => {
                        let (of, never) = (&parent.name, &fragment.type_condition);
                        let end = format!("as objects of type \"{of}\" can never be of type \"{never}\".");
                        self.note(spread.position, format!("Fragment \"{name}\" cannot be spread here {end}"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn field(&mut self, parent: Option<&'a Definition>, field: &'a Field) -> Result<(), Problem> {
        let schema = self.schema;
        let definition = if field.name == "__typename" {
            Some(&schema.typename)
        } else {
            self.budget.spend(parent.map_or(0, |parent| parent.fields.len()))?;
            parent.and_then(|parent| find(&parent.fields, &field.name))
        };
        self.meanings.insert(address(field), (parent, definition));
        let next = definition.and_then(|definition| schema.named_by(&definition.r#type));
        self.arguments(definition.map_or(&[][..], |definition| &definition.arguments), &field.arguments)?;
        self.directives(&field.directives, "FIELD")?;
        self.selections(next, &field.selection_set)?;
        field::rules(self, field, (parent, definition))
    }

    /// Whether a value of the parent's type may be of the type that a fragment names (section 5.5.2.3).
    fn may_be(&self, parent: &Definition, condition: &str) -> Result<bool, Problem> {
        let own = [parent.name.clone()];
        let parents = match parent.kind {
            Kind::Object => &own[..],
            Kind::Interface | Kind::Union => self.schema.possible(&parent.name),
            _ => return Ok(true),
        };
        if self.schema.get(condition).is_none_or(|definition| !definition.kind.is_composite()) {
            return Ok(true);
        }
        let children = self.schema.possible(condition);
        self.budget.spend(parents.len() + children.len())?;
        let parents: HashSet<&String> = parents.iter().collect();
        Ok(children.iter().any(|child| parents.contains(child)))
    }
}

/// What tells a field from all others of its document.
pub(super) fn address(field: &Field) -> usize {
    std::ptr::from_ref(field).addr()
}
