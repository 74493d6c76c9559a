//! Answers beside those of OPA's own library, where its program can be asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use super::generator::Generator;
use super::{told, written};
use crate::builtins::recorded::difference;

/// The program of `tests/oracle/builtins`.
struct Oracle {
    program: String,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Oracle {
    fn start(program: String) -> Self {
        let mut command = Command::new(&program);
        let mut child = command.arg("record").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Oracle { program, child, to, from }
    }

    /// The answer; nothing where the call ends the program, which is then started again.
    fn answer(&mut self, call: &str) -> String {
        let mut line = String::new();
        let _ = writeln!(self.to, "{call}").and_then(|()| self.from.read_line(&mut line));
        if line.is_empty() {
            let _ = self.child.wait();
            *self = Oracle::start(self.program.clone());
        }
        line.trim_end().to_owned()
    }
}

fn is_of_words(why: &str) -> bool {
    [true, false].iter().any(|kind| why.contains(&format!("gave Err(({kind}, ")) && why.contains(&format!("and not Err(({kind}, ")))
}

#[test]
#[expect(clippy::print_stderr, reason = "what was not done is said")]
fn answers_of_unforeseen_calls_are_those_of_opa() {
    let program = told("VIDIMUS_BUILTINS_ORACLE", String::new());
    if program.is_empty() {
        eprintln!("SKIPPED: VIDIMUS_BUILTINS_ORACLE names no program of tests/oracle/builtins");
        return;
    }
    let mut oracle = Oracle::start(program);
    let (tries, seed) = (told("VIDIMUS_TRIES", 20_000_u64), told("VIDIMUS_SEED", 1_u64));
    let only = told("VIDIMUS_ONLY", String::new());
    let words = told("VIDIMUS_WORDS", false);
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
        // What is nested too deeply for the reader here is left to the other test.
        let Some(line) = serde_json::from_str::<Json>(&answer).ok().filter(|line| line.get("trouble").is_none()) else { continue };
        asked += 1;
        match difference(&line) {
            // Both refuse, for the same kind of reason, in words that may be a library's own.
            Some(why) if !words && is_of_words(&why) => {}
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
