//! What an evaluation costs: `cargo bench -p vidimus-wasm-host`. Times are compared within one run, never between machines.
//!
//! Beside ours stands the way of other hosts, done here by hand with the same engine: a memory that is created and
//! imported, functions defined and the module instantiated, the data parsed, all for each evaluation.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that fails may stop")]

mod measure;
mod peer;

use vidimus_wasm_host::text::ValueText;
use vidimus_wasm_host::{BuiltinError, Builtins, CacheDirectory, Host, HostConfig, MissingBuiltins, Snapshot};

use measure::{INPUT, data, mean, soon};

const SMALL: &[u8] = include_bytes!("small.wasm");

/// Gives back what it is given.
struct Echo;

impl Builtins for Echo {
    fn call(&mut self, _: usize, operands: &[&str]) -> Result<Option<String>, BuiltinError> {
        Ok(operands.first().map(|&operand| operand.to_owned()))
    }
}

/// The best of five means, in microseconds.
fn time<T>(mut run: impl FnMut() -> T) -> f64 {
    (0..5).map(|_| mean(&mut run)).fold(f64::MAX, f64::min)
}

fn value(text: &str) -> ValueText<'_> {
    ValueText::new(text, 64).expect("a value")
}

fn entrypoint(snapshot: &Snapshot, path: &str) -> i32 {
    snapshot.module().entrypoints().iter().find(|one| one.path == path).expect("an entrypoint").id
}

fn fresh(snapshot: &Snapshot, id: i32, input: &ValueText<'_>) -> usize {
    snapshot.evaluate(id, Some(input), Box::new(Echo), soon()).expect("a decision").text().len()
}

#[expect(clippy::print_stdout, reason = "a bench tells its figures")]
fn row(what: &str, micros: f64) {
    println!("{what:58} {micros:10.2} µs");
}

fn load(host: &Host) -> Snapshot {
    let module = host.load(SMALL, |_| true, MissingBuiltins::Refuse).expect("a module");
    module.with_data(&value(&data(10))).expect("data")
}

fn main() {
    let folder = tempfile::tempdir().expect("a directory");
    let host = Host::new(HostConfig::default()).expect("a host");
    row("load: read, compile twice, start, parse data", time(|| load(&host)));
    let cached = || {
        Host::new(HostConfig { cache: Some(CacheDirectory::open(folder.path()).expect("ours")), ..HostConfig::default() }).expect("a host")
    };
    load(&cached());
    let kept = cached();
    row("load: the same, compiled code found in the cache", time(|| load(&kept)));

    let small = load(&host);
    let large = small.module().with_data(&value(&data(20_000))).expect("data");
    let (allow, input) = (entrypoint(&small, "small/allow"), value(INPUT));
    row("fresh instance, small data", time(|| fresh(&small, allow, &input)));
    row("fresh instance, 20,000 users", time(|| fresh(&large, allow, &input)));
    row("instantiate and drop", time(|| small.instance(Box::new(Echo), soon()).expect("an instance")));
    let mut instance = small.instance(Box::new(Echo), soon()).expect("an instance");
    row("the same instance again", time(|| instance.evaluate(allow, Some(&input), soon()).expect("a decision")));
    for users in [10, 20_000] {
        let peer = peer::Peer::new(SMALL, data(users));
        let what = format!("peers' way: import memory, link, parse data, {users} users");
        row(&what, time(|| peer.evaluate(allow, INPUT)));
    }
    calls(&small);
    memory(&small, allow);
}

/// The cost of one call of a builtin, by the difference that a thousand make.
fn calls(small: &Snapshot) {
    let calls = entrypoint(small, "small/calls");
    let many = format!("{{\"values\":[{}0]}}", "0,".repeat(999));
    let (none, many) = (value("{\"values\":[]}"), value(&many));
    let each = (time(|| fresh(small, calls, &many)) - time(|| fresh(small, calls, &none))) / 1000.0;
    row("call of a builtin", each);
}

/// A hundred thousand evaluations must not grow the process.
fn memory(small: &Snapshot, allow: i32) {
    let input = value(INPUT);
    for _ in 0..1000 {
        fresh(small, allow, &input);
    }
    let before = resident();
    for _ in 0..100_000 {
        fresh(small, allow, &input);
    }
    let after = resident();
    grown((after - before) / 1024.0);
}

#[expect(clippy::print_stdout, reason = "a bench tells its figures")]
fn grown(kib: f64) {
    println!("{:58} {kib:10.0} KiB", "growth over 100,000 evaluations");
}

/// Bytes of memory that the process holds; 0 where the system does not tell.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.unwrap_or_default() * 1024.0
}
