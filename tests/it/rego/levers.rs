//! No way of being quick changes an answer, and neither does being watched: the whole corpus, asked with each and without.
//!
//! Each case is asked with all levers pulled and with none, and with one of the settings between in turn;
//! `VIDIMUS_LEVERS=each` asks it with every one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vidimus::{CompileOptions, Component, EvaluateOptions, Evaluation, Levers, Observed, RegoModule};

use super::case::{Case, ENGINE, Input};
use super::generator::INPUTS;
use super::{conformance, differential, probes};
use crate::testkit::fixture;

type Setting = (&'static str, Levers, Observed);

const BETWEEN: [Setting; 7] = [
    ("no memory of functions", Levers { functions: false, ..Levers::ALL }, Observed::Nothing),
    ("no lasting rules", Levers { lasting: false, ..Levers::ALL }, Observed::Nothing),
    ("no pruning", Levers { pruning: false, ..Levers::ALL }, Observed::Nothing),
    ("no short way to documents", Levers { documents: false, ..Levers::ALL }, Observed::Nothing),
    ("rule by rule", Levers { aggregation: false, ..Levers::ALL }, Observed::Nothing),
    ("costs", Levers::ALL, Observed::Costs),
    ("steps", Levers::ALL, Observed::Steps),
];

/// The settings that this case is asked with.
fn settings(number: usize) -> Vec<Setting> {
    #[expect(clippy::disallowed_methods, reason = "developers ask for more by the environment")]
    let each = std::env::var("VIDIMUS_LEVERS").is_ok_and(|value| value == "each");
    let none = ("none", Levers::NONE, Observed::Nothing);
    let between = BETWEEN.into_iter().enumerate().filter(|(index, _)| each || *index == number % BETWEEN.len());
    std::iter::once(none).chain(between.map(|(_, setting)| setting)).collect()
}

/// What two evaluations of one policy answered: values, and kinds of errors. Where errors stand may differ.
fn seen(case: &Case) -> Vec<String> {
    let shown = |answer: &Result<Value, super::case::Trouble>| match answer {
        Ok(value) => value.to_string(),
        Err(trouble) => format!("{trouble:?}").split('(').next().unwrap_or_default().to_owned(),
    };
    match case.answers(2) {
        Ok(answers) => answers.iter().map(shown).collect(),
        Err(trouble) => vec![shown(&Err(trouble))],
    }
}

/// Asks about each, on two threads, and gathers what differs.
fn all_agree<T: Sync>(items: &[T], differs: impl Fn(usize, &T) -> Vec<String> + Sync) {
    let part = |odd: usize| -> Vec<String> {
        items.iter().enumerate().filter(|(number, _)| number % 2 == odd).flat_map(|(number, item)| differs(number, item)).collect()
    };
    let differences = std::thread::scope(|scope| {
        let other = scope.spawn(|| part(1));
        let mut all = part(0);
        all.extend(other.join().unwrap());
        all
    });
    assert!(differences.is_empty(), "{} differences, the first:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn answers_are_the_same_with_every_lever_and_without() {
    let suite = conformance::cases().into_iter().flatten().map(|(name, case)| (name, conformance::asked(&case)));
    let probes = probes::probes().into_iter().flatten().map(|(name, probe)| (name, probes::asked(&probe)));
    let cases: Vec<(String, Case)> = suite.chain(probes).collect();
    all_agree(&cases, |number, (name, case)| {
        let usual = seen(case);
        // What differs by itself, such as a random number, tells nothing.
        if usual.first() != usual.last() {
            return Vec::new();
        }
        let asked = settings(number / 2).into_iter().map(|(setting, levers, observed)| {
            let other = seen(&Case { levers, observed, ..case.clone() });
            (other != usual).then(|| format!("{name}: {setting}: {other:?} and not {usual:?}"))
        });
        asked.flatten().collect()
    });
}

#[test]
fn generated_programs_answer_the_same_with_every_lever_and_without() {
    all_agree(&differential::programs(), |number, modules| {
        let input = Input::Json(INPUTS[number % INPUTS.len()].to_owned());
        let case = Case { modules: modules.clone(), query: "data.t".to_owned(), input, ..Case::default() };
        let usual = seen(&case);
        let asked = settings(number / 2).into_iter().map(|(setting, levers, observed)| {
            let other = seen(&Case { levers, observed, ..case.clone() });
            (other != usual).then(|| format!("{}\n{setting}: {other:?} and not {usual:?}", modules.join("\n---\n")))
        });
        asked.flatten().collect()
    });
}

/// Rules that decide by what the programs give, and rules that nobody asks for.
const DECIDING: &str = "package decisions

import data.t

deny contains text if { some name, value in t; text := json.marshal([name, value]) }
deny_some contains {\"msg\": name, \"code\": \"c\"} if some name, [] in t
warn contains sprintf(\"%v\", [input]) if input
warn_fixed contains \"fixed\" if count([x | some x in [1, 2, 3]]) == 3
exception contains [\"some\"] if t.p0
unused contains x if { some x in t with input as 1 with data.t as {\"p0\": 1} with count as 3 }
";

/// What was decided, and the kind of error where it could not be.
fn decided(evaluation: &Evaluation) -> Value {
    let found = |findings: &[vidimus::Finding]| -> Vec<Value> {
        findings.iter().map(|finding| json!([finding.rule, finding.msg, finding.metadata])).collect()
    };
    json!([found(evaluation.violations()), found(evaluation.warnings()), evaluation.error().map(|error| error.kind.name())])
}

#[test]
fn decisions_are_the_same_with_every_lever_and_without() {
    all_agree(&differential::programs(), |number, modules| {
        let texts = modules.iter().map(String::as_str).chain([DECIDING]);
        let modules: Vec<RegoModule> = texts.zip(0..).map(|(text, index)| RegoModule::new(format!("{index}.rego"), text)).collect();
        let component = Component::from_json("case", INPUTS[number % INPUTS.len()]).unwrap();
        let ask = |levers, observed| {
            let options = CompileOptions { levers, observed, ..CompileOptions::default() };
            let policy = ENGINE.compile(&modules, &options).map_err(|_| "refused")?;
            let evaluate = || decided(&policy.evaluate(&component, &EvaluateOptions::lasting(std::time::Duration::from_mins(1))));
            Ok::<_, &str>([evaluate(), evaluate()])
        };
        let usual = ask(Levers::ALL, Observed::Nothing);
        let asked = settings(number / 2).into_iter().map(|(setting, levers, observed)| {
            let other = ask(levers, observed);
            (other != usual).then(|| format!("{number}: {setting}: {other:?} and not {usual:?}"))
        });
        asked.flatten().collect()
    });
}

/// The policies that are shipped, over the documents that the fixtures have.
#[test]
fn our_policies_decide_the_same_with_every_lever_and_without() {
    let read = |directory: &std::path::Path, kind: &str| -> BTreeMap<String, String> {
        let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let wanted = files.filter(|path| path.extension().is_some_and(|extension| extension == kind));
        wanted.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
    };
    let rego = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rego");
    let modules: Vec<RegoModule> = read(&rego, "rego").into_iter().map(|(name, text)| RegoModule::new(name, text)).collect();
    let inputs = read(&fixture("inputs"), "json");
    assert!(!modules.is_empty() && !inputs.is_empty());
    let ask = |levers, observed| -> Vec<Value> {
        let policy = ENGINE.compile(&modules, &CompileOptions { levers, observed, ..CompileOptions::default() }).unwrap();
        let options = EvaluateOptions::lasting(std::time::Duration::from_mins(1));
        inputs.iter().map(|(name, text)| decided(&policy.evaluate(&Component::from_json(name, text).unwrap(), &options))).collect()
    };
    let usual = ask(Levers::ALL, Observed::Nothing);
    for (setting, levers, observed) in BETWEEN.into_iter().chain([("none", Levers::NONE, Observed::Nothing)]) {
        assert_eq!(ask(levers, observed), usual, "{setting}");
    }
}
