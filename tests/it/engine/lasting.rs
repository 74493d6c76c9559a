//! Rules that read no input are evaluated once for all evaluations of a policy, which nobody can tell from the results.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use vidimus::{CompileOptions, EvaluateOptions, Policy};

use super::{SOON, component, engine, module};

const RULES: &str = "package main

import data.other

listed contains x if { some x in data.list; x > 1 }
named[name] := n if { some n in data.list; name := sprintf(\"n%d\", [n]) }
doubled := [m | some n in listed; m := 2 * n]
hour := h if { ns := time.now_ns(); all := [n | some n in data.list]; h := [ns, count(all)] }
chance := [uuid.rfc4122(k) | some k in [\"a\"]]
above contains x if { some x in listed; x > input.least }
absent := first if { first := [x | some x in data.list; x > 9][0] }
default none := \"none\"
none := x if { some x in data.list; x == 100 }
answer := {\"listed\": listed, \"named\": named, \"doubled\": doubled, \"above\": above, \"none\": none, \"other\": other}
";

fn policy(query: &str) -> Policy {
    let data = json!({"list": [1, 2, 3]});
    let options = CompileOptions { data, query: Some(query.to_owned()), ..CompileOptions::default() };
    engine().compile(&[module(RULES), module("package other\n\nall contains x if some x in data.list\n")], &options).unwrap()
}

fn ask(policy: &Policy, least: u32, seconds: u64) -> Option<Value> {
    let now = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    policy.evaluate(&component(json!({ "least": least })), &EvaluateOptions { now, ..SOON }).result().cloned()
}

#[test]
fn the_second_evaluation_says_what_the_first_said_and_reads_its_own_input() {
    let policy = policy("data.main.answer");
    for least in [1, 2, 3, 1] {
        let above: Vec<u32> = [2, 3].into_iter().filter(|n| *n > least).collect();
        let expected = json!({
            "listed": [2, 3], "named": {"n1": 1, "n2": 2, "n3": 3}, "doubled": [4, 6], "above": above, "none": "none",
            "other": {"all": [1, 2, 3]},
        });
        assert_eq!(ask(&policy, least, 5), Some(expected));
    }
}

#[test]
fn what_the_time_decides_holds_at_that_time_only() {
    let policy = policy("data.main.hour");
    for seconds in [5, 5, 6, 5] {
        assert_eq!(ask(&policy, 0, seconds), Some(json!([seconds * 1_000_000_000, 3])));
    }
}

#[test]
fn chance_is_drawn_anew_in_each_evaluation() {
    let policy = policy("data.main.chance");
    assert_ne!(ask(&policy, 0, 5), ask(&policy, 0, 5));
}

#[test]
fn what_is_undefined_stays_so() {
    let policy = policy("data.main.absent");
    assert_eq!((ask(&policy, 0, 5), ask(&policy, 0, 5)), (None, None));
}

#[test]
fn a_document_shows_nothing_that_was_generated() {
    for query in ["data.other", "data"] {
        let policy = policy(query);
        let first = ask(&policy, 1, 5).unwrap();
        let names: Vec<&String> = first.as_object().unwrap().keys().collect();
        assert!(names == ["all"] || names == ["list", "main", "other"], "{names:?}");
        assert_eq!(ask(&policy, 1, 5).map(|second| second.as_object().unwrap().len()), Some(names.len()));
    }
}

/// What a query replaces is not taken from another evaluation, nor kept for one.
#[test]
fn with_sees_through_what_is_remembered() {
    let policy = policy("{\"now\": data.main.doubled, \"then\": [v | v := data.main.doubled with data.list as [5]]}");
    for _ in 0..2 {
        assert_eq!(ask(&policy, 1, 5), Some(json!({"now": [4, 6], "then": [[10]]})));
    }
}
