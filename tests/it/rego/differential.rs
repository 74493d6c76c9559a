//! Generated programs through both engines.
//!
//! By hand: `VIDIMUS_DIFFERENTIAL=100000 cargo test --test it rego::differential -- --nocapture` asks `opa` about that many
//! programs, from seed `VIDIMUS_SEED` (1) on; with `VIDIMUS_RECORD=FILE` it writes the answers down. CI replays
//! `recorded.jsonl`.

use serde_json::{Value, json};

use super::case::{Case, Input, Trouble};
use super::compare::{same, sorted};
use super::generator::{Generator, INPUTS};
use super::opa::Opa;

const RECORDED: &str = include_str!("recorded.jsonl");

#[test]
fn recorded_programs_get_opas_answers() {
    let mut differences = Vec::new();
    for line in RECORDED.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let module = recorded["module"].as_str().unwrap();
        for (input, wanted) in INPUTS.iter().zip(recorded["answers"].as_array().unwrap()) {
            let wanted = wanted.get("value").cloned().ok_or(());
            let answer = ours(module, input);
            if !agree(&answer, &wanted) {
                differences.push(format!("{module}\ninput: {input}\nwanted {wanted:?}\ngot {answer:?}"));
            }
        }
    }
    assert!(RECORDED.lines().count() >= 200);
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[0]);
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a tool for developers, told by the environment what to do")]
fn generated_programs_get_opas_answers() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let Some(count) = number("VIDIMUS_DIFFERENTIAL") else { return };
    let first = number("VIDIMUS_SEED").unwrap_or(1);
    let Some(mut opa) = Opa::start() else { return };
    let (mut refused, mut failed, mut equal, mut recorded) = (0, 0, 0, String::new());
    let mut differences = 0;
    for seed in first..first + count {
        let module = Generator::new(seed).module("t");
        let answers = opa.answers("t", &module, &INPUTS);
        let is_refused = answers.iter().any(|answer| matches!(answer, Err(why) if why.starts_with("compile")));
        for (input, wanted) in INPUTS.iter().zip(&answers) {
            let answer = ours(&module, input);
            if matches!(wanted, Err(why) if why.contains("eval_internal_error")) {
                break;
            }
            if is_refused {
                // OPA infers types further than the checks do: what it refuses for them alone is evaluated here.
                refused += 1;
                break;
            }
            match wanted {
                Ok(_) => equal += 1,
                Err(_) => failed += 1,
            }
            if !agree(&answer, &wanted.clone().map_err(drop)) {
                differences += 1;
                eprintln!("seed {seed}\n{module}\ninput: {input}\nopa: {wanted:?}\nours: {answer:?}\n");
                break;
            }
        }
        // Errors inside OPA itself are no answers.
        let is_internal = answers.iter().any(|answer| matches!(answer, Err(why) if why.contains("eval_internal_error")));
        if !is_refused && !is_internal {
            let answers: Vec<Value> =
                answers.iter().map(|answer| answer.as_ref().map_or(json!({}), |value| json!({ "value": value }))).collect();
            recorded.push_str(&json!({ "seed": seed, "module": module, "answers": answers }).to_string());
            recorded.push('\n');
        }
        if seed % 1000 == 0 {
            eprintln!("seed {seed}: {differences} differences");
        }
    }
    if let Ok(path) = std::env::var("VIDIMUS_RECORD") {
        std::fs::write(path, recorded).unwrap();
    }
    eprintln!("{count} programs from seed {first}: {equal} answers, {failed} failures, {refused} refusals, {differences} differences");
    assert_eq!(differences, 0);
}

fn ours(module: &str, input: &str) -> Result<Value, Trouble> {
    let case =
        Case { modules: vec![module.to_owned()], query: "data.t".to_owned(), input: Input::Json(input.to_owned()), ..Case::default() };
    case.answer()
}

/// Same value, or an error in both.
fn agree(answer: &Result<Value, Trouble>, wanted: &Result<Value, ()>) -> bool {
    match (answer, wanted) {
        (Ok(answer), Ok(wanted)) => same(answer, wanted) || same(&sorted(answer), &sorted(wanted)),
        (Err(Trouble::Other(_)), _) => false,
        (answer, wanted) => answer.is_err() && wanted.is_err(),
    }
}
