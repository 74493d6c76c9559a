//! Reports: for people, for machines, and to several places at once.

use super::{at, tree, vidimus, vidimus_with};

const POLICY: &str = "package main
deny contains msg if { some msg in input.deny }
warn contains msg if { some msg in input.warn }
";

fn files() -> tempfile::TempDir {
    tree(&[
        ("p.rego", POLICY),
        ("in/a-pass.json", "{}"),
        ("in/b-fail.json", r#"{"deny": ["one <&>", "two\u001b[31m"]}"#),
        ("in/c-warn.json", r#"{"warn": ["hm"]}"#),
        ("in/d-bad.json", "{"),
    ])
}

#[test]
fn the_text_is_worst_first_and_summed_up() {
    let files = files();
    let run = vidimus(&["eval", "-p", &at(&files, "p.rego"), &at(&files, "in")]);
    let order: Vec<usize> = ["UNDECIDED", "FAIL", "WARN", "PASS"].iter().map(|word| run.stdout.find(word).unwrap()).collect();
    assert!(order.is_sorted(), "{}", run.stdout);
    assert!(
        run.stdout.contains("4 components: 1 undecided, 1 failed, 1 passed with warnings, 1 passed (2 violations, 1 warning)"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("two\\u{1b}[31m") && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
}

#[test]
fn no_colour_reaches_what_is_no_terminal() {
    let files = files();
    let run = vidimus_with(&["eval", "-p", &at(&files, "p.rego"), &at(&files, "in")], &[("NO_COLOR", "1"), ("TERM", "xterm")], "");
    assert!(!run.stdout.contains('\u{1b}') && run.stderr.is_empty());
}

#[test]
fn reports_go_to_several_places_at_once() {
    let files = files();
    let (json, yaml, junit) = (at(&files, "r.json"), at(&files, "r.yaml"), at(&files, "r.xml"));
    let formats = [format!("json={json}"), format!("yaml={yaml}"), format!("junit={junit}")];
    let run = vidimus(&[
        "eval",
        "-p",
        &at(&files, "p.rego"),
        "-f",
        "text",
        "-f",
        &formats[0],
        "-f",
        &formats[1],
        "-f",
        &formats[2],
        &at(&files, "in"),
    ]);
    assert!(run.stdout.contains("UNDECIDED"));
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let from_json: serde_json::Value = serde_json::from_str(&read(&json)).unwrap();
    let from_yaml: serde_json::Value = yaml_serde::from_str(&read(&yaml)).unwrap();
    assert_eq!(from_json, from_yaml);
    for name in ["components", "verifications", "memo", "registry_requests", "wall_ms", "peak_rss_bytes"] {
        assert!(from_json["stats"].get(name).is_some(), "{name}");
    }
    assert!(from_json["stats"]["peak_rss_bytes"].as_u64().unwrap() > 1 << 20);
    let xml = read(&junit);
    assert!(xml.contains("<testsuites name=\"vidimus\" tests=\"5\" failures=\"2\" errors=\"1\""), "{xml}");
    assert!(xml.contains("one &lt;&amp;&gt;") && xml.contains("two\u{fffd}[31m") && xml.contains("<error type=\"invalid_input\""), "{xml}");
}

#[test]
fn a_report_only_for_a_file_leaves_standard_output_alone() {
    let files = files();
    let format = format!("json={}", at(&files, "r.json"));
    assert_eq!(vidimus(&["eval", "-p", &at(&files, "p.rego"), "-f", &format, &at(&files, "in")]).stdout, "");
}

#[test]
fn a_report_that_cannot_be_written_is_said() {
    let files = files();
    let format = format!("json={}", at(&files, "no/such/r.json"));
    assert!(vidimus(&["eval", "-p", &at(&files, "p.rego"), "-f", &format, &at(&files, "in")]).refused().contains("cannot write"));
}

#[test]
fn unknown_formats_are_refused() {
    let run = vidimus(&["eval", "-p", "rego", "-f", "xml", "-"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("unknown format `xml`; there are text, json, yaml and junit"), "{run:?}");
}
