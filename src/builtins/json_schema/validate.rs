//! Holding a document against a compiled schema.

use regorus::value::Object;

use super::report::{Context, Report};
use super::scalar;
use super::schema::{Additional, Dependency, Part, Position, Schema};
use crate::builtins::call::Value;
use crate::builtins::order;

/// Deepest nesting of schemas in schemas: circles without end are possible.
const DEEPEST: usize = 400;
/// Most steps of one validation: alternatives inside alternatives multiply.
const MOST_STEPS: usize = 2_000_000;

pub(super) fn validate(schema: &Schema, document: &Value) -> Result<Report, &'static str> {
    let mut report = Report::default();
    let mut validator = Validator { schema, steps: 0, depth: 0 };
    let context = Context { head: "(Root)", tail: None };
    validator.part(0, Spot { value: document, context: &context }, &mut report)?;
    Ok(report)
}

struct Validator<'a> {
    schema: &'a Schema,
    steps: usize,
    depth: usize,
}

type Done = Result<(), &'static str>;

/// A value and where it stands.
#[derive(Clone, Copy)]
struct Spot<'b> {
    value: &'b Value,
    context: &'b Context<'b>,
}

/// The elements of an array; a set is one too.
fn elements(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(array) => Some(array.iter().collect()),
        Value::Set(set) => Some(order::of_set(set)),
        _ => None,
    }
}

