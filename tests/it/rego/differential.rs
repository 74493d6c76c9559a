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

/// The modules of recorded programs.
pub(crate) fn programs() -> Vec<Vec<String>> {
    let texts = |line: &str| serde_json::from_str::<Value>(line).unwrap()["modules"].as_array().cloned().unwrap_or_default();
    RECORDED.lines().map(|line| texts(line).iter().map(|text| text.as_str().unwrap().to_owned()).collect()).collect()
}

#[test]
fn recorded_programs_get_opas_answers() {
    let mut differences = Vec::new();
    for line in RECORDED.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let texts = |member: &str| recorded[member].as_array().cloned().unwrap_or_default();
        let modules: Vec<String> = texts("modules").iter().map(|text| text.as_str().unwrap().to_owned()).collect();
        for (input, wanted) in INPUTS.iter().zip(texts("answers")) {
            let wanted = wanted.get("value").cloned().ok_or(());
            let answer = ours(&modules, input);
            if !agree(&answer, &wanted) {
                differences.push(format!("{}\ninput: {input}\nwanted {wanted:?}\ngot {answer:?}", modules.join("\n---\n")));
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
    let (mut tally, mut recorded) = (Tally::default(), String::new());
    for seed in first..first + count {
        let mut generator = Generator::new(seed);
        // Every other program has several packages and rarer forms.
        let modules = if seed % 2 == 0 { generator.program() } else { vec![generator.module("t")] };
        let answers = opa.answers(&modules, &INPUTS);
        if let Some(difference) = tally.compare(&modules, &answers) {
            eprintln!("seed {seed}\n{}\n{difference}\n", modules.join("\n---\n"));
        }
        if answers.iter().all(|answer| answer.as_ref().err().is_none_or(|why| why.contains("eval_conflict"))) {
            let answers: Vec<Value> =
                answers.iter().map(|answer| answer.as_ref().map_or(json!({}), |value| json!({ "value": value }))).collect();
            recorded.push_str(&json!({ "seed": seed, "modules": modules, "answers": answers }).to_string());
            recorded.push('\n');
        }
        if seed % 1000 == 0 {
            eprintln!("seed {seed}: {tally:?}");
        }
    }
    if let Ok(path) = std::env::var("VIDIMUS_RECORD") {
        std::fs::write(path, recorded).unwrap();
    }
    eprintln!("{count} programs from seed {first}: {tally:?}");
    assert_eq!(tally.differences, 0);
}

/// What came of the programs so far.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    failures: usize,
    refusals: usize,
    differences: usize,
}

impl Tally {
    /// What is different in our answers to a program, if anything is.
    fn compare(&mut self, modules: &[String], answers: &[Result<Value, String>]) -> Option<String> {
        for (input, wanted) in INPUTS.iter().zip(answers) {
            let is_refused = matches!(wanted, Err(why) if why.starts_with("compile"));
            // Errors inside OPA itself are no answers.
            if matches!(wanted, Err(why) if why.contains("eval_internal_error")) {
                return None;
            }
            let answer = ours(modules, input);
            let same = match &answer {
                Err(Trouble::Compile(_)) => is_refused,
                _ => !is_refused && agree(&answer, &wanted.clone().map_err(drop)),
            };
            if !same {
                self.differences += 1;
                return Some(format!("input: {input}\nopa: {wanted:?}\nours: {answer:?}"));
            }
            match wanted {
                Err(_) if is_refused => {
                    self.refusals += 1;
                    return None;
                }
                Ok(_) => self.equal += 1,
                Err(_) => self.failures += 1,
            }
        }
        None
    }
}

fn ours(modules: &[String], input: &str) -> Result<Value, Trouble> {
    let case = Case { modules: modules.to_vec(), query: "data".to_owned(), input: Input::Json(input.to_owned()), ..Case::default() };
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
