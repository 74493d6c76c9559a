//! Constraints that need no other schema: types, sizes, numbers, strings.

use std::cmp::Ordering;
use std::collections::HashMap;

use regorus::value::Object;

use super::exact::Exact;
use super::report::{Context, Report};
use super::schema::Part;
use super::{format, keyword};
use crate::builtins::call::Value;

/// The type that a value has, if it is not one of those that the schema allows.
pub(super) fn wrong_type(part: &Part, value: &Value) -> Option<&'static str> {
    let given = match value {
        Value::Null | Value::Undefined => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if keyword::is_integer(value) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) | Value::Set(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = part.types.is_empty() || part.types.iter().any(|name| name == given || (name == "number" && given == "integer"));
    (!allowed).then_some(given)
}

pub(super) fn common(part: &Part, value: &Value, report: &mut Report, context: &Context<'_>) {
    if part.constant.is_some() || part.enumeration.is_some() {
        let text = keyword::json(value).unwrap_or_default();
        if let Some(constant) = part.constant.as_ref().filter(|constant| **constant != text) {
            report.add("const", context, format!("{} does not match: {constant}", context.field()));
        }
        if let Some(values) = part.enumeration.as_ref().filter(|values| !values.contains(&text)) {
            report.add("enum", context, format!("{} must be one of the following: {}", context.field(), values.join(", ")));
        }
    }
    if let Value::String(text) = value
        && !format::matches(&part.format, text)
    {
        report.add("format", context, format!("Does not match format '{}'", part.format));
    }
    report.score += 1;
}

fn over(limit: Option<i64>, size: usize) -> Option<i64> {
    limit.filter(|limit| i64::try_from(size).unwrap_or(i64::MAX) > *limit)
}

fn under(limit: Option<i64>, size: usize) -> Option<i64> {
    limit.filter(|limit| i64::try_from(size).unwrap_or(i64::MAX) < *limit)
}

pub(super) fn array_size(part: &Part, elements: &[&Value], report: &mut Report, context: &Context<'_>) {
    if let Some(least) = under(part.min_items, elements.len()) {
        report.add("array_min_items", context, format!("Array must have at least {least} items"));
    }
    if let Some(most) = over(part.max_items, elements.len()) {
        report.add("array_max_items", context, format!("Array must have at most {most} items"));
    }
    if part.unique_items {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (at, element) in elements.iter().enumerate() {
            let text = keyword::json(element).unwrap_or_default();
            if let Some(before) = seen.insert(text, at) {
                report.add("unique", context, format!("array items[{before},{at}] must be unique"));
            }
        }
    }
}

pub(super) fn object_size(part: &Part, object: &Object, report: &mut Report, context: &Context<'_>) {
    if let Some(least) = under(part.min_properties, object.len()) {
        report.add("array_min_properties", context, format!("Must have at least {least} properties"));
    }
    if let Some(most) = over(part.max_properties, object.len()) {
        report.add("array_max_properties", context, format!("Must have at most {most} properties"));
    }
}

pub(super) fn string(part: &Part, value: &Value, report: &mut Report, context: &Context<'_>) -> Result<(), &'static str> {
    let Value::String(text) = value else { return Ok(()) };
    let length = text.chars().count();
    if let Some(least) = under(part.min_length, length) {
        report.add("string_gte", context, format!("String length must be greater than or equal to {least}"));
    }
    if let Some(most) = over(part.max_length, length) {
        report.add("string_lte", context, format!("String length must be less than or equal to {most}"));
    }
    if let Some((pattern, compiled)) = &part.pattern
        && !compiled.on(text).map_err(|_| "text too long")?.is_match(text)
    {
        report.add("pattern", context, format!("Does not match pattern '{pattern}'"));
    }
    report.score += 1;
    Ok(())
}

/// A limit, the kind and the words of its failure, and when it fails.
type Limit<'a> = (&'a Option<Exact>, &'static str, &'static str, fn(Ordering) -> bool);

pub(super) fn number(part: &Part, value: &Value, report: &mut Report, context: &Context<'_>) {
    let Some(number) = Exact::of(value) else { return };
    if let Some(multiple) = part.multiple_of.as_ref().filter(|multiple| !number.is_multiple_of(multiple)) {
        report.add("multiple_of", context, format!("Must be a multiple of {}", multiple.text()));
    }
    let limits: [Limit<'_>; 4] = [
        (&part.maximum, "number_lte", "Must be less than or equal to", Ordering::is_gt),
        (&part.exclusive_maximum, "number_lt", "Must be less than", Ordering::is_ge),
        (&part.minimum, "number_gte", "Must be greater than or equal to", Ordering::is_lt),
        (&part.exclusive_minimum, "number_gt", "Must be greater than", Ordering::is_le),
    ];
    for (limit, kind, words, fails) in limits {
        if let Some(limit) = limit.as_ref().filter(|limit| fails(number.compare(limit))) {
            report.add(kind, context, format!("{words} {}", limit.text()));
        }
    }
    report.score += 1;
}
