//! What rules may say: a string, or an object with a string `msg`. Anything else is an error, never a pass.

use regorus::Value;
use serde_json::Map;

use super::decisions::{Rule, RuleKind};
use crate::engine::Failing;
use crate::evaluation::{Finding, Findings};

/// Reads the pairs of a rule's number and its value.
pub(super) fn findings(rules: &[Rule], collected: &[Value]) -> Result<Findings, Failing> {
    let pairs: Vec<(&Rule, Value)> =
        collected.iter().flat_map(elements).filter_map(|pair| read_pair(rules, pair)).map(|(rule, value)| (rule, value.clone())).collect();
    of_rules(&pairs)
}

/// What rules say, less what exceptions of the same package name.
pub(super) fn of_rules(pairs: &[(&Rule, Value)]) -> Result<Findings, Failing> {
    let exceptions: Vec<(usize, String)> = pairs
        .iter()
        .filter(|(rule, _)| rule.kind == RuleKind::Exception)
        .flat_map(|(rule, value)| named(value).map(|name| (rule.package, name)))
        .collect();
    let mut findings = Findings::default();
    for (rule, value) in pairs {
        let excepted = exceptions.iter().any(|(package, name)| *package == rule.package && excepts(name, rule));
        let found = match rule.kind {
            RuleKind::Exception => continue,
            RuleKind::Deny => &mut findings.violations,
            RuleKind::Warn => &mut findings.warnings,
        };
        let results = results(rule, value)?;
        if !excepted {
            found.extend(results);
        }
    }
    Ok(findings)
}

/// The value of the last expression: of the one result, or of each of several. A result is `[[value, ..], {variable: value}]`.
pub(super) fn answer(results: &Value) -> Result<Findings, Failing> {
    let last = |result| elements(result).next().and_then(|values| elements(values).last()).map(json);
    let mut values: Vec<serde_json::Value> = elements(results).filter_map(last).collect::<Result<_, _>>()?;
    let result = if values.len() > 1 { Some(serde_json::Value::Array(values)) } else { values.pop() };
    Ok(Findings { result, ..Findings::default() })
}

/// All of `data` but what was generated.
pub(super) fn all(engine: &mut regorus::Engine) -> anyhow::Result<Findings> {
    let answers = engine.eval_query("data".to_owned(), false)?;
    let value =
        answers.result.first().and_then(|answer| answer.expressions.first()).map(|expression| super::document::of(&expression.value));
    let mut result = value.transpose()?;
    // Names that begin so are kept from users: the front-end takes those that no source uses.
    if let Some(serde_json::Value::Object(members)) = &mut result {
        members.retain(|name, _| !name.starts_with("__"));
    }
    Ok(Findings { result, ..Findings::default() })
}

fn excepts(name: &str, rule: &Rule) -> bool {
    name == rule.suffix || (rule.suffix.is_empty() && rule.path.rsplit('.').next() == Some(name))
}

/// The strings in the sets or arrays that an `exception` rule gives.
fn named(value: &Value) -> impl Iterator<Item = String> {
    elements(value).flat_map(elements).filter_map(|name| name.as_string().ok()).map(ToString::to_string)
}

fn read_pair<'a>(rules: &'a [Rule], pair: &'a Value) -> Option<(&'a Rule, &'a Value)> {
    let mut parts = elements(pair);
    let number = parts.next()?.as_u64().ok()?;
    Some((rules.get(usize::try_from(number).ok()?)?, parts.next()?))
}

fn results(rule: &Rule, value: &Value) -> Result<Vec<Finding>, Failing> {
    match value {
        Value::Set(_) | Value::Array(_) => elements(value).map(|result| finding(rule, result)).collect(),
        one => Ok(vec![finding(rule, one)?]),
    }
}

fn finding(rule: &Rule, result: &Value) -> Result<Finding, Failing> {
    let (msg, metadata) = match json(result)? {
        serde_json::Value::String(msg) => (msg, Map::new()),
        serde_json::Value::Object(mut members) => match members.remove("msg") {
            Some(serde_json::Value::String(msg)) => (msg, members),
            Some(_) => return Err(unsupported(rule, "an object whose `msg` is no string")),
            None => return Err(unsupported(rule, "an object without `msg`")),
        },
        other => return Err(unsupported(rule, kind_of(&other))),
    };
    Ok(Finding { msg, metadata, rule: rule.path.clone(), location: rule.location.clone() })
}

fn unsupported(rule: &Rule, what: &str) -> Failing {
    let message = format!("the rule `{}` returns {what}; only strings and objects with a string `msg` are results", rule.path);
    Failing { location: rule.location.clone(), message, timed_out: false }
}

const fn kind_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "a list of lists",
        serde_json::Value::Object(_) => "an object",
    }
}

pub(super) fn json(value: &Value) -> Result<serde_json::Value, Failing> {
    super::document::of(value).map_err(|error| Failing { message: format!("a value that is not JSON: {error}"), ..Failing::default() })
}

fn elements(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Set(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}
