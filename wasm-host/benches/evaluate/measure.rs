//! How benches measure and what they ask about: means of many runs, a small data document, one small input.

use std::hint::black_box;
use std::time::{Duration, Instant};

pub(crate) const INPUT: &str = r#"{"method":"GET","user":"u7"}"#;

/// The mean of as many runs as fit into half a second, in microseconds.
pub(crate) fn mean<T>(run: &mut impl FnMut() -> T) -> f64 {
    let (begun, mut runs) = (Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_millis(500) {
        black_box(run());
        runs += 1;
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
}

/// So many users, all of whom may read.
pub(crate) fn data(users: usize) -> String {
    let roles: Vec<String> = (0..users).map(|user| format!("\"u{user}\":[\"reader\"]")).collect();
    format!("{{\"roles\":{{{}}}}}", roles.join(","))
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}
