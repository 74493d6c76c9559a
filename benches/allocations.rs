//! What an evaluation allocates, and what it leaves behind: counted, so that times are not to be had here.
//!
//! `cargo bench --bench allocations [-- EVALUATIONS]` (20 where nothing is said). `VIDIMUS_CONFORMA_POLICY` names a checkout of
//! conforma/policy to be counted too.

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a bench says what it counted")]

#[path = "policy/subject.rs"]
mod subject;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use vidimus::Workers;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(20_usize).max(1);
    println!("{:<44} {:>12} {:>12} {:>14}", "", "allocations", "KiB", "retained KiB");
    for subject in [Some(subject::own()), subject::conforma()].into_iter().flatten() {
        println!("{} ({} paths)", subject.name, subject.files.len());
        let region = Region::new(ALLOCATOR);
        let policy = subject.compile();
        told("  prepare", region.change(), 1);
        let (component, options) = (subject.component(), subject::options());
        for (name, times) in [("  first component", 1), ("  each further component", number)] {
            let job = |(), place: &vidimus::Place| {
                let region = Region::new(ALLOCATOR);
                for _ in 0..times {
                    subject::decided(&policy.evaluate_at(place, &component, &options));
                }
                region.change()
            };
            Workers::new(1).run(std::iter::once(()), job, |stats| told(name, stats, times)).unwrap();
        }
    }
}

fn told(name: &str, stats: Stats, times: usize) {
    let (each, kib) = (|count: usize| count as f64 / times as f64, |bytes: f64| bytes / 1024.0);
    let retained = stats.bytes_allocated as f64 - stats.bytes_deallocated as f64;
    println!(
        "{name:<44} {:>12.0} {:>12.0} {:>14.1}",
        each(stats.allocations + stats.reallocations),
        kib(each(stats.bytes_allocated)),
        kib(retained / times as f64)
    );
}
