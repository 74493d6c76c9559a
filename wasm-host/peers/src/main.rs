//! What a small policy costs here and in `opa-wasm`, in one process and by turns, on one build of wasmtime.
//!
//! `allow.wasm` is `benches/evaluate/small.rego` again, with the one entrypoint `small/allow`: `opa-wasm` loads no module that
//! calls a builtin which it does not know. Times compare within one run, never between machines.

mod ours;
mod theirs;

#[path = "../../benches/evaluate/measure.rs"]
mod measure;

use measure::{INPUT, data, mean};
use opa_wasm::wasmtime::Engine;
use ours::Ours;
use theirs::Theirs;

const WASM: &[u8] = include_bytes!("../allow.wasm");
const ENTRYPOINT: &str = "small/allow";

/// Both by turns, five times; the best of each.
fn row<A, B>(what: &str, mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) {
    let (mut one, mut other) = (f64::MAX, f64::MAX);
    for _ in 0..5 {
        one = one.min(mean(&mut ours));
        other = other.min(mean(&mut theirs));
    }
    println!("{what:52} {one:12.2} {other:12.2} {:8.1}", other / one);
}

/// Both decide alike, whoever is asked about, in a fresh instance and in one that is used again.
fn agree() {
    let cases = [(INPUT, true), (r#"{"method":"GET","user":"nobody"}"#, false), (r#"{"method":"PUT","user":"u7"}"#, false), ("[]", false)];
    for (input, expected) in cases {
        let policy = (WASM, &*data(10));
        let (ours, theirs) = (Ours::new(policy, ENTRYPOINT, input), Theirs::new(Engine::default(), policy, ENTRYPOINT, input));
        let (mut one, mut other) = (ours.instance(), theirs.instance());
        let expected = serde_json::json!([{ "result": expected }]);
        for _ in 0..3 {
            let decided = [ours::json(ours.fresh()), ours::json(ours.again(&mut one)), theirs.fresh(), theirs.again(&mut other)];
            assert!(decided.iter().all(|decision| *decision == expected), "{input}: {decided:?}");
        }
    }
}

fn main() {
    agree();
    println!("{:52} {:>12} {:>12} {:>8}", "microseconds", "ours", "opa-wasm", "ratio");
    for users in [10, 20_000] {
        let text = data(users);
        let policy = (WASM, &*text);
        let ours = Ours::new(policy, ENTRYPOINT, INPUT);
        let theirs = Theirs::new(Engine::default(), policy, ENTRYPOINT, INPUT);
        let pooled = Theirs::new(theirs::pooled(), policy, ENTRYPOINT, INPUT);
        row(&format!("a fresh instance for an evaluation, {users} users"), || ours.fresh(), || theirs.fresh());
        row(&format!("the same, a pool of instances there, {users} users"), || ours.fresh(), || pooled.fresh());
        let (mut one, mut other) = (ours.instance(), theirs.instance());
        row(&format!("the same instance again, {users} users"), || ours.again(&mut one), || theirs.again(&mut other));
        row(&format!("cold load: from the bytes to a policy, {users} users"), || ours.load(policy), || theirs.load(WASM));
    }
}