impl<'a> Validator<'a> {
    fn sub(&mut self, position: Position, value: &Value, context: &Context<'_>) -> Result<Report, &'static str> {
        let mut report = Report::default();
        self.part(position, Spot { value, context }, &mut report)?;
        Ok(report)
    }

    fn part(&mut self, position: Position, spot: Spot<'_>, report: &mut Report) -> Done {
        let context = spot.context;
        self.steps += 1;
        self.depth += 1;
        if self.steps > MOST_STEPS || self.depth > DEEPEST {
            return Err("schema too complex");
        }
        let schema: &'a Schema = self.schema;
        let Some(part) = schema.parts.get(position) else { return Err("schema incomplete") };
        let done = match (part.pass, part.reference) {
            (Some(pass), _) => {
                if !pass {
                    report.add("false", context, "False always fails validation");
                }
                Ok(())
            }
            (None, Some(reference)) => self.part(reference, spot, report),
            (None, None) => self.own(part, spot, report),
        };
        self.depth -= 1;
        done
    }

    fn own(&mut self, part: &'a Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let Spot { value, context } = spot;
        if let Some(given) = scalar::wrong_type(part, value) {
            let expected = match part.types.as_slice() {
                [one] => one.clone(),
                many => format!("[{}]", many.join(",")),
            };
            report.add("invalid_type", context, format!("Invalid type. Expected: {expected}, given: {given}"));
            return Ok(());
        }
        self.combined(part, spot, report)?;
        match value {
            Value::Array(_) | Value::Set(_) => {
                self.array(part, spot, report)?;
                scalar::common(part, value, report, context);
            }
            Value::Object(object) => {
                self.object(part, (object, context), report)?;
                scalar::common(part, value, report, context);
                for (name, position) in &part.properties {
                    if let Some(member) = object.get(&Value::from(name.as_str())) {
                        let inner = Context { head: name, tail: Some(context) };
                        self.part(*position, Spot { value: member, context: &inner }, report)?;
                    }
                }
            }
            _ => {
                scalar::number(part, value, report, context);
                scalar::common(part, value, report, context);
                scalar::string(part, value, report, context)?;
            }
        }
        report.score += 1;
        Ok(())
    }

    /// The first valid alternative ends the search; of those that fail, the best one is told.
    fn any_of(&mut self, part: &Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let Spot { value, context } = spot;
        let mut best: Option<Report> = None;
        for position in &part.any_of {
            let alternative = self.sub(*position, value, context)?;
            if alternative.is_valid() {
                return Ok(());
            }
            if best.as_ref().is_none_or(|best| alternative.score > best.score) {
                best = Some(alternative);
            }
        }
        if let Some(best) = best {
            report.add("number_any_of", context, "Must validate at least one schema (anyOf)");
            report.merge(best);
        }
        Ok(())
    }

    fn one_of(&mut self, part: &Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let Spot { value, context } = spot;
        if part.one_of.is_empty() {
            return Ok(());
        }
        let (mut valid, mut best) = (0, None::<Report>);
        for position in &part.one_of {
            let alternative = self.sub(*position, value, context)?;
            if alternative.is_valid() {
                valid += 1;
            } else if valid == 0 && best.as_ref().is_none_or(|best| alternative.score > best.score) {
                best = Some(alternative);
            }
        }
        if valid != 1 {
            report.add("number_one_of", context, "Must validate one and only one schema (oneOf)");
        }
        if let Some(best) = best.filter(|_| valid == 0) {
            report.merge(best);
        }
        Ok(())
    }

    fn combined(&mut self, part: &Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let Spot { value, context } = spot;
        self.any_of(part, spot, report)?;
        self.one_of(part, spot, report)?;
        let mut valid = 0;
        for position in &part.all_of {
            let one = self.sub(*position, value, context)?;
            valid += usize::from(one.is_valid());
            report.merge(one);
        }
        if valid != part.all_of.len() {
            report.add("number_all_of", context, "Must validate all the schemas (allOf)");
        }
        if let Some(not) = part.not
            && self.sub(not, value, context)?.is_valid()
        {
            report.add("number_not", context, "Must not validate the schema (not)");
        }
        self.dependencies(part, spot, report)?;
        if let Some(condition) = part.condition {
            let holds = self.sub(condition, value, context)?.is_valid();
            let (branch, kind, words) = if holds {
                (part.then, "condition_then", "Must validate \"then\" as \"if\" was valid")
            } else {
                (part.otherwise, "condition_else", "Must validate \"else\" as \"if\" was not valid")
            };
            if let Some(branch) = branch {
                let branch = self.sub(branch, value, context)?;
                if !branch.is_valid() {
                    report.add(kind, context, words);
                    report.merge(branch);
                }
            }
        }
        report.score += 1;
        Ok(())
    }

    fn dependencies(&mut self, part: &Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let Spot { value, context } = spot;
        let Value::Object(object) = value else { return Ok(()) };
        let there = |name: &str| object.contains_key(&Value::from(name));
        for (_, dependency) in part.dependencies.iter().filter(|(name, _)| there(name)) {
            match dependency {
                Dependency::Schema(position) => self.part(*position, spot, report)?,
                Dependency::Properties(names) => {
                    for name in names.iter().filter(|name| !there(name)) {
                        report.add("missing_dependency", context, format!("Has a dependency on {name}"));
                    }
                }
            }
        }
        Ok(())
    }

    fn array(&mut self, part: &Part, spot: Spot<'_>, report: &mut Report) -> Done {
        let context = spot.context;
        let elements = elements(spot.value).unwrap_or_default();
        let item = |at: usize| if part.items_alike { part.items.first() } else { part.items.get(at) };
        for (at, element) in elements.iter().enumerate() {
            let additional = if let Additional::Schema(position) = &part.additional_items { Some(position) } else { None };
            let Some(position) = item(at).or(additional.filter(|_| !part.items.is_empty())) else { break };
            let one = self.sub(*position, element, &Context { head: &at.to_string(), tail: Some(context) })?;
            report.merge(one);
        }
        let forbidden = matches!(part.additional_items, Additional::Allowed(false)) && !part.items_alike;
        if forbidden && !part.items.is_empty() && part.items.len() < elements.len() {
            report.add("array_no_additional_items", context, "No additional items allowed on array");
        }
        scalar::array_size(part, &elements, report, context);
        if let Some(contains) = part.contains {
            let (mut found, mut best) = (false, None::<Report>);
            for (at, element) in elements.iter().enumerate() {
                let one = self.sub(contains, element, &Context { head: &at.to_string(), tail: Some(context) })?;
                if one.is_valid() {
                    found = true;
                    break;
                }
                if best.as_ref().is_none_or(|best| one.score > best.score) {
                    best = Some(one);
                }
            }
            if !found {
                report.add("contains", context, "At least one of the items must match");
                report.merge(best.unwrap_or_default());
            }
        }
        report.score += 1;
        Ok(())
    }

    fn object(&mut self, part: &Part, (object, context): (&Object, &Context<'_>), report: &mut Report) -> Done {
        scalar::object_size(part, object, report, context);
        for name in &part.required {
            if object.contains_key(&Value::from(name.as_str())) {
                report.score += 1;
            } else {
                report.add("required", context, format!("{name} is required"));
            }
        }
        let members: Vec<(String, &Value)> = order::keys(object)
            .into_iter()
            .filter_map(|key| Some((key.as_string().map(ToString::to_string).ok()?, object.get(key)?)))
            .collect();
        for (name, member) in &members {
            let inner = Context { head: name, tail: Some(context) };
            let mut matched = false;
            for (pattern, position) in &part.pattern_properties {
                if pattern.on(name).map_err(|_| "name too long")?.is_match(name) {
                    matched = true;
                    let one = self.sub(*position, member, &inner)?;
                    report.merge(one);
                }
            }
            report.score += i64::from(matched);
            if matched || part.properties.iter().any(|(known, _)| known == name) {
                continue;
            }
            match &part.additional_properties {
                Additional::Allowed(false) => {
                    report.add("additional_property_not_allowed", context, format!("Additional property {name} is not allowed"));
                }
                Additional::Schema(position) => {
                    let one = self.sub(*position, member, &inner)?;
                    report.merge(one);
                }
                _ => {}
            }
        }
        if let Some(names) = part.property_names {
            for (name, _) in &members {
                let one = self.sub(names, &Value::from(name.as_str()), context)?;
                if !one.is_valid() {
                    report.add("invalid_property_name", context, format!("Property name of \"{name}\" does not match"));
                    report.merge(one);
                }
            }
        }
        report.score += 1;
        Ok(())
    }
}
