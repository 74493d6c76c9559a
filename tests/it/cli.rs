//! The program as its users run it: arguments in; standard output, standard error and exit code out.

mod bundles;
mod cache;
mod data;
mod eval;
mod formats;
mod inputs;
mod inspect;
mod observing;
mod opa;
mod remembering;
mod signatures;
mod subtests;
mod trust;
mod trust_over_tls;
mod unit_tests;
mod usage;
mod verify;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::testkit::fixture;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The component of this name in a JSON report.
    fn component(&self, name: &str) -> serde_json::Value {
        let report = self.json();
        let components = report["components"].as_array().unwrap();
        components.iter().find(|component| component["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {report}")).clone()
    }

    /// One line on standard error, and exit code 2.
    fn refused(&self) -> &str {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "{self:?}");
        self.stderr.trim_end()
    }
}

/// Runs in the project's root, with nothing of the caller's environment.
pub(crate) fn vidimus<S: AsRef<str>>(arguments: &[S]) -> Run {
    vidimus_with(arguments, &[], "")
}

fn vidimus_with<S: AsRef<str>>(arguments: &[S], environment: &[(&str, &str)], stdin: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vidimus"))
        .args(arguments.iter().map(AsRef::as_ref))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may end before all is written.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// A directory with these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

pub(crate) fn at(directory: &tempfile::TempDir, name: &str) -> String {
    text(&directory.path().join(name))
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The reference of an image in the key-signed fixtures.
fn keyed(name: &str) -> String {
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(fixture("keyed/cases.json")).unwrap()).unwrap();
    let start = format!("{name}/");
    let case = cases.as_array().unwrap().iter().find(|case| case["name"].as_str().unwrap().starts_with(&start)).unwrap();
    case["ref"].as_str().unwrap().to_owned()
}

/// Flags that answer for `registry.example` from the fixtures and ask for the signature of the release key.
const KEYED: [&str; 5] = [
    "--registry-dir=registry.example=fixtures/keyed/registry/registry.example",
    "--public-key=fixtures/keyed/keys/release.pub",
    "--ignore-rekor",
    "--timeout=1m",
    "--plain-http=registry.example",
];
