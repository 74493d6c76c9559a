//! conforma/policy's `release` rules, compiled by `opa build -t wasm`, beside the same rules in OPA's library: the same results.
//!
//! Runs where `VIDIMUS_CONFORMA_POLICY` names a checkout (commit 7211d032), and Go and `opa` are there; says aloud where not.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use vidimus::oci::{ImageSource, Nowhere, Sources};
use vidimus::verify::Trust;
use vidimus::{BundleOptions, CompileOptions, Component, Engine, ErrorKind, Evaluation, Policy, PolicyBundle};

use super::{corpus, engine_on, engine_trusting, network, options};
use crate::oracle::{Oracle, oracle};
use crate::testkit::conformance;

/// What both are asked about: where the oracle finds the policy, its data and the input.
struct Asked<'a> {
    oracle: &'a Oracle,
    paths: &'a [&'a str],
    input: &'a Path,
}

const RULES: [&str; 2] = ["policy/lib", "policy/release"];

impl Asked<'_> {
    fn decided(&self, answers: &Map<String, Value>) -> Value {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("answers.json");
        std::fs::write(&file, Value::from(answers.clone()).to_string()).unwrap();
        let now = options().now.unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let arguments = ["-answers", file.to_str().unwrap(), "-now", &now, "-input", self.input.to_str().unwrap()];
        serde_json::from_str(&self.oracle.ask("decide", &[&arguments[..], self.paths].concat())).unwrap()
    }

    /// What OPA decides with what the functions of `engine` answer, and these answers.
    fn settled(&self, engine: &Engine) -> (Value, Map<String, Value>) {
        let mut answers = Map::new();
        for _ in 0..10 {
            let decided = self.decided(&answers);
            let calls = decided["unanswered"].as_array().unwrap();
            if calls.is_empty() {
                return (decided["rules"].clone(), answers);
            }
            answers.extend(calls.iter().map(|call| call.as_str().unwrap()).map(|call| (call.to_owned(), answer(engine, call))));
        }
        panic!("one answer leads to the next question without end: {answers:?}");
    }
}

/// What a call gives: a list of one value, or of none where it is undefined.
fn answer(engine: &Engine, call: &str) -> Value {
    let policy = engine.compile(&[], &CompileOptions { query: Some(call.to_owned()), ..CompileOptions::default() }).unwrap();
    policy.evaluate(&Component::absent("it"), &options()).result().into_iter().cloned().collect()
}

/// Every rule that decides, as an entrypoint of one module.
fn compiled(oracle: &Oracle, rules: &Map<String, Value>) -> PolicyBundle {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.tar.gz");
    let mut command = Command::new(corpus::opa());
    command.args(["build", "-t", "wasm", "--ignore", "*_test.rego", "--capabilities"]).arg(&oracle.capabilities).arg("-o").arg(&path);
    for rule in rules.keys() {
        command.args(["-e", &rule.strip_prefix("data.").unwrap().replace('.', "/")]);
    }
    let ran = command.args(RULES).arg("example/data").current_dir(&oracle.policy).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    PolicyBundle::open(path.to_str().unwrap(), &BundleOptions::default()).unwrap()
}

fn policy(engine: &Engine, bundle: &PolicyBundle, data: Value) -> Policy {
    let wasm = bundle.wasm_modules().to_vec();
    engine.compile(&[], &CompileOptions { data, wasm, ..CompileOptions::default() }).unwrap()
}

/// Findings, each with its rule and all that it says, in one order.
fn theirs(rules: &Map<String, Value>) -> Vec<String> {
    let results = |values: &Value| values.as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap().clone()).collect::<Vec<_>>();
    let all =
        rules.iter().flat_map(|(rule, values)| results(values).into_iter().map(move |result| (rule.replacen("data.", "", 1), result)));
    sorted(all.map(|(rule, result)| json!({ "rule": rule, "warns": rule.rsplit('.').next() == Some("warn"), "result": result })))
}

fn ours(evaluation: &Evaluation) -> Vec<String> {
    let both = [(false, evaluation.violations()), (true, evaluation.warnings())];
    let all = both.into_iter().flat_map(|(warns, findings)| findings.iter().map(move |finding| (warns, finding)));
    sorted(all.map(|(warns, finding)| {
        let mut result = finding.metadata.clone();
        result.insert("msg".to_owned(), finding.msg.clone().into());
        json!({ "rule": finding.rule, "warns": warns, "result": result })
    }))
}

fn sorted(findings: impl Iterator<Item = Value>) -> Vec<String> {
    let mut all: Vec<String> = findings.map(|finding| finding.to_string()).collect();
    all.sort();
    all
}

