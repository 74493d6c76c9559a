//! The policy by hand of `guest.wat`, with what a test puts into it, and a host to run it.

use std::time::{Duration, Instant};

use vidimus_wasm_host::text::ValueText;
use vidimus_wasm_host::{
    BuiltinError, Builtins, Decision, EvalError, Host, HostConfig, Limits, LoadError, MissingBuiltins, PolicyModule, Snapshot,
};

const TEMPLATE: &str = include_str!("guest.wat");

/// `opa_eval`, as modules have it since ABI 1.2.
const ONE_CALL: &str = r#"(func (export "opa_eval") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $set_heap (local.get 5))
    (call $decide (local.get 1) (local.get 2)
      (if (result i32) (local.get 4) (then (call $parse (local.get 3) (local.get 4))) (else (i32.const 1072)))))"#;

/// The places of the template and what is there unless a test says otherwise.
const PLACES: [(&str, &str); 11] = [
    ("pages", "1"),
    ("minor", "3"),
    ("major", "1"),
    ("builtins", r"{\22test.echo\22:7,\22test.none\22:3}"),
    ("builtins_at", "64"),
    ("entrypoints", r"{\22main/allow\22:0,\22main/deny\22:1}"),
    ("malloc", ""),
    ("dump", ""),
    ("eval", ""),
    ("one_call", ONE_CALL),
    ("start", ""),
];

/// The module with `parts` in their places.
pub(crate) fn guest(parts: &[(&str, &str)]) -> Vec<u8> {
    wat::parse_str(text(parts)).unwrap()
}

/// The text of the module.
pub(crate) fn text(parts: &[(&str, &str)]) -> String {
    for (name, _) in parts {
        assert!(PLACES.iter().any(|(known, _)| known == name), "no place `{name}`");
    }
    PLACES.iter().fold(TEMPLATE.to_owned(), |text, (name, usual)| {
        let part = parts.iter().find(|(given, _)| given == name).map_or(*usual, |(_, part)| part);
        text.replace(&format!("%{name}%"), part)
    })
}

/// Small bounds, so that reaching them takes no time.
pub(crate) fn limits() -> Limits {
    Limits {
        memory_bytes: 4 << 20,
        stack_bytes: 256 << 10,
        text_bytes: 64 << 10,
        depth: 32,
        instances: 4,
        load_time: Duration::from_secs(5),
        ..Limits::default()
    }
}

pub(crate) fn host() -> Host {
    Host::new(HostConfig { limits: limits(), cache: None }).unwrap()
}

/// `test.echo` gives its operand back, and `test.none` nothing; other answers by the operand.
#[derive(Debug, Default)]
pub(crate) struct Echo;

impl Builtins for Echo {
    fn call(&mut self, builtin: usize, operands: &[&str]) -> Result<Option<String>, BuiltinError> {
        match (builtin, operands) {
            // Sorted by number: 3 is `test.none`, 7 is `test.echo`.
            (0, _) => Ok(None),
            (1, ["\"halt\""]) => Err(BuiltinError("test.echo: halted".to_owned())),
            (1, ["\"unreadable\""]) => Ok(Some("null".to_owned())),
            (1, operands) => Ok(Some(operands.join(""))),
            _ => Err(BuiltinError(format!("unexpected call of {builtin}"))),
        }
    }
}

pub(crate) fn known(name: &str) -> bool {
    name.starts_with("test.")
}

pub(crate) fn load(host: &Host, wasm: &[u8]) -> Result<PolicyModule, LoadError> {
    host.load(wasm, known, MissingBuiltins::Refuse)
}

/// The module of these parts with the data `{"d": 1}`.
pub(crate) fn snapshot(host: &Host, parts: &[(&str, &str)]) -> Snapshot {
    load(host, &guest(parts)).unwrap().with_data(&value(r#"{"d":1}"#)).unwrap()
}

pub(crate) fn value(text: &str) -> ValueText<'_> {
    ValueText::new(text, 32).unwrap()
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// The first entrypoint, asked once.
pub(crate) fn ask(snapshot: &Snapshot, input: &str) -> Result<Decision, EvalError> {
    snapshot.evaluate(0, Some(&value(input)), Box::new(Echo), soon())
}
