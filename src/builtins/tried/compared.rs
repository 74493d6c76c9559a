//! Answers beside those of OPA's own library, where its program can be asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use super::generator::Generator;
use super::{told, written};
use crate::builtins::recorded::difference;

/// The program of `tests/oracle/builtins`.
struct Oracle {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Option<Self> {
        let program = told("VIDIMUS_BUILTINS_ORACLE", String::new());
        if program.is_empty() {
            return None;
        }
        let mut child = Command::new(program).arg("record").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Some(Oracle { to: child.stdin.take().unwrap(), from: BufReader::new(child.stdout.take().unwrap()) })
    }

    fn answer(&mut self, call: &str) -> String {
        writeln!(self.to, "{call}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not done is said")]
fn answers_of_unforeseen_calls_are_those_of_opa() {
    let Some(mut oracle) = Oracle::start() else {
        eprintln!("SKIPPED: VIDIMUS_BUILTINS_ORACLE names no program of tests/oracle/builtins");
        return;
    };
    let (tries, seed) = (told("VIDIMUS_TRIES", 20_000_u64), told("VIDIMUS_SEED", 1_u64));
    let only = told("VIDIMUS_ONLY", String::new());
    let generator = Generator::new();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut recorded: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut asked = 0;
    for number in 0..tries {
        let Some((builtin, operands)) = generator.comparable(seed.wrapping_mul(1_000_003).wrapping_add(number)) else { continue };
        if !builtin.name.starts_with(&only) {
            continue;
        }
        let answer = oracle.answer(&written::call(builtin.name, &operands));
        let line: Json = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        if line.get("trouble").is_some() {
            continue;
        }
        asked += 1;
        match difference(&line) {
            Some(why) => wrong.entry(builtin.name.to_owned()).or_default().push(why),
            None => recorded.entry(builtin.name.to_owned()).or_default().push(answer),
        }
    }
    let record = told("VIDIMUS_RECORD", String::new());
    if !record.is_empty() {
        let lines: Vec<String> = recorded.into_values().flatten().collect();
        std::fs::write(record, lines.join("\n") + "\n").unwrap();
    }
    let count: usize = wrong.values().map(Vec::len).sum();
    let shown: Vec<&String> = wrong.values().flat_map(|all| all.iter().take(told("VIDIMUS_SHOWN", 5))).collect();
    let shown: Vec<String> = shown.into_iter().map(|why| why.chars().take(1_500).collect()).collect();
    let names: Vec<String> = wrong.iter().map(|(name, all)| format!("{name} {}", all.len())).collect();
    assert!(count == 0, "{count} of {asked} answers differ ({})\n{}", names.join(", "), shown.join("\n"));
}
