//! Many components that share signed images: wall, CPU, memory and requests, with verdicts remembered and without, each run
//! in a process of its own beside an in-process registry; and what a remembered verdict costs, seen from Rego.
//!
//! Then evaluation alone: prepared, first component and further ones, one thread and two, memory over many evaluations, beside
//! OPA's library where Go is there. `VIDIMUS_CONFORMA_POLICY` names a checkout of conforma/policy to be measured too.
//!
//! `cargo bench --bench components [-- COMPONENTS SHARED EVALUATIONS]` (200, 20 and 10,000 where nothing is said); `-- hits` for
//! what a hit costs, and nothing else.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench says what it measured"
)]
#![expect(clippy::cast_precision_loss, reason = "ratios")]

#[path = "../tests/it"]
mod it {
    #![allow(
        dead_code,
        unused_imports,
        unreachable_pub,
        clippy::pedantic,
        clippy::panic,
        clippy::allow_attributes,
        reason = "a bench uses a part of it"
    )]
    pub(crate) mod testkit;
}

#[path = "policy/subject.rs"]
mod subject;
#[path = "policy/timing.rs"]
mod timing;

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use it::testkit;
use serde_json::{Value, json};
use testkit::TestRegistry;
use testkit::signer::{Layer, TestKey, push_image, push_legacy};
use vidimus::oci::{Credentials, Registry, RegistryOptions};
use vidimus::verify::{NoKeyReferences, PreparedRequest, Question, SignerOptions, Trust, Verifier, VerifierConfig, VerifyRequest};
use vidimus::{CompileOptions, Component, Engine, EngineConfig, EvaluateOptions, Evaluation, Workers};

const OPTIONS: EvaluateOptions = EvaluateOptions::lasting(Duration::from_mins(5));

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--bench")).collect();
    if arguments.first().is_some_and(|first| first == "child") {
        return child(&arguments[1], &arguments[2]);
    }
    if arguments.first().is_some_and(|first| first == "hits") {
        let (registry, work) = signed(200, 0);
        return hits(&registry, &work);
    }
    let number = |at: usize, default| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (components, shared) = (number(0, 200_usize), number(1, 20_usize));
    let (registry, work) = signed(components, shared);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), work.to_string()).unwrap();
    println!("{components} components, each with an image of its own and {shared} that all share, signed by key, legacy tags\n");
    println!("{:<34} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8}", "", "wall ms", "CPU ms", "RSS MiB", "requests", "verified", "hits");
    let mut measured = Vec::new();
    for (name, api) in [("referrers API", true), ("no referrers API (404)", false)] {
        registry.referrers_api(api);
        for (memory, bytes) in [("remembered", "67108864"), ("not remembered", "0")] {
            measured.push(run(&format!("{name}, {memory}"), file.path().to_str().unwrap(), bytes));
        }
    }
    for pair in measured.chunks(2) {
        let ratio = |name: &str| pair[1][name].as_f64().unwrap() / pair[0][name].as_f64().unwrap().max(1.0);
        println!(
            "\nnot remembered / remembered: wall {:.1}, CPU {:.1}, requests {:.1}",
            ratio("wall_ms"),
            ratio("cpu_ms"),
            ratio("requests")
        );
        println!("second time in the same process, remembered: {} ms, {} requests", pair[0]["again_ms"], pair[0]["again_requests"]);
    }
    hits(&registry, &work);
    timing::run(number(2, 10_000));
}

/// A registry with everything signed, and the work: references per component, and the key.
fn signed(components: usize, shared: usize) -> (TestRegistry, Value) {
    let (registry, key) = (TestRegistry::start(), TestKey::p256());
    let push = |repository: String| {
        let image = push_image(&registry, &repository, "v1");
        push_legacy(&registry, &repository, (&image, "sig"), &[Layer::of_image(&key, &image)]);
        format!("{}/{repository}@{image}", registry.host())
    };
    let common: Vec<String> = (0..shared).map(|n| push(format!("tasks/t-{n}"))).collect();
    // Each component asks in an order of its own: evaluations in lockstep would share what is in flight, remembered or not.
    let rotated = |n: usize| [&common[n % shared.max(1)..], &common[..n % shared.max(1)]].concat();
    let refs = (0..components).map(|n| [&[push(format!("acme/c-{n}"))][..], &rotated(n)].concat());
    let work = json!({ "key": key.pem(), "components": refs.collect::<Vec<_>>() });
    (registry, work)
}

