//! `--profile` and `--explain`.

use super::{at, tree, vidimus};

const POLICY: &str = "\
package x

deny contains msg if {
	some c in input.cs
	print(\"looking at\", c, input.absent)
	bad(c)
	msg := sprintf(\"bad %v\", [c])
}

deny contains \"none\" if {
	trace(\"counting\")
	count(input.cs) == 0
}

bad(c) if c > 2

ok if {
	x := input.a
	all := [y | some y in input.cs; y > 7; y < 9]
	count(all) == x
	not x == 0
}
";

fn written() -> tempfile::TempDir {
    let tests = "package x_test\n\nimport data.x\n\ntest_deny if x.deny with input as {\"cs\": [3, 4]}\n";
    tree(&[
        ("p.rego", POLICY),
        ("i.json", "{\"cs\": [1, 2, 3], \"a\": 0}"),
        ("two.yaml", "cs: []\n---\ncs: [9]\n"),
        ("t/x_test.rego", tests),
    ])
}

/// The steps of a trace: line, depth, what happened, what with.
fn steps(files: &tempfile::TempDir, detail: &str, more: &[&str]) -> Vec<String> {
    let (policy, input) = (at(files, "p.rego"), at(files, "i.json"));
    let report = vidimus(&[&["eval", "-p", &policy, "--explain", detail, "-f", "json"], more, &[&input]].concat()).json();
    let steps = report["components"][0]["explanation"].as_array().unwrap().iter();
    let shown = |step: &serde_json::Value| {
        let text = |name: &str| step[name].as_str().unwrap().to_owned();
        format!(
            "{} {}{} {}",
            step["location"]["row"],
            "|".repeat(step["depth"].as_u64().unwrap().try_into().unwrap()),
            text("op"),
            text("text")
        )
    };
    steps.map(shown).collect()
}

#[test]
fn what_failed_is_traced_as_opa_traces_it() {
    let files = written();
    let wanted = [
        "3 Enter data.x.deny",
        "14 |Enter data.x.bad",
        "14 ||Fail c > 2",
        "6 |Fail bad(c)",
        "14 |Enter data.x.bad",
        "14 ||Fail c > 2",
        "6 |Fail bad(c)",
        "10 Enter data.x.deny",
        "12 |Fail count(input.cs) == 0",
    ];
    let fails = steps(&files, "fails", &[]);
    // OPA's parser gives rules the line of their heads.
    assert_eq!(fails.len(), wanted.len(), "{fails:?}");
    for (step, wanted) in fails.iter().zip(wanted) {
        assert_eq!(step.split_once(' ').unwrap().1, wanted.split_once(' ').unwrap().1, "{fails:?}");
    }
    let query = steps(&files, "fails", &["-q", "data.x.ok"]);
    let texts: Vec<&str> = query.iter().map(|step| step.split_once(' ').unwrap().1).collect();
    assert_eq!(texts, ["Enter query", "|Enter data.x.ok", "||Fail y > 7", "||Fail y > 7", "||Fail y > 7", "||Fail not x == 0"]);
}

#[test]
fn what_a_policy_notes_is_traced() {
    let files = written();
    let notes = steps(&files, "notes", &[]);
    let texts: Vec<&str> = notes.iter().map(|step| step.split_once(' ').unwrap().1).collect();
    let looking = |c: u32| format!("|Note \"looking at {c} <undefined>\"");
    let wanted = ["Enter data.x.deny", &looking(1), &looking(2), &looking(3), "Enter data.x.deny", "|Note \"counting\""];
    assert_eq!(texts, wanted);
}

#[test]
fn a_whole_trace_shows_every_step() {
    let files = written();
    let all = steps(&files, "full", &[]);
    for step in [
        "5 |Eval print(\"looking at\", c, input.absent)",
        "7 |Eval msg := sprintf(\"bad %v\", [c])",
        "3 |Exit data.x.deny",
        "14 ||Exit data.x.bad",
    ] {
        let wanted = step.split_once(' ').unwrap().1;
        assert!(all.iter().any(|step| step.split_once(' ').unwrap().1 == wanted), "{wanted}: {all:?}");
    }
    let (policy, input) = (at(&files, "p.rego"), at(&files, "i.json"));
    let run = vidimus(&["eval", "-p", &policy, "--explain", "full", &input]);
    assert!(run.stdout.starts_with(&format!("{policy}:4 ")) || run.stdout.starts_with(&format!("{policy}:3 ")), "{}", run.stdout);
    assert!(run.stdout.contains(" | | Fail c > 2\n") && run.stdout.contains("\nFAIL      "), "{}", run.stdout);
    let off = vidimus(&["eval", "-p", &policy, "--explain", "off", "-f", "json", &input]).json();
    assert!(off["components"][0].get("explanation").is_none(), "{off}");
}

#[test]
fn one_component_is_traced_and_no_more() {
    let files = written();
    let (policy, input, two) = (at(&files, "p.rego"), at(&files, "i.json"), at(&files, "two.yaml"));
    for inputs in [[&input, &input].as_slice(), [&two].as_slice()] {
        let arguments: Vec<&str> =
            ["eval", "-p", &policy, "--explain", "fails"].into_iter().chain(inputs.iter().map(|input| input.as_str())).collect();
        let run = vidimus(&arguments);
        assert!(run.code == 2 && run.stderr.contains("--explain: traces one component, and there are several"), "{run:?}");
    }
    assert!(
        vidimus(&["eval", "-p", &policy, "--explain", "everything", &input]).stderr.contains("[possible values: off, full, notes, fails]")
    );
}

#[test]
fn a_profile_says_what_rules_cost_and_how_often_they_ran() {
    let files = written();
    let (policy, input) = (at(&files, "p.rego"), at(&files, "i.json"));
    let profile = |more: &[&str]| {
        let report = vidimus(&[&["eval", "-p", &policy, "-f", "json"], more, &[&input, &input]].concat()).json();
        report["profile"].as_array().cloned().unwrap_or_default()
    };
    let all = profile(&["--profile"]);
    let found: Vec<(&str, u64)> = all.iter().map(|rule| (rule["rule"].as_str().unwrap(), rule["num_eval"].as_u64().unwrap())).collect();
    // Two components; `bad` is asked about three numbers in each. What is not reached has no line.
    assert!(found.len() == 3 && found.contains(&("data.x.bad", 6)) && found.contains(&("data.x.deny", 2)), "{all:?}");
    let times: Vec<u64> = all.iter().map(|rule| rule["total_time_ns"].as_u64().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next) && times[2] > 0, "{times:?}");
    for rule in &all {
        assert!(rule["cumulative_time_ns"].as_u64() >= rule["total_time_ns"].as_u64() && rule["location"]["file"] == policy.as_str());
    }
    assert_eq!(profile(&["--profile-limit", "1"]).len(), 1);
    assert_eq!(profile(&["--profile-sort", "num_eval"])[0]["rule"], "data.x.bad");
    assert!(profile(&[]).is_empty());
    let table = vidimus(&["eval", "-p", &policy, "--profile", &input]).stdout;
    assert!(table.contains("TIME  CUMULATIVE  NUM EVAL  LOCATION") && table.contains("  data.x.bad\n"), "{table}");
    for wrong in [["--profile-limit", "-1"], ["--profile-limit", "x"], ["--profile-sort", "size"]] {
        let run = vidimus(&["eval", "-p", &policy, wrong[0], wrong[1], &input]);
        assert!(run.code == 2 && run.stderr.contains("error: "), "{run:?}");
    }
}

#[test]
fn tests_are_profiled_together() {
    let files = written();
    let test = |more: &[&str]| vidimus(&[&["test", &at(&files, "p.rego"), &at(&files, "t")], more].concat());
    let report = test(&["--profile", "--format", "json"]).json();
    assert_eq!(report["tests"].as_array().map(Vec::len), Some(1));
    let rules: Vec<&str> = report["profile"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"data.x_test.test_deny") && rules.contains(&"data.x.bad"), "{rules:?}");
    let pretty = test(&["--profile-limit", "1"]).stdout;
    assert!(pretty.starts_with("PASS: 1/1\n") && pretty.lines().count() == 3, "{pretty}");
    for wrong in [&["--coverage"][..], &["--format", "junit"], &["--threshold", "1"]] {
        let run = test(&[&["--profile"], wrong].concat());
        assert!(run.refused().contains("--profile: goes with --format pretty or json"), "{run:?}");
    }
}
