//! What may hold components, what they are called, and what becomes of bad ones.

use super::{Run, at, tree, vidimus, vidimus_with};

const NUMBER: [&str; 5] = ["eval", "-q", "input.n", "-f", "json"];

fn names(run: &Run) -> Vec<String> {
    run.json()["components"].as_array().unwrap().iter().map(|component| component["name"].as_str().unwrap().to_owned()).collect()
}

fn results(run: &Run) -> Vec<serde_json::Value> {
    run.json()["components"].as_array().unwrap().iter().map(|component| component["result"].clone()).collect()
}

#[test]
fn directories_are_walked_in_order_and_documents_are_numbered() {
    let files = tree(&[
        ("in/b.yaml", "n: 1\n---\nn: 2\n---\n"),
        ("in/a/z.json", r#"{"n": 3}"#),
        ("in/c.jsonl", "{\"n\": 4}\n\n{\"n\": 5}\n"),
        ("in/d.json", "{\"n\": 6} {\"n\": 7}"),
        ("in/one.jsonl", "{\"n\": 8}\n"),
        ("in/notes.txt", "not a document"),
    ]);
    let run = vidimus(&[&NUMBER[..], &[&at(&files, "in")]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let expected = ["a/z.json", "b.yaml#1", "b.yaml#2", "c.jsonl#1", "c.jsonl#2", "d.json#1", "d.json#2", "one.jsonl"];
    assert_eq!(names(&run), expected.map(|name| at(&files, &format!("in/{name}"))));
    assert_eq!(results(&run), [3, 1, 2, 4, 5, 6, 7, 8]);
}

#[test]
fn standard_input_is_json_or_yaml() {
    let run = |text: &str| vidimus_with(&[&NUMBER[..], &["-"]].concat(), &[], text);
    assert_eq!((names(&run("{\"n\": 1}")), results(&run("{\"n\": 1}"))), (vec!["-".to_owned()], vec![1.into()]));
    assert_eq!(names(&run("{\"n\": 1}\n{\"n\": 2}")), ["-#1", "-#2"]);
    assert_eq!(results(&run("n: 1\n---\nn: 2\n")), [1, 2]);
    assert_eq!(run("").code, 2);
}

#[test]
fn each_bad_document_is_one_clear_line_and_the_others_are_decided() {
    let files = tree(&[
        ("a.jsonl", "{\"n\": 1}\n{\"n\": \n\n{\"n\": 3}\n"),
        ("b.yaml", "n: [1,\nm: }\n"),
        ("c.json", ""),
        ("d.txt", "{}"),
        ("deep.json", &("[".repeat(1000) + &"]".repeat(1000))),
        ("e.json", "{\"n\": 1} }"),
        ("good.json", r#"{"n": 9}"#),
    ]);
    let paths: Vec<String> =
        ["a.jsonl", "b.yaml", "c.json", "d.txt", "deep.json", "e.json", "good.json"].map(|name| at(&files, name)).to_vec();
    let run = vidimus(&[&NUMBER.map(str::to_owned)[..], &paths].concat());
    assert_eq!(run.code, 2);
    let error = |name: &str| {
        let error = run.component(&at(&files, name))["error"].clone();
        assert_eq!(error["kind"], "invalid_input");
        let message = error["message"].as_str().unwrap().to_owned();
        assert_eq!(message.lines().count(), 1, "{message}");
        message
    };
    assert!(error("a.jsonl#2").starts_with(&format!("{}:3:0: invalid JSON: EOF", at(&files, "a.jsonl"))), "{}", error("a.jsonl#2"));
    assert!(error("b.yaml").starts_with(&format!("{}:2:", at(&files, "b.yaml"))), "{}", error("b.yaml"));
    assert!(error("c.json").contains("EOF while parsing a value"));
    assert!(error("d.txt").contains("not a .json, .yaml, .yml or .jsonl file"));
    assert!(error("deep.json").contains("recursion limit exceeded"));
    assert!(error("e.json#2").contains(":1:10: invalid JSON: "), "{}", error("e.json#2"));
    assert_eq!(run.component(&at(&files, "a.jsonl#3"))["result"], 3);
    assert_eq!(run.component(&at(&files, "e.json#1"))["result"], 1);
    assert_eq!(run.component(&at(&files, "good.json"))["result"], 9);
}

#[test]
fn an_empty_directory_is_no_pass() {
    let files = tree(&[("in/notes.txt", "")]);
    let run = vidimus(&[&NUMBER[..], &[&at(&files, "in")]].concat());
    assert_eq!(run.code, 2);
    assert!(run.component(&at(&files, "in"))["error"]["message"].as_str().unwrap().contains("no .json"));
}

#[test]
fn no_input_at_all_is_a_usage_error() {
    assert!(vidimus(&["eval", "-p", "rego"]).stderr.contains("<INPUT|--image <REF>>"));
    assert_eq!(vidimus(&["eval", "-p", "rego"]).code, 2);
}

#[test]
fn an_image_is_its_own_component() {
    let reference = format!("registry.example/acme/web:v1@sha256:{}", "0".repeat(64));
    let images = ["--image", &reference, "--image", "registry.example/acme/web:v1", "--image", "Bad Ref@sha256:00"];
    let run = vidimus(&[&["eval", "-q", "input", "-f", "json"][..], &images].concat());
    assert_eq!(run.code, 2);
    let component = run.component(&reference);
    assert_eq!(component["containerImage"], reference);
    assert_eq!(component["result"]["image"]["ref"], format!("registry.example/acme/web@sha256:{}", "0".repeat(64)));
    let error = run.component("registry.example/acme/web:v1")["error"].clone();
    assert_eq!(error["kind"], "invalid_input");
    assert!(error["message"].as_str().unwrap().contains("exactly one '@'"));
    assert_eq!(run.component("Bad Ref@sha256:00")["error"]["kind"], "invalid_input");
}

#[test]
#[expect(clippy::format_collect, reason = "500 short lines")]
fn results_come_in_the_order_of_the_inputs() {
    let text: String = (0..500).map(|n| format!("{{\"n\": {n}}}\n")).collect();
    let files = tree(&[("many.jsonl", &text)]);
    let run = vidimus(&[&NUMBER[..], &["--workers", "3", &at(&files, "many.jsonl")]].concat());
    assert_eq!(results(&run), (0..500).map(serde_json::Value::from).collect::<Vec<_>>());
}