fn engine(memo_bytes: u64) -> Engine {
    let options = RegistryOptions { credentials: Credentials::anonymous(), plain_http: std::collections::BTreeSet::new() };
    let source = Arc::new(Registry::new(options).unwrap());
    let verifier = VerifierConfig { memo_bytes, ..VerifierConfig::default() };
    Engine::new(EngineConfig { verifier, ..EngineConfig::new(source, Trust::public_good().unwrap()) }).unwrap()
}

fn query(text: &str, key: &Value) -> CompileOptions {
    let data = json!({ "opts": { "public_key": key, "ignore_rekor": true } });
    CompileOptions { data, query: Some(text.to_owned()), ..CompileOptions::default() }
}

/// One run in a process of its own: what it says of itself, and the CPU time that the system says.
fn run(name: &str, work: &str, memo_bytes: &str) -> Value {
    let before = children_cpu_ms();
    let output = Command::new(std::env::current_exe().unwrap()).args(["child", work, memo_bytes]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut measured: Value = serde_json::from_slice(&output.stdout).unwrap();
    measured["cpu_ms"] = (children_cpu_ms() - before).into();
    let at = |name: &str| measured[name].to_string();
    println!(
        "{name:<34} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8}",
        at("wall_ms"),
        at("cpu_ms"),
        at("rss_mib"),
        at("requests"),
        at("verifications"),
        at("hits")
    );
    measured
}

fn child(work: &str, memo_bytes: &str) {
    let work: Value = serde_json::from_slice(&std::fs::read(work).unwrap()).unwrap();
    let engine = engine(memo_bytes.parse().unwrap());
    let text = "[answer.success | some ref in input.refs; answer := ec.sigstore.verify_image(ref, data.opts)]";
    let policy = engine.compile(&[], &query(text, &work["key"])).unwrap();
    let all = || {
        let started = Instant::now();
        let components = work["components"].as_array().unwrap().iter();
        let components = components.map(|refs| Component::new("bench", json!({ "refs": refs })).unwrap());
        let good = |evaluation: Evaluation| {
            let answers = evaluation.result().and_then(Value::as_array).expect("answers").clone();
            assert!(evaluation.error().is_none() && answers.iter().all(|answer| answer == true), "{evaluation:?}");
        };
        let cores = std::thread::available_parallelism().unwrap().get();
        Workers::new(cores).run(components, |component, place| policy.evaluate_at(place, &component, &OPTIONS), good).unwrap();
        started.elapsed().as_millis()
    };
    let wall = all();
    let stats = engine.stats();
    let rss = status_kib("VmHWM:") / 1024;
    let again = if memo_bytes == "0" { 0 } else { all() };
    let report = json!({
        "wall_ms": u64::try_from(wall).unwrap(), "rss_mib": rss, "requests": stats.registry_requests, "verifications": stats.verifications,
        "hits": stats.memo.hits, "again_ms": u64::try_from(again).unwrap(),
        "again_requests": engine.stats().registry_requests - stats.registry_requests,
    });
    println!("{report}");
}

/// What a hit costs from Rust, with a question that was prepared: one thread, and two that ask the same, beside two that share
/// nothing, which is what the machine gives.
fn prepared_hits(work: &Value) {
    let options = RegistryOptions { credentials: Credentials::anonymous(), plain_http: std::collections::BTreeSet::new() };
    let verifier =
        Verifier::new(Arc::new(Registry::new(options).unwrap()), Trust::public_good().unwrap(), VerifierConfig::default()).unwrap();
    let image = work["components"][0][0].as_str().unwrap().parse().unwrap();
    let options = SignerOptions { public_key: work["key"].as_str().unwrap().to_owned(), ignore_rekor: true, ..SignerOptions::default() };
    let (signer, log) = options.resolve(&NoKeyReferences).unwrap();
    let request = PreparedRequest::new(VerifyRequest { image, question: Question::Image, signer, log });
    verifier.verify_prepared(&request, Instant::now() + Duration::from_secs(30)).unwrap();
    let hit = || assert!(std::hint::black_box(verifier.remembered(&request)).is_some());
    let nothing_shared = || {
        std::hint::black_box(vidimus::oci::Digest::of(std::hint::black_box(&[7; 128])));
    };
    let ((one, two), (alone, together)) = (per_call(hit), per_call(nothing_shared));
    let (hits, machine) = (one / two, alone / together);
    println!(
        "\na hit from Rust, prepared: {one:.0} ns; two threads that ask the same: {hits:.2}x of one, that share nothing: {machine:.2}x"
    );
}

/// Nanoseconds of a call by one thread, and by two for both together: the best of many rounds that take turns.
fn per_call(work: impl Fn() + Sync) -> (f64, f64) {
    const CALLS: u32 = 200_000;
    let round = |threads: u32| {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..CALLS / threads).for_each(|_| work()));
            }
        });
        started.elapsed()
    };
    let rounds = (0..40).map(|_| (round(1), round(2)));
    let (one, two) = rounds.reduce(|best, next| (best.0.min(next.0), best.1.min(next.1))).unwrap_or_default();
    (one.as_secs_f64() / f64::from(CALLS) * 1e9, two.as_secs_f64() / f64::from(CALLS) * 1e9)
}

