//! conforma/policy beside OPA's library: the same outcome of each of its tests, the same results of its rules.
//!
//! Runs where `VIDIMUS_CONFORMA_POLICY` names a checkout (commit 7211d032) and Go is there; says aloud where it does not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::testkit::conformance;

/// The checkout and the built oracle, with the capabilities that it is told of.
pub(crate) struct Oracle {
    pub(crate) policy: PathBuf,
    program: PathBuf,
    pub(crate) capabilities: PathBuf,
    _directory: tempfile::TempDir,
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told by the environment where data is, and say what they skip"
)]
pub(crate) fn oracle() -> Option<Oracle> {
    let Ok(policy) = std::env::var("VIDIMUS_CONFORMA_POLICY") else {
        eprintln!("SKIPPED: VIDIMUS_CONFORMA_POLICY names no checkout of conforma/policy");
        return None;
    };
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("oracle");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(source).output();
    match built {
        Ok(output) if output.status.success() => {}
        failed => {
            eprintln!("SKIPPED: the oracle cannot be built: {failed:?}");
            return None;
        }
    }
    let capabilities = directory.path().join("capabilities.json");
    std::fs::write(&capabilities, vidimus::capabilities().to_string()).unwrap();
    Some(Oracle { policy: policy.into(), program, capabilities, _directory: directory })
}

impl Oracle {
    pub(crate) fn ask(&self, command: &str, arguments: &[&str]) -> String {
        let mut asked = Command::new(&self.program);
        asked.arg(command).arg("-capabilities").arg(&self.capabilities).args(arguments).current_dir(&self.policy);
        text(&asked.output().unwrap())
    }

    fn vidimus(&self, arguments: &[&str]) -> String {
        let mut asked = Command::new(env!("CARGO_BIN_EXE_vidimus"));
        // Failing tests and violations have exit codes of their own: what was written is compared.
        String::from_utf8(asked.args(arguments).current_dir(&self.policy).output().unwrap().stdout).unwrap()
    }
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn outcome(result: &Value) -> String {
    let flag = ["fail", "skip", "error"].into_iter().find(|flag| result.get(flag).is_some());
    flag.unwrap_or("pass").to_owned()
}

#[test]
fn each_test_of_conforma_has_the_same_outcome() {
    let Some(oracle) = oracle() else { return };
    for (paths, passing) in [(&["policy", "checks"][..], 981), (&["policy", "checks", "example/data"][..], 983)] {
        let theirs: BTreeMap<String, String> = oracle
            .ask("test", paths)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|line| (line["test"].as_str().unwrap().to_owned(), line["outcome"].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!((theirs.len(), theirs.values().filter(|outcome| *outcome == "pass").count()), (996, passing));
        let results: Vec<Value> =
            serde_json::from_str(&oracle.vidimus(&[&["test", "--timeout", "2m", "--format", "json"], paths].concat())).unwrap();
        let name = |result: &Value| format!("{}.{}", result["package"].as_str().unwrap(), result["name"].as_str().unwrap());
        let ours: BTreeMap<String, String> = results.iter().map(|result| (name(result), outcome(result))).collect();
        let differing: Vec<_> = theirs.iter().filter(|(name, outcome)| ours.get(*name) != Some(outcome)).collect();
        assert_eq!((differing, ours.len()), (Vec::new(), theirs.len()), "{paths:?}");
    }
}

#[test]
fn conformas_rules_give_the_same_results() {
    const TRIED: &str = "Image signature verification failed";
    let (Some(oracle), Some(input)) = (oracle(), conformance("policy-input-golden-container.json")) else { return };
    let input = input.canonicalize().unwrap();
    let input = input.to_str().unwrap();
    let theirs = oracle.ask("decide", &["-input", input, "policy/lib", "policy/release", "example/data"]);
    let theirs: Value = serde_json::from_str(&theirs).unwrap();
    let rules = theirs["rules"].as_object().unwrap();
    assert_eq!(rules.len(), 44);
    let listed = |rule: &str, result: &Value| (rule.to_owned(), result["code"].to_string(), result["msg"].to_string());
    let results = |values: &Value| values.as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap().clone()).collect::<Vec<_>>();
    let mut theirs: Vec<_> = rules
        .iter()
        .flat_map(|(rule, values)| {
            results(values).iter().map(|result| listed(rule.strip_prefix("data.").unwrap(), result)).collect::<Vec<_>>()
        })
        .collect();
    let arguments = ["eval", "-p", "policy/lib", "-p", "policy/release", "-d", "example/data", "--timeout", "4m", "-f", "json", input];
    let report: Value = serde_json::from_str(&oracle.vidimus(&arguments)).unwrap();
    let component = &report["components"][0];
    let findings = ["violations", "warnings"].iter().flat_map(|kind| component[kind].as_array().unwrap());
    let mut ours: Vec<_> = findings
        .map(|finding| {
            let result = serde_json::json!({ "code": finding["metadata"]["code"], "msg": finding["msg"] });
            listed(finding["rule"].as_str().unwrap(), &result)
        })
        .collect();
    // What was tried is said in the words of who tried it.
    for (.., msg) in theirs.iter_mut().chain(&mut ours).filter(|(.., msg)| msg.contains(TRIED)) {
        TRIED.clone_into(msg);
    }
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
}
