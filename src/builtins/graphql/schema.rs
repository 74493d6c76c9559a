//! A schema that is ready to validate documents: definitions with their extensions, and what every schema has.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::ast::{Directive, Type};
use super::check;
use super::definition::{ArgumentDefinition, Definition, DirectiveDefinition, FieldDefinition, Kind, SchemaDocument};
use super::problem::{Budget, Problem};
use super::sdl;

/// What every schema has (October 2021, sections 3.5, 3.13 and 4.2), with `@defer` and `@oneOf`.
static PRELUDE: LazyLock<SchemaDocument> = LazyLock::new(|| {
    let mut document = sdl::parse(include_str!("prelude.graphql")).unwrap_or_default();
    document.definitions.iter_mut().for_each(|definition| definition.built_in = true);
    document
});

/// Directives that a schema may define again.
const KNOWN_DIRECTIVES: [&str; 6] = ["include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"];

/// A schema.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) types: BTreeMap<String, Definition>,
    pub(super) directives: BTreeMap<String, DirectiveDefinition>,
    /// The types that a value of an object, interface or union may have.
    possible: HashMap<String, Vec<String>>,
    pub(super) query: Option<String>,
    pub(super) mutation: Option<String>,
    pub(super) subscription: Option<String>,
    /// The field that every selection has.
    pub(super) typename: FieldDefinition,
}

impl Schema {
    /// Joins a document with what every schema has, and holds it to the rules of section 3.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn new(document: SchemaDocument) -> Result<Self, Problem> {
        let mut schema = Schema::default();
        "__typename".clone_into(&mut schema.typename.name);
        schema.typename.r#type = named("String", false);
        let has_schema = !document.schema.is_empty();
        let order = schema.define(document.definitions, document.extensions)?;
        schema.relate(&order);
        schema.direct(document.directives)?;
        if let Some(second) = document.schema.get(1) {
            return Err(Problem::at(second.position, "Cannot have multiple schema entry points, consider schema extensions instead."));
        }
        let budget = Budget::new();
        for definition in document.schema.iter().chain(&document.schema_extension) {
            for root in &definition.operation_types {
                if !schema.types.contains_key(&root.r#type) {
                    let message = format!("Schema root {} refers to a type {} that does not exist.", root.operation, root.r#type);
                    return Err(Problem::at(root.position, message));
                }
                schema.set_root(&root.operation, &root.r#type);
            }
            check::applied(&schema, &budget, &definition.directives, check::Place::only("SCHEMA"))?;
        }
        check::schema(&schema, &budget)?;
        if !has_schema {
            for (operation, name) in [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")] {
                if schema.root(operation).is_none() && schema.types.contains_key(name) {
                    schema.set_root(operation, name);
                }
            }
        }
        schema.add_introspection();
        Ok(schema)
    }

    /// Definitions and their extensions; gives the names in order.
    fn define(&mut self, definitions: Vec<Definition>, extensions: Vec<Definition>) -> Result<Vec<String>, Problem> {
        let mut order = Vec::new();
        for definition in PRELUDE.definitions.iter().cloned().chain(definitions) {
            if self.types.contains_key(&definition.name) {
                return Err(Problem::at(definition.position, format!("Cannot redeclare type {}.", definition.name)));
            }
            order.push(definition.name.clone());
            self.types.insert(definition.name.clone(), definition);
        }
        for extension in extensions {
            let base = self.types.entry(extension.name.clone()).or_insert_with(|| {
                order.push(extension.name.clone());
                let (kind, position) = (extension.kind, extension.position);
                Definition { kind, name: extension.name.clone(), position, ..Definition::default() }
            });
            if base.kind != extension.kind {
                let (name, is, not) = (&extension.name, base.kind, extension.kind);
                let message = format!("Cannot extend type {name} because the base type is a {is}, not {not}.");
                return Err(Problem::at(extension.position, message));
            }
            base.directives.extend(extension.directives);
            base.interfaces.extend(extension.interfaces);
            base.fields.extend(extension.fields);
            base.types.extend(extension.types);
            base.type_positions.extend(extension.type_positions);
            base.enum_values.extend(extension.enum_values);
        }
        Ok(order)
    }

    /// Who may stand for whom.
    fn relate(&mut self, order: &[String]) {
        let mut possible: HashMap<String, Vec<String>> = HashMap::new();
        for definition in order.iter().filter_map(|name| self.types.get(name)) {
            let mut add = |abstraction: &String, of: &String| possible.entry(abstraction.clone()).or_default().push(of.clone());
            match definition.kind {
                Kind::Union => definition.types.iter().for_each(|of| add(&definition.name, of)),
                Kind::InputObject | Kind::Object | Kind::Interface => {
                    definition.interfaces.iter().for_each(|interface| add(interface, &definition.name));
                    if definition.kind != Kind::Interface {
                        add(&definition.name, &definition.name);
                    }
                }
                _ => {}
            }
        }
        self.possible = possible;
    }

    fn direct(&mut self, directives: Vec<DirectiveDefinition>) -> Result<(), Problem> {
        for directive in PRELUDE.directives.iter().cloned().chain(directives) {
            if self.directives.contains_key(&directive.name) && !KNOWN_DIRECTIVES.contains(&directive.name.as_str()) {
                return Err(Problem::at(directive.position, format!("Cannot redeclare directive {}.", directive.name)));
            }
            self.directives.insert(directive.name.clone(), directive);
        }
        Ok(())
    }

    fn set_root(&mut self, operation: &str, name: &str) {
        match operation {
            "query" => self.query = Some(name.to_owned()),
            "mutation" => self.mutation = Some(name.to_owned()),
            "subscription" => self.subscription = Some(name.to_owned()),
            _ => {}
        }
    }

    /// The name of the type that operations of this kind begin with.
    pub(super) fn root(&self, operation: &str) -> Option<&str> {
        match operation {
            "query" | "" => self.query.as_deref(),
            "mutation" => self.mutation.as_deref(),
            "subscription" => self.subscription.as_deref(),
            _ => None,
        }
    }

    fn add_introspection(&mut self) {
        let Some(query) = self.query.as_ref().and_then(|name| self.types.get_mut(name)) else { return };
        let schema = FieldDefinition { name: "__schema".to_owned(), r#type: named("__Schema", true), ..FieldDefinition::default() };
        let name = ArgumentDefinition { name: "name".to_owned(), r#type: named("String", true), ..ArgumentDefinition::default() };
        let of_type = FieldDefinition {
            name: "__type".to_owned(),
            r#type: named("__Type", false),
            arguments: vec![name],
            ..FieldDefinition::default()
        };
        query.fields.extend([schema, of_type]);
    }

    /// The type of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Definition> {
        self.types.get(name)
    }

    /// The type that a reference names, under all its lists.
    pub(super) fn named_by(&self, reference: &Type) -> Option<&Definition> {
        self.types.get(reference.name())
    }

    /// The types that a value of this type may have.
    pub(super) fn possible(&self, name: &str) -> &[String] {
        self.possible.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the type takes exactly one of its fields.
    pub(super) fn is_one_of(definition: &Definition) -> bool {
        definition.directives.iter().any(|directive: &Directive| directive.name == "oneOf")
    }
}

fn named(name: &str, non_null: bool) -> Type {
    Type { named_type: name.to_owned(), non_null, ..Type::default() }
}
