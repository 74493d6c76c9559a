//! OPA 1.22's own evaluation cases.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;

use super::case::{Asking, Case, Input, Trouble};
use super::compare::{same, sorted};
use super::known;
use crate::testkit::conformance;

/// What fails, and why: `file: note<TAB>reason`.
const KNOWN: &str = include_str!("opa-suite-failures.tsv");

/// All of OPA's cases, by name.
pub(crate) fn cases() -> Option<Vec<(String, Value)>> {
    let path = conformance("opa-suite/v1.jsonl.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let cases: Vec<(String, Value)> = named(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    assert!(cases.len() > 2000, "{} cases", cases.len());
    Some(cases)
}

#[test]
fn opas_own_cases_pass_but_for_those_that_are_listed() {
    let Some(cases) = cases() else { return };
    let half = cases.len() / 2;
    let (first, second) = cases.split_at(half);
    let failures = std::thread::scope(|scope| {
        let other = scope.spawn(|| failures(second));
        let mut all = failures(first);
        all.extend(other.join().unwrap());
        all
    });
    known::hold(&known::read(KNOWN), &failures);
}

/// Cases with names: some notes occur more than once.
fn named(cases: impl Iterator<Item = Value>) -> Vec<(String, Value)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    cases
        .map(|case| {
            let name = format!("{}: {}", text(&case, "file"), text(&case, "note"));
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            (if *count > 1 { format!("{name} #{count}") } else { name }, case)
        })
        .collect()
}

fn failures(cases: &[(String, Value)]) -> BTreeMap<String, String> {
    cases.iter().filter_map(|(name, case)| check(case, Case::answer).err().map(|why| (name.clone(), why))).collect()
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_default()
}

/// What a case asks.
pub(crate) fn asked(case: &Value) -> Case {
    Case {
        modules: case["modules"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        query: bindings(text(case, "query")),
        data: case["data"].clone(),
        input: match (case.get("input"), case.get("input_term").and_then(Value::as_str)) {
            (Some(input), _) => Input::Json(input.to_string()),
            (None, Some(term)) => Input::Term(term.to_owned()),
            (None, None) => Input::Absent,
        },
        strict: case["strict_error"] == true,
        ..Case::default()
    }
}

/// Asks a case, and compares the answer with the one that it wants.
pub(crate) fn check(case: &Value, asking: Asking) -> Result<(), String> {
    let answer = asking(&asked(case));
    let wanted = case.get("want_result").filter(|_| case.get("want_error").is_none() && case.get("want_error_code").is_none());
    match (wanted, &answer) {
        (Some(wanted), Ok(answer)) => {
            let wanted = if wanted.is_null() { Value::Array(Vec::new()) } else { wanted.clone() };
            let lax = case["sort_bindings"] == true;
            let (wanted, answer) = if lax { (sorted(&wanted), sorted(answer)) } else { (wanted, answer.clone()) };
            let unordered = || same(&results(&wanted), &results(&answer));
            if same(&wanted, &answer) || unordered() { Ok(()) } else { Err(format!("wanted {wanted}, got {answer}")) }
        }
        (Some(wanted), Err(trouble)) => Err(format!("wanted {wanted}, got {trouble:?}")),
        (None, Ok(answer)) => Err(format!("wanted an error ({}), got {answer}", text(case, "want_error_code"))),
        (None, Err(trouble)) => {
            if of_kind(case, trouble) {
                Ok(())
            } else {
                Err(format!("wanted {} {}, got {trouble:?}", text(case, "want_error_code"), text(case, "want_error")))
            }
        }
    }
}

/// The results of a query come in any order, and the same one may come more than once.
fn results(answer: &Value) -> Value {
    let mut results = answer.as_array().cloned().unwrap_or_default();
    results.sort_by_cached_key(|result| sorted(result).to_string());
    results.dedup_by(|one, other| same(one, other));
    Value::Array(results)
}

/// Whether trouble is of the kind that a case wants.
fn of_kind(case: &Value, trouble: &Trouble) -> bool {
    let code = match text(case, "want_error_code") {
        "" if text(case, "want_error").contains("eval_type_error") => "eval_type_error",
        "" => "eval_builtin_error",
        code => code,
    };
    match trouble {
        Trouble::Conflict(_) => code == "eval_conflict_error",
        Trouble::Type(_) => code == "eval_type_error",
        // The texts of some errors of type do not say what kind they are.
        Trouble::Builtin(text) => code == "eval_builtin_error" || (code == "eval_type_error" && text.contains(": ")),
        _ => false,
    }
}

/// `[{name: value of each variable} | query]`
fn bindings(query: &str) -> String {
    let names = variables(query);
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\": {name}")).collect();
    format!("[{{{}}} | {query}]", members.join(", "))
}

/// The variables of a query: single names that are not keywords, not in strings, not called, and not behind a dot.
fn variables(query: &str) -> Vec<String> {
    let characters: Vec<char> = query.chars().collect();
    let (mut names, mut index, mut quoted) = (Vec::new(), 0, false);
    while let Some(&character) = characters.get(index) {
        if character == '"' {
            quoted = !quoted;
        }
        let behind_dot = index > 0 && characters.get(index - 1) == Some(&'.');
        let start = index;
        while characters.get(index).is_some_and(|next| next.is_ascii_alphanumeric() || *next == '_') {
            index += 1;
        }
        if index == start {
            index += 1;
            continue;
        }
        let name: String = characters.get(start..index).unwrap_or_default().iter().collect();
        let next = characters.get(index);
        let reserved = ["data", "input", "true", "false", "null"].contains(&name.as_str());
        // Templates have quotes and names of their own inside: there, only what is unified with one counts.
        let unified = characters.get(index..index + 2) == Some(&[' ', '=']);
        let is_name = (unified || !query.contains('$')) && name.starts_with(|first: char| first.is_ascii_lowercase());
        if is_name && !quoted && !behind_dot && !reserved && next != Some(&'(') && next != Some(&'.') && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[test]
fn deep_terms_are_evaluated() {
    let nested = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let sum = vec!["input.x"; 60].join(" + ");
    let module = format!(
        "package t\narrays := {}\nobjects := {}\nsum := {sum}\nabsent if not input.y + {sum} > 0\n",
        nested("[", "]", 60),
        nested("{\"k\": ", "}", 60),
    );
    let asked = |query: &str| Case {
        modules: vec![module.clone()],
        query: query.to_owned(),
        input: Input::Json("{\"x\": 2}".to_owned()),
        ..Case::default()
    };
    let answer = |query: &str| asked(query).answer().unwrap();
    assert_eq!(answer("data.t.sum"), 120);
    assert_eq!(answer("count([x | walk(data.t.arrays, x)])"), 61);
    assert_eq!(answer("count([x | walk(data.t.objects, x)])"), 61);
    assert_eq!(answer("[x | x := data.t.absent]"), Value::Array(Vec::new()));
}
