//! The table as a whole: OPA's list, the page about it, and operands that nobody should send.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::recorded::call;
use super::tried::hostile;
use super::{Availability, Value, capabilities, table};

const OPA: &str = include_str!("../../tests/it/builtins/opa-capabilities.json");

#[test]
fn capabilities_are_those_of_opa_and_ours() {
    let mut opa: Json = serde_json::from_str(OPA).unwrap();
    let ours = capabilities();
    assert_eq!(ours["features"], opa["features"]);
    assert_eq!(ours["future_keywords"], opa["future_keywords"]);
    let names: BTreeSet<&str> = table().iter().map(|builtin| builtin.name).collect();
    assert_eq!(names.len(), table().len(), "a name is there twice");
    for entry in opa["builtins"].as_array_mut().unwrap() {
        let ours = ours["builtins"].as_array().unwrap().iter().find(|own| own["name"] == entry["name"]);
        assert_eq!(ours, Some(&*entry));
    }
    let added = names.iter().filter(|name| name.starts_with("ec.")).count();
    assert_eq!(added, 14);
    assert_eq!(table().len(), opa["builtins"].as_array().unwrap().len() + added);
}

#[test]
fn every_family_names_declared_builtins_once() {
    let names: Vec<&str> = super::FAMILIES.iter().flat_map(|family| family.iter().map(|(name, _)| *name)).collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(unique.len(), names.len());
    let unknown: Vec<&&str> = names.iter().filter(|name| super::lookup(name).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not declared");
}

/// The page `docs/builtins.md`.
fn page() -> String {
    let mut page = String::from(
        "# OPA's builtins\n\nEvery builtin of OPA 1.22, and ours. *yes*: held against OPA's answers, or the engine's own; *rewritten*: the\n\
         front-end replaces the call; *off*: reaches out of the evaluation, undefined unless allowed; *no*: undefined, and why.\n\n\
         | name | there | declared |\n|---|---|---|\n",
    );
    for builtin in table() {
        let there = match builtin.availability {
            Availability::Pure(_) | Availability::Calling(_) | Availability::Engine => "yes".to_owned(),
            Availability::Rewritten => "rewritten".to_owned(),
            Availability::OffByDefault => "off".to_owned(),
            Availability::Absent(why) => format!("no: {why}"),
        };
        let mut operands: Vec<String> = builtin.decl.arguments.iter().map(ToString::to_string).collect();
        operands.extend(builtin.decl.variadic.iter().map(|of| format!("...{of}")));
        let result = builtin.decl.result.as_ref().map(|result| format!(" => {result}")).unwrap_or_default();
        let deprecated = if builtin.deprecated { " (deprecated)" } else { "" };
        writeln!(page, "| `{}`{deprecated} | {there} | `({}){result}` |", builtin.name, operands.join(", ")).unwrap();
    }
    page
}

#[test]
fn the_page_tells_what_is_there() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/builtins.md");
    if std::env::var_os("VIDIMUS_WRITE_DOCS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == page(), "docs/builtins.md is old: VIDIMUS_WRITE_DOCS=1 writes it");
}

#[test]
fn a_path_without_end_is_refused() {
    let object = Value::from_json_str("{\"a\": {\"b\": 1}}").unwrap();
    for path in [Value::from("a/".repeat(100_000)), Value::from(vec![Value::from("a"); 100_000])] {
        for name in ["json.filter", "json.remove"] {
            let why = call(name, &[object.clone(), Value::from(vec![path.clone()])]).unwrap_err();
            assert_eq!(why.to_string(), format!("{name}: path too long"));
        }
    }
}

#[test]
fn no_operand_makes_a_builtin_panic_or_hang() {
    let work = || {
        let values = hostile();
        for builtin in table().iter().filter(|builtin| builtin.is_native() && !builtin.name.starts_with("ec.")) {
            let count = builtin.decl.arguments.len();
            // Every value in every place, and neighbours in the others.
            for at in 0..values.len() * 2 {
                let operands: Vec<Value> =
                    (0..count).map(|place| values[(at * (place * 7 + 1) + place * 3 + at / values.len()) % values.len()].clone()).collect();
                let begun = std::time::Instant::now();
                let _ = call(builtin.name, &operands);
                let spent = begun.elapsed();
                assert!(spent.as_secs() < 20, "{} took {spent:?} at {at}", builtin.name);
            }
        }
    };
    // As small as the stack of a worker.
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}
