use serde_json::Value;

use super::print;
use crate::rego::ast::{
    Expr, ExprKind, Keywords, Module, Span, TemplatePart, Term, TermKind, Version, VisitMut, walk_expr_mut, walk_module_mut, walk_term_mut,
};
use crate::rego::parse::parse;

const RECORDED: &str = include_str!("../../../fixtures/rego/parse.jsonl");
const CHECKED: &str = include_str!("../../../fixtures/rego/check.jsonl");

/// Forgets positions, and the version, which printing raises.
struct Plain;

impl VisitMut for Plain {
    fn expr(&mut self, expr: &mut Expr) {
        expr.span = Span::default();
        for with in &mut expr.with {
            with.span = Span::default();
        }
        match &mut expr.kind {
            ExprKind::Some(variables) => variables.iter_mut().for_each(|variable| variable.span = Span::default()),
            ExprKind::Every { key, value, .. } => {
                key.iter_mut().chain([value]).for_each(|variable| variable.span = Span::default());
            }
            _ => {}
        }
        walk_expr_mut(self, expr);
    }

    fn term(&mut self, term: &mut Term) {
        term.span = Span::default();
        if let TermKind::Template(parts) = &mut term.kind {
            for part in parts {
                if let TemplatePart::Text(span, _) = part {
                    *span = Span::default();
                }
            }
        }
        walk_term_mut(self, term);
    }
}

fn plain(mut module: Module) -> Module {
    walk_module_mut(&mut Plain, &mut module);
    (module.version, module.keywords, module.package.span) = (Version::V1, Keywords::default(), Span::default());
    module.annotations.clear();
    for import in &mut module.imports {
        import.span = Span::default();
    }
    for rule in &mut module.rules {
        (rule.span, rule.head.span, rule.head.name.head.span) = (Span::default(), Span::default(), Span::default());
        rule.annotations.clear();
        // A rule that only names something is printed with the value that it has.
        let truth = || Some(Term::new(Span::default(), TermKind::Boolean(true)));
        if rule.head.key.is_none() {
            rule.head.value = rule.head.value.take().or_else(truth);
        }
        for branch in &mut rule.otherwise {
            branch.span = Span::default();
            branch.value = branch.value.take().or_else(truth);
        }
    }
    module
}

/// Prints what was read, and reads that again.
fn round_trip(text: &str, version: Version) -> Result<(), String> {
    let Ok(module) = parse("m.rego", text, 0, version) else { return Ok(()) };
    let printed = print(&module).text;
    match parse("p.rego", &printed, 0, Version::V1) {
        Err(found) => Err(format!("{text}\n---\n{printed}\n---\n{}", found[0])),
        Ok(again) if plain(again.clone()) != plain(module.clone()) => Err(format!("{text}\n---\n{printed}\n--- differs")),
        Ok(_) => Ok(()),
    }
}

fn seeds() -> Vec<(String, Version)> {
    let version = |case: &Value| if case["v0"] == true { Version::V0 } else { Version::V1 };
    let mut seeds = Vec::new();
    for line in RECORDED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        seeds.push((case["module"].as_str().unwrap().to_owned(), version(&case)));
    }
    for line in CHECKED.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        for module in case["modules"].as_array().unwrap() {
            seeds.push((module.as_str().unwrap().to_owned(), version(&case)));
        }
    }
    seeds
}

#[test]
fn what_is_printed_reads_as_the_same_tree() {
    for (text, version) in seeds() {
        // `if` cannot name a rule in v1; `and` at the start of a line continues the line before.
        if !text.ends_with("if := 1") && !text.contains("; and({1}") {
            round_trip(&text, version).unwrap();
        }
    }
}

