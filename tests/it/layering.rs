//! The arrows of the house: which module may know which. A broken one is named with its file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// A part of the tree and what may not be named in it.
struct Rule {
    place: &'static str,
    forbidden: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        place: "memo",
        forbidden: &[
            "crate::oci",
            "crate::verify",
            "crate::builtins",
            "crate::rego",
            "crate::engine",
            "regorus",
            "reqwest",
            "tokio",
            "clap",
            "anyhow",
        ],
    },
    Rule {
        place: "oci",
        forbidden: &[
            "crate::content",
            "crate::verify",
            "crate::builtins",
            "crate::rego",
            "crate::engine",
            "regorus",
            "wasmtime",
            "sigstore",
            "clap",
            "anyhow",
        ],
    },
    Rule {
        place: "content",
        forbidden: &[
            "crate::verify",
            "crate::builtins",
            "crate::rego",
            "crate::engine",
            "crate::report",
            "regorus",
            "reqwest",
            "sigstore",
            "clap",
            "anyhow",
        ],
    },
    Rule {
        place: "verify",
        forbidden: &[
            "crate::builtins",
            "crate::rego",
            "crate::engine",
            "crate::policy",
            "crate::report",
            "regorus",
            "wasmtime",
            "clap",
            "anyhow",
        ],
    },
    Rule { place: "builtins", forbidden: &["crate::engine", "crate::policy", "crate::report", "crate::rego", "clap", "anyhow"] },
    Rule { place: "rego", forbidden: &["crate::engine", "crate::policy", "crate::verify", "crate::oci", "clap", "anyhow"] },
    Rule { place: "report", forbidden: &["regorus", "clap", "anyhow"] },
];

/// Every `.rs` file of a module: `src/<place>.rs` and what lies under `src/<place>/`.
fn files_of(place: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let root = source.join(format!("{place}.rs"));
    if root.is_file() {
        found.push(root);
    }
    found.extend(rust_files(vec![source.join(place)]));
    found
}

/// Every `.rs` file below these folders.
fn rust_files(mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                // What cargo builds beside `wasm-host/peers` is nobody's writing.
                folders.extend((!path.join("CACHEDIR.TAG").exists()).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// Whether `line` names `what` as a path: comments do not count, and `x` is not found in `xy`.
fn names(line: &str, what: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(what).any(|(at, _)| {
        let (before, rest) = code.split_at(at);
        let (before, after) = (before.chars().next_back(), rest.trim_start_matches(what));
        let whole = what == "sigstore" || !after.starts_with(word);
        !before.is_some_and(|c| word(c) || c == '"' || c == '.' || c == ':')
            && whole
            && (what.starts_with("crate::") || after.contains("::") || code.trim_start().starts_with("use "))
    })
}

fn breaches() -> Vec<String> {
    let mut breaches = Vec::new();
    for rule in RULES {
        for file in files_of(rule.place) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                for what in rule.forbidden.iter().filter(|what| names(line, what)) {
                    breaches.push(format!("{}:{}: `{}` may not know `{what}`", file.display(), number + 1, rule.place));
                }
            }
        }
    }
    breaches
}

#[test]
fn arrows_point_down_only() {
    assert_eq!(breaches(), Vec::<String>::new());
}

#[test]
fn a_breach_would_be_seen() {
    assert!(names("use crate::verify::Verifier;", "crate::verify"));
    assert!(names("    let value = regorus::Value::Null;", "regorus"));
    assert!(names("use sigstore_verify::Verifier;", "sigstore"));
    assert!(!names("// regorus::Value is not known here", "regorus"));
    assert!(!names("use crate::verified::X;", "crate::verify"));
}

#[test]
fn every_place_exists() {
    for rule in RULES {
        assert!(!files_of(rule.place).is_empty(), "`{}` has no file: the rule guards nothing", rule.place);
    }
}

#[test]
fn foreign_types_stay_out_of_public_signatures() {
    let mut breaches = Vec::new();
    for place in ["oci", "verify", "memo", "engine", "policy", "evaluation", "report", "component"] {
        for file in files_of(place) {
            for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
                let public = line.trim_start().starts_with("pub ") && !line.contains("pub(");
                for what in ["regorus", "wasmtime", "sigstore", "oci_client", "tokio", "reqwest"] {
                    if public && names(line, what) {
                        breaches.push(format!("{}:{}: {line}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

/// The sandbox stands alone: it knows values as text, and builtins as a trait.
#[test]
fn the_sandbox_knows_none_of_the_rest() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasm-host");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for name in ["vidimus =", "regorus", "sigstore", "oci-client", "tokio", "reqwest"] {
        assert!(!manifest.contains(name), "wasm-host depends on `{name}`");
    }
    for file in rust_files(vec![folder.join("src")]) {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let public = line.trim_start().starts_with("pub ") && !line.contains("pub(");
            assert!(!(public && names(line, "wasmtime")), "{}:{}: {line}", file.display(), number + 1);
        }
    }
}

#[test]
fn no_file_has_outgrown_its_noun() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "benches", "wasm-host"].map(|folder| root.join(folder));
    let mut long = Vec::new();
    for path in rust_files(folders.to_vec()) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > 400 {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert_eq!(long, Vec::<String>::new());
}
