//! Generated programs through both engines.
//!
//! By hand: `VIDIMUS_DIFFERENTIAL=100000 cargo test --test it rego::differential -- --nocapture` asks `opa` about that many
//! programs, from seed `VIDIMUS_SEED` (1) on; with `VIDIMUS_RECORD=FILE` it writes the answers down. CI replays
//! `recorded.jsonl`. Faster: `VIDIMUS_PROGRAMS=FILE` writes the programs, `tests/oracle/programs` (Go) answers them all in
//! one process, and `VIDIMUS_ANSWERS=FILE` compares with what it answered.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};

use serde_json::{Value, json};

use super::case::{Case, Compiled, Input, Trouble};
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
        let compiled = ours(&modules);
        for (input, wanted) in INPUTS.iter().zip(texts("answers")) {
            let wanted = wanted.get("value").cloned().ok_or(());
            let answer = answer(&compiled, input);
            if !agree(&answer, &wanted) {
                differences.push(format!("{}\ninput: {input}\nwanted {wanted:?}\ngot {answer:?}", modules.join("\n---\n")));
            }
        }
    }
    assert!(RECORDED.lines().count() >= 200);
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences[0]);
}

/// The one silent difference that is left and meant: OPA 1.22 evaluates a comprehension for an index of its own with the variables
/// around it unbound, so that it reports a conflict between two functions in `p` and none in `q`.
#[test]
fn the_order_of_statements_in_a_comprehension_changes_nothing() {
    let module = "package t
g([a, _]) := a if true
g({\"k\": v}) := v
base := json.unmarshal(`{\"k\": 1}`)
p := v if { x := base.k; v := [[0, x] | g(x); input.o[x]] }
q := v if { x := base.k; v := [[0, x] | input.o[x]; g(x)] }
";
    let answer = answer(&ours(&[module.to_owned()]), INPUTS[0]).unwrap();
    assert_eq!((&answer["t"]["p"], &answer["t"]["q"]), (&json!([]), &json!([])));
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a tool for developers, told by the environment what to do")]
fn generated_programs_get_opas_answers() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let Some(count) = number("VIDIMUS_DIFFERENTIAL") else { return };
    let first = number("VIDIMUS_SEED").unwrap_or(1);
    if let Ok(path) = std::env::var("VIDIMUS_PROGRAMS") {
        let programs =
            (first..first + count).map(|seed| format!("{}\n", json!({ "seed": seed, "modules": program(seed), "inputs": inputs() })));
        return std::fs::write(path, programs.collect::<String>()).unwrap();
    }
    let Some(mut oracle) = Oracle::start() else { return };
    let (mut tally, mut recorded) = (Tally::default(), String::new());
    for seed in first..first + count {
        let modules = program(seed);
        let answers = oracle.answers(seed, &modules);
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

/// The modules of a program. Every other has several packages and rarer forms.
fn program(seed: u64) -> Vec<String> {
    let mut generator = Generator::new(seed);
    if seed.is_multiple_of(2) { generator.program() } else { vec![generator.module("t")] }
}

fn inputs() -> Vec<Value> {
    INPUTS.iter().map(|input| serde_json::from_str(input).unwrap()).collect()
}

/// Who answers.
#[derive(Debug)]
enum Oracle {
    Server(Opa),
    Answers(Lines<BufReader<File>>),
}

impl Oracle {
    #[expect(clippy::disallowed_methods, reason = "a tool for developers, told by the environment what to do")]
    fn start() -> Option<Self> {
        match std::env::var("VIDIMUS_ANSWERS") {
            Ok(path) => Some(Self::Answers(BufReader::new(File::open(path).unwrap()).lines())),
            Err(_) => Opa::start().map(Self::Server),
        }
    }

    /// OPA's answer for each input.
    fn answers(&mut self, seed: u64, modules: &[String]) -> Vec<Result<Value, String>> {
        let lines = match self {
            Self::Server(opa) => return opa.answers(modules, &INPUTS),
            Self::Answers(lines) => lines,
        };
        let answer =
            lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap()).find(|answer| answer["seed"] == seed).unwrap();
        if let Some(reasons) = answer.get("refusal") {
            return INPUTS.iter().map(|_| Err(format!("compile: {reasons}"))).collect();
        }
        let answers = answer["answers"].as_array().unwrap().iter();
        answers.map(|answer| answer.get("value").cloned().ok_or_else(|| answer["error"].as_str().unwrap().to_owned())).collect()
    }
}

/// What came of the programs so far.
#[derive(Debug, Default)]
struct Tally {
    equal: usize,
    failures: usize,
    refusals: usize,
    /// Where we say aloud that we have no answer, and OPA has one.
    refused: usize,
    /// Where nothing shows that our answer is not OPA's.
    differences: usize,
}

impl Tally {
    /// What is different in our answers to a program, if anything is.
    fn compare(&mut self, modules: &[String], answers: &[Result<Value, String>]) -> Option<String> {
        let compiled = ours(modules);
        for (input, wanted) in INPUTS.iter().zip(answers) {
            let is_refused = matches!(wanted, Err(why) if why.starts_with("compile"));
            // Errors inside OPA itself are no answers.
            if matches!(wanted, Err(why) if why.contains("eval_internal_error")) {
                return None;
            }
            let answer = answer(&compiled, input);
            let same = match &answer {
                Err(Trouble::Compile(_)) => is_refused,
                _ => !is_refused && agree(&answer, &wanted.clone().map_err(drop)),
            };
            if !same {
                match &answer {
                    Err(_) => self.refused += 1,
                    Ok(_) => self.differences += 1,
                }
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

fn ours(modules: &[String]) -> Result<Compiled, Trouble> {
    Compiled::of(&Case { modules: modules.to_vec(), query: "data".to_owned(), ..Case::default() })
}

fn answer(compiled: &Result<Compiled, Trouble>, input: &str) -> Result<Value, Trouble> {
    compiled.as_ref().map_err(Clone::clone)?.answer(&Input::Json(input.to_owned()))
}

/// Same value, or an error in both.
fn agree(answer: &Result<Value, Trouble>, wanted: &Result<Value, ()>) -> bool {
    match (answer, wanted) {
        (Ok(answer), Ok(wanted)) => same(answer, wanted) || same(&sorted(answer), &sorted(wanted)),
        (Err(Trouble::Other(_)), _) => false,
        (answer, wanted) => answer.is_err() && wanted.is_err(),
    }
}
