//! Regular expressions in Go's syntax.

mod class;
mod globs;
mod template;
mod translate;

use std::cell::RefCell;
use std::sync::Arc;

use regex::Captures;

use super::cache::{self, Bounded};
use super::call::Value;
use super::expression::Expression;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, strings};

pub(super) const FAMILY: Family = &[
    ("re_match", Availability::Pure(is_match)),
    ("regex.find_all_string_submatch_n", Availability::Pure(find_submatches)),
    ("regex.find_n", Availability::Pure(find)),
    ("regex.globs_match", Availability::Pure(|operands| globs::intersect(operand::string(operands, 1)?, operand::string(operands, 2)?))),
    ("regex.is_valid", Availability::Pure(is_valid)),
    ("regex.match", Availability::Pure(is_match)),
    ("regex.replace", Availability::Pure(replace)),
    ("regex.split", Availability::Pure(split)),
    ("regex.template_match", Availability::Pure(template::is_match)),
];

/// A compiled expression, and the names of its groups.
#[derive(Debug)]
struct Compiled {
    regex: Expression,
    names: Vec<Option<String>>,
}

thread_local! {
    static COMPILED: RefCell<Bounded<String, Arc<Compiled>>> = Bounded::new(256);
}

fn compile(pattern: &str) -> Result<Arc<Compiled>, Fault> {
    cache::get_or_make(&COMPILED, pattern.to_owned(), |pattern| {
        let translated = translate::translate(pattern).map_err(|why| Fault::failed(format!("error parsing regexp: {why}")))?;
        let regex = Expression::new(&translated.pattern).map_err(|why| Fault::failed(format!("error parsing regexp: {why}")))?;
        Ok(Arc::new(Compiled { regex, names: translated.names }))
    })
}

/// Compiles an expression in Go's syntax.
pub(super) fn compiled(pattern: &str) -> Result<Expression, Fault> {
    compile(pattern).map(|compiled| compiled.regex.clone())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn is_valid(operands: &[Value]) -> Answer {
    let Ok(pattern) = operand::string(operands, 1) else { return Ok(Value::from(false)) };
    Ok(Value::from(compile(pattern).is_ok()))
}

fn is_match(operands: &[Value]) -> Answer {
    let (pattern, text) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    Ok(Value::from(compile(pattern)?.regex.on(text)?.is_match(text)))
}

/// How many matches are asked for; a negative number is all of them.
fn limit(operands: &[Value]) -> Result<usize, Fault> {
    Ok(usize::try_from(operand::integer(operands, 3)?).unwrap_or(usize::MAX))
}

fn find(operands: &[Value]) -> Answer {
    let (pattern, text, limit) = (operand::string(operands, 1)?, operand::string(operands, 2)?, limit(operands)?);
    let compiled = compile(pattern)?;
    Ok(Value::from(compiled.regex.on(text)?.find_iter(text).take(limit).map(|found| Value::from(found.as_str())).collect::<Vec<_>>()))
}

fn find_submatches(operands: &[Value]) -> Answer {
    let (pattern, text, limit) = (operand::string(operands, 1)?, operand::string(operands, 2)?, limit(operands)?);
    let compiled = compile(pattern)?;
    // A group that took no part is the empty string.
    let groups = |found: Captures<'_>| {
        let groups = found.iter().map(|group| Value::from(group.map_or("", |group| group.as_str())));
        Value::from(groups.collect::<Vec<_>>())
    };
    Ok(Value::from(compiled.regex.on(text)?.captures_iter(text).take(limit).map(groups).collect::<Vec<_>>()))
}

/// What stands between the matches. An empty match at the very beginning separates nothing.
fn split(operands: &[Value]) -> Answer {
    let (pattern, text) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    let compiled = compile(pattern)?;
    if !pattern.is_empty() && text.is_empty() {
        return Ok(Value::from(vec![Value::from("")]));
    }
    let (mut parts, mut begin, mut end) = (Vec::new(), 0, 0);
    for found in compiled.regex.on(text)?.find_iter(text) {
        end = found.start();
        if found.end() != 0 {
            parts.push(Value::from(text.get(begin..end).unwrap_or_default()));
        }
        begin = found.end();
    }
    if end != text.len() {
        parts.push(Value::from(text.get(begin..).unwrap_or_default()));
    }
    Ok(Value::from(parts))
}

fn replace(operands: &[Value]) -> Answer {
    let (text, pattern, replacement) = (operand::string(operands, 1)?, operand::string(operands, 2)?, operand::string(operands, 3)?);
    let compiled = compile(pattern)?;
    let mut out = String::new();
    let mut last = 0;
    for found in compiled.regex.on(text)?.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        out.push_str(text.get(last..whole.start()).unwrap_or_default());
        expand(replacement, &found, &compiled.names, &mut out);
        last = whole.end();
        if out.len() > strings::LONGEST {
            return Err(Fault::failed("result too large"));
        }
    }
    out.push_str(text.get(last..).unwrap_or_default());
    Ok(Value::from(out))
}

/// Replaces `$1`, `${1}`, `$name` and `$$`; the longest name counts, and an unknown one is empty.
fn expand(template: &str, found: &Captures<'_>, names: &[Option<String>], out: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let (name, after_name) = variable(after);
        let Some(name) = name else {
            out.push('$');
            rest = after;
            continue;
        };
        rest = after_name;
        let group = match name.parse::<usize>() {
            Ok(number) if name.bytes().all(|byte| byte.is_ascii_digit()) => found.get(number),
            _ => {
                // Where a name occurs twice, the last group that took part wins.
                let at = names.iter().enumerate().filter(|(_, known)| known.as_deref() == Some(name));
                at.rev().find_map(|(at, _)| found.get(at + 1))
            }
        };
        out.push_str(group.map_or("", |group| group.as_str()));
    }
    out.push_str(rest);
}

fn variable(text: &str) -> (Option<&str>, &str) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if let Some(inside) = text.strip_prefix('{') {
        return match inside.split_once('}') {
            Some((name, after)) if !name.is_empty() && name.chars().all(is_word) => (Some(name), after),
            _ => (None, text),
        };
    }
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() { (None, text) } else { (Some(name), after) }
}