/// What a hit costs: evaluations that ask once beside evaluations that ask nothing, and many questions in one evaluation.
fn hits(registry: &TestRegistry, work: &Value) {
    registry.referrers_api(true);
    prepared_hits(work);
    let engine = engine(64 << 20);
    let refs: Vec<Value> = work["components"].as_array().unwrap().iter().map(|refs| refs[0].clone()).collect();
    let compile = |text: &str| engine.compile(&[], &query(text, &work["key"])).unwrap();
    let asking = compile("[answer.success | some ref in input.refs; opts := data.opts; answer := ec.sigstore.verify_image(ref, opts)]");
    let silent = compile("[answer.success | some ref in input.refs; opts := data.opts; answer := {\"success\": ref != opts}]");
    let (one, many) = (json!({ "refs": refs[..1] }), json!({ "refs": refs }));
    println!("\na hit seen from Rego, over the same rule without the call:");
    for (name, input, times, questions) in [("one question", one, 2_000_u32, 1), ("many questions", many, 20, refs.len())] {
        let component = Component::new("bench", input).unwrap();
        let round = |policy: &vidimus::Policy, place: &vidimus::Place| {
            let started = Instant::now();
            for _ in 0..times {
                assert!(policy.evaluate_at(place, &component, &OPTIONS).error().is_none());
            }
            started.elapsed().as_secs_f64() / f64::from(times) * 1e6
        };
        // They take turns, and the best round of each counts: a busy machine disturbs both, and some of the time neither.
        let job = |(), place: &vidimus::Place| {
            let rounds = (0..60).map(|_| (round(&asking, place), round(&silent, place)));
            rounds.reduce(|best, next| (best.0.min(next.0), best.1.min(next.1))).unwrap()
        };
        let (mut with, mut without) = (0.0, 0.0);
        Workers::new(1).run(std::iter::once(()), job, |best| (with, without) = best).unwrap();
        println!("  {name:<16} {with:>9.2} us - {without:>9.2} us = {:.2} us a hit", (with - without) / questions as f64);
    }
}

fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}

/// CPU time of children that have ended, in steps of the system's clock (10 ms).
fn children_cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let fields: Vec<u64> = behind.split_whitespace().map(|field| field.parse().unwrap_or_default()).collect();
    fields.get(13..15).map_or(0, |times| times.iter().sum::<u64>() * 10)
}
