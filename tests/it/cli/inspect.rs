//! `vidimus inspect`: packages, rules and METADATA, of whatever can hold them.

use serde_json::json;

use super::{at, tree, vidimus};

const MODULE: &str = "\
# METADATA
# title: Images
# custom:
#   level: 2
package acme.images

# METADATA
# title: Signed
# entrypoint: true
deny contains \"x\" if input.x

deny contains \"y\" if input.y

f(x) := x

object[k] := 1 if some k in input.keys

default allow := false
";

#[test]
fn a_directory_is_listed() {
    let files = tree(&[("a.rego", MODULE), ("b.rego", "package acme.images\n\nmore := 1\n"), ("broken/data.json", "{}")]);
    let document = vidimus(&["inspect", "--format", "json", &at(&files, "")]).json();
    let package = &document["packages"][0];
    let rules: Vec<String> = package["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| format!("{} {}", rule["name"].as_str().unwrap(), rule["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(rules, ["deny set", "f function", "object object", "allow complete", "more complete"]);
    assert_eq!((&package["package"], package["files"].as_array().unwrap().len()), (&json!("data.acme.images"), 2));
    let annotations = document["annotations"].as_array().unwrap();
    assert_eq!((&annotations[0]["annotations"]["custom"]["level"], &annotations[0]["location"]["row"]), (&json!(2), &json!(1)));
    assert_eq!(annotations[1]["path"].as_array().unwrap().len(), 4);
    assert_eq!((&annotations[1]["path"][0]["type"], &annotations[1]["path"][3]["value"]), (&json!("var"), &json!("deny")));
    assert_eq!(document["namespaces"].as_object().unwrap().keys().collect::<Vec<_>>(), ["data.acme.images"]);
    let pretty = vidimus(&["inspect", &at(&files, "a.rego")]).stdout;
    for line in
        ["data.acme.images.deny  set  ", "    title: Signed\n", "    custom: {\"level\":2}\n", "NAMESPACES\n", "RULES\n", "METADATA\n"]
    {
        assert!(pretty.contains(line), "{line}: {pretty}");
    }
}

#[test]
fn a_bundle_shows_its_manifest_data_and_signatures() {
    let document = vidimus(&["inspect", "-f", "json", "fixtures/bundles/rs256.tar.gz"]).json();
    assert_eq!(document["manifest"], json!({"revision": "r1", "roots": ["a", "c"]}));
    assert_eq!(document["namespaces"], json!({"data.a.b": ["a/b/data.json"], "data.a.p": ["p.rego"], "data.c": ["c/data.yaml"]}));
    assert_eq!(document["signatures_config"]["signatures"].as_array().unwrap().len(), 1);
    let pretty = vidimus(&["inspect", "fixtures/bundles/unsigned.tar.gz"]).stdout;
    assert!(pretty.starts_with("MANIFEST\n  revision      r1\n  roots         a, c\n"), "{pretty}");
    let files = tree(&[("p.rego", "package p { }"), ("x/data.json", "{}")]);
    assert_eq!(vidimus(&["inspect", &at(&files, "")]).code, 2);
    assert!(vidimus(&["inspect", "absent"]).refused().contains("absent"));
    let plain = tree(&[("p.rego", "package p"), ("other.json", "[")]);
    assert_eq!(vidimus(&["inspect", "-b", &at(&plain, "")]).code, 0);
}
