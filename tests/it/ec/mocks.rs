//! Mocks of each `ec.*`: by value and by function, in the package that calls it and from another.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use vidimus::oci::Nowhere;
use vidimus::verify::Trust;
use vidimus::{CompileOptions, Engine, EngineConfig, RegoModule, TestOutcome, Workers};

/// Each builtin, its operands, and a value of its declared type.
const BUILTINS: [(&str, &str, &str); 14] = [
    ("ec.oci.blob", "\"r\"", "\"mocked\""),
    ("ec.oci.blob_files", "\"r\", [\"p\"]", "{\"mocked\": 1}"),
    (
        "ec.oci.descriptor",
        "\"r\"",
        "{\"digest\": \"mocked\", \"mediaType\": \"\", \"size\": 1, \"data\": \"\", \"urls\": [], \"annotations\": {}, \"artifactType\": \"\"}",
    ),
    ("ec.oci.image_files", "\"r\", [\"p\"]", "{\"mocked\": 1}"),
    ("ec.oci.image_index", "\"r\"", "{\"mocked\": 1}"),
    ("ec.oci.image_manifest", "\"r\"", "{\"mocked\": 1}"),
    ("ec.oci.image_manifests", "{\"r\"}", "{\"mocked\": {}}"),
    ("ec.oci.image_referrers", "\"r\"", "[\"mocked\"]"),
    ("ec.oci.image_tag_refs", "\"r\"", "[\"mocked\"]"),
    ("ec.oci.parsed_blob", "\"r\"", "{\"mocked\": 1}"),
    ("ec.purl.is_valid", "\"r\"", "true"),
    ("ec.purl.parse", "\"r\"", "{\"mocked\": 1}"),
    ("ec.sigstore.verify_attestation", "\"r\", {\"ignore_rekor\": true}", "{\"mocked\": 1}"),
    ("ec.sigstore.verify_image", "\"r\", {\"ignore_rekor\": true}", "{\"mocked\": 1}"),
];

/// A package that calls each builtin, and the tests of it in this package and another.
fn modules() -> [RegoModule; 2] {
    let (mut policy, mut tests) = ("package p\n".to_owned(), "package p_test\n\nimport data.p\n".to_owned());
    for (number, (name, operands, value)) in BUILTINS.iter().enumerate() {
        let parameters = ["a, b", "a"][usize::from(operands.split_once("\", ").is_none())];
        let tried = |with: &str| format!("{with} == {value}");
        let function = format!("mock_{number}({parameters}) := {value} if [{parameters}] == [{operands}]\n");
        // Writing to a string cannot fail.
        let _ = write!(policy, "\nr_{number} := {name}({operands})\n\n{function}");
        let _ = writeln!(policy, "\ntest_value_{number} if {} with {name} as {value}", tried(&format!("r_{number}")));
        let _ = writeln!(policy, "\ntest_function_{number} if {} with {name} as mock_{number}", tried(&format!("r_{number}")));
        let _ = writeln!(policy, "\ntest_here_{number} if {} with {name} as mock_{number}", tried(&format!("{name}({operands})")));
        let _ = writeln!(
            policy,
            "\ntest_none_{number} if not r_{number} with {name} as none_{number}\n\nnone_{number}({parameters}) := 1 if count([{parameters}]) == 0"
        );
        let _ = write!(tests, "\n{function}");
        let _ = writeln!(tests, "\ntest_value_{number} if {} with {name} as {value}", tried(&format!("p.r_{number}")));
        let _ = writeln!(tests, "\ntest_function_{number} if {} with {name} as mock_{number}", tried(&format!("p.r_{number}")));
        let _ = writeln!(tests, "\ntest_theirs_{number} if {} with {name} as p.mock_{number}", tried(&format!("p.r_{number}")));
    }
    [RegoModule::new("p.rego", policy), RegoModule::new("p_test.rego", tests)]
}

#[test]
fn each_builtin_is_mocked_by_value_and_by_function_from_here_and_there() {
    let engine = Engine::new(EngineConfig::new(Arc::new(Nowhere), Trust::public_good().unwrap())).unwrap();
    let suite = engine.compile_tests(&modules(), &CompileOptions::default()).unwrap();
    assert_eq!(suite.cases().len(), 14 * 7);
    let mut results = Vec::new();
    Workers::new(2)
        .run(0..suite.cases().len(), |number, _| suite.run(number, Duration::from_mins(1)), |result| results.extend(result))
        .unwrap();
    let failed: Vec<String> = results
        .iter()
        .filter(|result| result.outcome != TestOutcome::Passed)
        .map(|result| format!("{}.{}: {:?}", result.case.package, result.case.name, result.outcome))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
    assert!(results.iter().all(|result| result.unreached.is_empty()));
}
