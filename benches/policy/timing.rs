//! What evaluation costs: preparing a policy, its first component, further ones, one thread and two, memory over many; beside
//! OPA's library where Go is there, else beside a loop whose ratio to OPA is on record.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use vidimus::Workers;

use super::subject::{self, Subject};

/// OPA's time for a further component of the policy of our own, over one turn of the loop in an optimised build (OPA 1.22.0, 2026-11).
const OPA_OVER_LOOP: f64 = 2.8;

/// Measures both policies, and memory over `many` evaluations.
pub(crate) fn run(many: usize) {
    let further = (many / 500).clamp(3, 40);
    for subject in [Some(subject::own()), subject::conforma()].into_iter().flatten() {
        println!("\nevaluation alone: {}", subject.name);
        let ours = ours(&subject, further);
        match opa(&subject, further) {
            Some(theirs) => beside(&ours, &theirs),
            None if subject.modules.len() == 1 => {
                let turn = calibrate();
                println!("  no Go here: one turn of the loop {} ms, so OPA would take {} ms", ms(turn), ms(turn.mul_f64(OPA_OVER_LOOP)));
            }
            None => println!("  no Go here, so no OPA to compare with"),
        }
    }
    memory(many);
}

struct Measured {
    prepare: Duration,
    first: Duration,
    further: Duration,
    /// Components a second on one thread and on two.
    rates: [f64; 2],
}

fn ours(subject: &Subject, further: usize) -> Measured {
    let (mut prepare, mut first) = (Duration::MAX, Duration::MAX);
    let mut last = None;
    for _ in 0..3 {
        let started = Instant::now();
        let policy = subject.compile();
        prepare = prepare.min(started.elapsed());
        first = first.min(each(&policy, subject, 1));
        last = Some(policy);
    }
    let policy = last.unwrap();
    let measured = Measured {
        prepare,
        first,
        further: each(&policy, subject, further) / u32::try_from(further).unwrap(),
        rates: [1, 2].map(|threads| rate(&policy, subject, (threads, further * 2))),
    };
    println!(
        "  prepare {} ms; first component {} ms, further {} ms; {:.1}/s on one thread, {:.1}/s on two ({:.2} times)",
        ms(measured.prepare),
        ms(measured.first),
        ms(measured.further),
        measured.rates[0],
        measured.rates[1],
        measured.rates[1] / measured.rates[0]
    );
    measured
}

/// The time of so many evaluations, one after the other, on a thread of a pool.
fn each(policy: &vidimus::Policy, subject: &Subject, times: usize) -> Duration {
    let (component, options) = (subject.component(), subject::options());
    let mut taken = Duration::ZERO;
    let job = |(), place: &vidimus::Place| {
        let started = Instant::now();
        for _ in 0..times {
            subject::decided(&policy.evaluate_at(place, &component, &options));
        }
        started.elapsed()
    };
    Workers::new(1).run(std::iter::once(()), job, |time| taken = time).unwrap();
    taken
}

fn rate(policy: &vidimus::Policy, subject: &Subject, (threads, times): (usize, usize)) -> f64 {
    let (component, options) = (subject.component(), subject::options());
    let started = Instant::now();
    let job = |_, place: &vidimus::Place| subject::decided(&policy.evaluate_at(place, &component, &options));
    Workers::new(threads).run(0..times, job, |()| {}).unwrap();
    times as f64 / started.elapsed().as_secs_f64()
}

/// What the oracle measures of OPA for the same files and input.
fn opa(subject: &Subject, further: usize) -> Option<Value> {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("oracle");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(source).output().ok()?;
    if !built.status.success() {
        return None;
    }
    let (capabilities, input) = (directory.path().join("capabilities.json"), directory.path().join("input.json"));
    std::fs::write(&capabilities, vidimus::capabilities().to_string()).unwrap();
    std::fs::write(&input, subject.input.to_string()).unwrap();
    let mut asked = Command::new(program);
    asked.arg("bench").arg("-capabilities").arg(capabilities).arg("-input").arg(input).arg("-n").arg((further + 1).to_string());
    let output = asked.args(&subject.files).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).ok()
}

fn beside(ours: &Measured, theirs: &Value) {
    let time = |name: &str| Duration::from_nanos(theirs[name].as_u64().unwrap());
    let rates = [theirs["rate_1"].as_f64().unwrap(), theirs["rate_2"].as_f64().unwrap()];
    println!(
        "  OPA's library: prepare {} ms; first {} ms, further {} ms; {:.1}/s and {:.1}/s",
        ms(time("prepare_ns")),
        ms(time("first_ns")),
        ms(time("further_ns")),
        rates[0],
        rates[1]
    );
    let ratio = |ours: Duration, theirs: Duration| ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "  ours / OPA's: first {:.2}, further {:.2}; the loop {} ms, OPA's further {:.2} of it",
        ratio(ours.first, time("first_ns")),
        ratio(ours.further, time("further_ns")),
        ms(calibrate()),
        ratio(time("further_ns"), calibrate())
    );
}

/// One turn of a loop of the kind of work that evaluation is: strings in ordered maps. The best of five.
fn calibrate() -> Duration {
    let turn = || {
        let started = Instant::now();
        let mut map = std::collections::BTreeMap::new();
        for number in 0..20_000_u64 {
            map.insert(format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)), number);
        }
        assert_eq!(std::hint::black_box(&map).values().sum::<u64>(), 199_990_000);
        started.elapsed()
    };
    (0..5).map(|_| turn()).min().unwrap()
}

/// Resident memory while a policy decides about many documents, no two alike.
fn memory(many: usize) {
    let policy = subject::own().compile();
    let options = subject::options();
    let mut resident = Vec::new();
    let job = |seed: usize, place: &vidimus::Place| {
        let component = vidimus::Component::new("bench", subject::input(seed)).unwrap();
        subject::decided(&policy.evaluate_at(place, &component, &options));
        seed
    };
    let sample = |seed: usize| {
        if (seed + 1).is_multiple_of((many / 10).max(1)) {
            resident.push(super::status_kib("VmRSS:") / 1024);
        }
    };
    Workers::new(2).run(0..many, job, sample).unwrap();
    println!("\nmemory over {many} evaluations on two threads, MiB resident at each tenth: {resident:?}");
    if let [_, second, .., last] = resident.as_slice() {
        assert!(*last <= second + second / 4 + 8, "memory grows: {resident:?}");
    }
}

fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
