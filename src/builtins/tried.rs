//! Calls that nobody thought of: none panics, hangs or swells, and where OPA's own library can be asked, it agrees.
//!
//! `VIDIMUS_TRIES` and `VIDIMUS_SEED` say how many calls and which; `VIDIMUS_BUILTINS_ORACLE` names the program of
//! `tests/oracle/builtins`; `VIDIMUS_RECORD` a file for its answers.

mod compared;
mod generator;
mod memory;
mod written;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::recorded::call;
use super::{Builtin, Value};
use generator::Generator;
pub(super) use generator::hostile;

/// Longest time of one call, in a build without optimisation.
const LONGEST: Duration = Duration::from_secs(30);
/// Most memory that the process may take beyond what it had before the call. Results are bounded at 64 MiB of text.
const MOST_MEMORY: u64 = 640 << 20;
/// How many calls are made between two looks at the memory.
const BATCH: u64 = 500;

#[expect(clippy::disallowed_methods, reason = "a developer says how long to try")]
fn told<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Makes one call; what is wrong with how it went.
fn trouble(builtin: &Builtin, operands: &[Value]) -> Option<String> {
    let begun = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| call(builtin.name, operands)));
    let spent = begun.elapsed();
    if answer.is_err() {
        return Some("panicked".to_owned());
    }
    (spent > LONGEST).then(|| format!("took {spent:?}"))
}

fn shown(builtin: &Builtin, operands: &[Value]) -> String {
    let text = written::call(builtin.name, operands);
    text.chars().take(2_000).collect()
}

#[test]
fn no_call_panics_hangs_or_swells() {
    let (tries, seed) = (told("VIDIMUS_TRIES", 20_000_u64), told("VIDIMUS_SEED", 1_u64));
    let work = move || {
        let mut wrong = Vec::new();
        let generator = Generator::new();
        for batch in 0..tries.div_ceil(BATCH) {
            let calls = |index: u64| generator.call(seed.wrapping_mul(1_000_003).wrapping_add(batch * BATCH + index));
            let before = memory::begin();
            for index in 0..BATCH {
                let (builtin, operands) = calls(index);
                wrong.extend(trouble(builtin, &operands).map(|why| format!("{} {why}: {}", builtin.name, shown(builtin, &operands))));
            }
            if memory::grown(before) > MOST_MEMORY {
                for index in 0..BATCH {
                    let (builtin, operands) = calls(index);
                    let before = memory::begin();
                    let _ = trouble(builtin, &operands);
                    let grown = memory::grown(before);
                    if grown > MOST_MEMORY {
                        wrong.push(format!("{} took {grown} bytes: {}", builtin.name, shown(builtin, &operands)));
                    }
                }
            }
            assert!(wrong.len() < 20, "{}", wrong.join("\n"));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
    // As small as the stack of a worker.
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}