#[expect(clippy::print_stderr, reason = "tells its figures")]
fn tell(what: &str, (policy, component): (&Policy, &Component)) {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            assert_eq!(policy.evaluate(component, &options()).name(), component.name());
            begun.elapsed()
        })
        .collect();
    times.sort();
    eprintln!("conforma/policy as WebAssembly, {what}: {:?} for a component (median of 5, program not optimised)", times[2]);
}

/// The oracle, what OPA built for it, and the input, with the text of the input; none where one is missing.
fn ready() -> Option<(Oracle, PolicyBundle, String)> {
    let (oracle, input) = (oracle()?, conformance("policy-input-golden-container.json")?.canonicalize().unwrap());
    if !corpus::is_there() {
        return None;
    }
    let paths = [&RULES[..], &["example/data"]].concat();
    let decided = Asked { oracle: &oracle, paths: &paths, input: &input }.decided(&Map::new());
    let rules = decided["rules"].as_object().unwrap();
    assert_eq!(rules.len(), 44);
    let bundle = compiled(&oracle, rules);
    Some((oracle, bundle, std::fs::read_to_string(input).unwrap()))
}

/// The policy beside OPA: how many results and answers both have, and what was decided here.
fn alike(asked: &Asked<'_>, engine: &Engine, (what, policy): (&str, &Policy)) -> (usize, Map<String, Value>, Evaluation) {
    let (rules, answers) = asked.settled(engine);
    let component = Component::new("it", serde_json::from_slice(&std::fs::read(asked.input).unwrap()).unwrap()).unwrap();
    let evaluation = policy.evaluate(&component, &options());
    let theirs = theirs(rules.as_object().unwrap());
    assert_eq!(ours(&evaluation), theirs, "{what}");
    tell(what, (policy, &component));
    (theirs.len(), answers, evaluation)
}

#[test]
fn the_release_rules_give_the_results_that_opa_gives() {
    let Some((oracle, bundle, text)) = ready() else { return };
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input.json");
    std::fs::write(&input, text).unwrap();
    let engine = engine_on(Arc::new(Nowhere));
    for (what, data, expected) in [("example/data", Value::from(bundle.data().clone()), 15), ("no data", json!({}), 20)] {
        let paths = [&RULES[..], if expected == 15 { &["example/data"] } else { &[] }].concat();
        let policy = policy(&engine, &bundle, data);
        let (results, answers, evaluation) = alike(&Asked { oracle: &oracle, paths: &paths, input: &input }, &engine, (what, &policy));
        assert_eq!(results, expected);
        assert!(answers.len() > 8, "{answers:?}");
        assert_eq!(evaluation.error().map(|error| error.kind), Some(ErrorKind::Unavailable));
    }
}

/// The same component, if its images were one that is at hand, with its signature: what was read decides.
#[test]
fn the_release_rules_give_the_results_that_opa_gives_where_images_can_be_read() {
    const IMAGE: &str = "bb2863eb5a15ce3551748cd6aecd40db02c96c0276ae062354b415ad37330fee";
    let (Some((oracle, bundle, text)), Some(saved)) = (ready(), conformance("conforma-image")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = text
        .replace("quay.io/redhat-user-workloads/rhtap-contract-tenant/golden-container/golden-container", "quay.io/conforma-image")
        .replace("7230c21e155f187a4cd8b10f2b38d3879e63febf94e5cb27ec4fb2095ff17f1a", IMAGE)
        .replace("73ae2f8be446b13b690346775d58890e1a576204f33196c84f8ae71e542769c0", IMAGE);
    let (input, config) = (folder.path().join("input.json"), folder.path().join("config.json"));
    std::fs::write(&input, text).unwrap();
    let signer = json!({ "default_sigstore_opts": {
        "certificate_identity": "https://kubernetes.io/namespaces/default/serviceaccounts/default",
        "certificate_oidc_issuer": "https://kubernetes.default.svc.cluster.local",
    }});
    std::fs::write(&config, json!({ "config": signer }).to_string()).unwrap();
    let mut data = bundle.data().clone();
    data.insert("config".to_owned(), signer);
    let trust = Trust::from_json(&std::fs::read_to_string(saved.join("trusted_root.json")).unwrap()).unwrap();
    let tree = format!("quay.io={}", saved.parent().unwrap().display());
    let source: Arc<dyn ImageSource> = Arc::new(Sources::new(network(), [tree.parse().unwrap()]).unwrap());
    let engine = engine_trusting(trust, source);
    let paths = [&RULES[..], &["example/data", config.to_str().unwrap()]].concat();
    let policy = policy(&engine, &bundle, data.into());
    let asked = Asked { oracle: &oracle, paths: &paths, input: &input };
    let (results, answers, evaluation) = alike(&asked, &engine, ("images at hand", &policy));
    assert_eq!(evaluation.error(), None);
    let verified = answers.iter().any(|(call, answer)| call.starts_with("ec.sigstore.verify_image(") && answer[0]["success"] == true);
    assert!(verified && results > 8, "{results} results, {answers:?}");
}