#[test]
fn the_map_leads_back_to_the_source() {
    let text = "package t\n\np   := x if {\n    x := 1;   y := x +\n  input.z\n}\n";
    let module = parse("m.rego", text, 0, Version::V1).unwrap();
    let printed = print(&module);
    let place = |needle: &str| {
        let (row, line) = printed.text.lines().enumerate().find(|(_, line)| line.contains(needle)).unwrap();
        let column = line.find(needle).unwrap() + 1;
        let span = printed.map.at(u32::try_from(row + 1).unwrap(), u32::try_from(column).unwrap()).unwrap();
        (span.row, span.column)
    };
    assert_eq!(place("p := x"), (3, 1));
    assert_eq!(place("x := 1"), (4, 5));
    assert_eq!(place("y := x"), (4, 15));
    assert_eq!(place("input.z"), (5, 3));
}

/// Small, fast, the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "|",
    ",",
    ":",
    ":=",
    "=",
    "==",
    ";",
    "\n",
    " ",
    ".",
    "..",
    "\"",
    "`",
    "$\"",
    "{x}",
    "\\",
    "\\u",
    "#",
    "-",
    "+",
    "&",
    "in",
    "not ",
    "some ",
    "every ",
    "with ",
    " as ",
    " if ",
    " contains ",
    "else ",
    "default ",
    "import ",
    "package ",
    "_",
    "x",
    "1",
    ".5",
    "1e9",
    "é",
    "\u{feff}",
    "set()",
    "input.x",
    "# METADATA\n",
    "and ",
    "or ",
    "future.keywords",
    "[x |",
    "{x:",
    "\0",
    "\u{a0}",
];

fn mutate(text: &str, other: &str, dice: &mut Dice) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(text.len() + 1);
        let end = (at + dice.roll(12)).min(text.len());
        match dice.roll(6) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy = text[at..end].to_vec();
                let place = dice.roll(text.len() + 1);
                text.splice(place..place, copy);
            }
            2 => {
                let other: Vec<char> = other.chars().collect();
                let from = dice.roll(other.len());
                let to = (from + dice.roll(40)).min(other.len());
                text.splice(at..at, other[from..to].iter().copied());
            }
            3 => text.truncate(at.max(10)),
            4 => text.splice(at..end, PIECES[dice.roll(PIECES.len())].chars()).for_each(drop),
            _ => text.splice(at..at, PIECES[dice.roll(PIECES.len())].chars()).for_each(drop),
        }
    }
    text.into_iter().collect()
}

fn fuzz(count: usize) {
    let seeds = seeds();
    let mut dice = Dice(0x5eed);
    let (mut read, mut pool) = (0, Vec::new());
    for round in 0..count {
        let (seed, version) = &seeds[dice.roll(seeds.len())];
        // What was read after a mutation is mutated again.
        let base = if pool.is_empty() || dice.roll(3) > 0 { seed } else { &pool[dice.roll(pool.len())] };
        let (other, _) = &seeds[dice.roll(seeds.len())];
        let text = mutate(base, other, &mut dice);
        if parse("m.rego", &text, 0, *version).is_ok() {
            read += 1;
            if !text.contains("and(") && !text.contains("or(") && !begins_with_keyword(&text) && *version == Version::V1 {
                round_trip(&text, *version).unwrap_or_else(|found| panic!("round {round}:\n{found}"));
            }
            if text.len() < 2_000 {
                let slot = dice.roll(500);
                if pool.len() < 500 { pool.push(text) } else { pool[slot] = text }
            }
        }
    }
    assert!(read * 20 > count, "{read} of {count} were read: the mutations are too wild to say anything");
}

/// Whether a reference may begin with a keyword. That is read at the beginning of a statement and nowhere else; what the engine gets
/// has none, since names are resolved before.
fn begins_with_keyword(text: &str) -> bool {
    let heads = ["if", "in", "every", "contains"].map(|word| [format!("{word}."), format!("{word}[")]);
    heads.iter().flatten().any(|head| text.contains(head))
}

#[test]
fn mutated_modules_neither_panic_nor_read_differently_when_printed() {
    fuzz(20_000);
}

#[test]
#[ignore = "by hand, in a release build"]
fn a_million_mutated_modules() {
    fuzz(1_000_000);
}
