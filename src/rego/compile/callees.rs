//! `Callees`: the functions that printed modules call and that are not rules, each under a short name without dots.
//!
//! The engine spells out the name of a function from its parts at every call, twice, each part a string of its own, and prefixes it
//! with the package: for `ec.sigstore.verify_image` that cost as much as the answer.

use std::collections::BTreeMap;

use crate::builtins;
use crate::rego::ast::{Module, Term, TermKind, VisitMut, walk_module_mut, walk_term_mut};
use crate::rego::{CASE, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, PROBE, RECALL};

/// What rewritten modules call beside builtins.
const OWN: [&str; 10] = [RECALL, KEEP, LASTING, LAST, PROBE, ENTER, LEAVE, MISS, NOTE, CASE];

/// What the modules of a program call: the engine copies each function that it is given with every evaluation, so it is given no
/// others.
#[derive(Debug, Clone)]
pub(crate) struct Callees {
    prefix: String,
    named: BTreeMap<&'static str, String>,
}

impl Callees {
    /// None yet. INVARIANT: no source has a name that begins with `prefix`, and no name that is generated has `f` and a number behind
    /// it.
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), named: BTreeMap::new() }
    }

    /// Renames what a lowered module calls. Builtins that some `with` replaces go by the names of rules by now.
    pub(super) fn rename(&mut self, module: &mut Module) {
        walk_module_mut(self, module);
    }

    /// Each function, and the name that modules have for it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.named.iter().map(|(name, short)| (*name, short.as_str()))
    }

    fn short(&mut self, name: &'static str) -> &str {
        let next = self.named.len();
        self.named.entry(name).or_insert_with(|| format!("{}f{next}", self.prefix))
    }
}

impl VisitMut for Callees {
    fn term(&mut self, term: &mut Term) {
        if let TermKind::Call(function, _) = &mut term.kind
            && let Some(name) = function.as_path().and_then(|path| known(&path.join(".")))
        {
            function.kind = TermKind::Var(self.short(name).to_owned());
        }
        walk_term_mut(self, term);
    }
}

/// A function that is ours. The others are the engine's, under their own names.
fn known(name: &str) -> Option<&'static str> {
    let native = builtins::lookup(name).filter(|builtin| builtin.is_native()).map(|builtin| builtin.name);
    native.or_else(|| OWN.into_iter().find(|own| *own == name))
}

#[cfg(test)]
mod tests {
    use crate::rego::compile::{Options, Program, Purpose, Source, compile};
    use crate::rego::{Levers, Observed};

    fn program(rules: &str) -> Program {
        let source = Source { name: "t.rego".to_owned(), text: format!("package t\n{rules}\n").into(), version: None };
        compile(&[source], &Options::new(&crate::rego::Table::new())).unwrap()
    }

    fn called(program: &Program) -> Vec<&str> {
        program.callees.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn each_function_that_is_called_has_a_name_and_no_other() {
        let program = program("p := time.format(bits[\"or\"](input.x, count(input.y)))\nq := data.t.f(1)\nf(x) := x");
        assert_eq!(called(&program), ["__vidimus_last", "__vidimus_lasting", "bits.or", "count", "time.format"]);
        let text: String = program.modules.iter().map(|(_, text)| text.as_str()).collect();
        for (name, short) in program.callees.iter() {
            assert!(text.contains(&format!("{short}(")) && !text.contains(name) && short.len() <= 4, "{name} {short} {text}");
        }
        assert!(text.contains("data.t.f("), "{text}");
    }

    /// Wherever a call may stand, whatever the program is for.
    #[test]
    fn no_call_keeps_its_name() {
        let rules = r#"
            p contains lower(x) if some x in json.unmarshal(input.x)
            q[upper(k)] := trim(v, " ") if some k, v in object.union(input.x, {})
            r := time.format(input.x) if not startswith(input.y, "a") else := sprintf("%v", [abs(1)])
            s if every x in split(input.x, ",") { regex.match("a", x) }
            t := [count(y) | y := [units.parse(input.x)]]
            u := {upper(x): {trim_space(x)} | x := array.concat(input.x, [])[_]}
            v := $"{bits.or(input.x, 1)}" if json.marshal(1) == "1" with json.marshal as json.unmarshal with input as round(1.5)
            test_w if numbers.range(1, 2)[_] == 2"#;
        let table = crate::rego::Table::new();
        let source = Source { name: "t.rego".to_owned(), text: format!("package t\n{rules}\n").into(), version: None };
        for purpose in [Purpose::Policy, Purpose::Tests, Purpose::ProbedTests] {
            for observed in [Observed::Nothing, Observed::Costs, Observed::Steps] {
                for levers in [Levers::ALL, Levers::NONE] {
                    let options = Options { purpose, levers, observed, ..Options::new(&table) };
                    let program = compile(std::slice::from_ref(&source), &options).unwrap();
                    assert!(program.callees.iter().count() >= 20, "{program:?}");
                    for (_, text) in &program.modules {
                        let calls =
                            text.split('(').map(|before| before.rsplit(|c: char| !(c.is_alphanumeric() || "_.".contains(c))).next());
                        let named: Vec<_> = calls.flatten().filter(|name| super::known(name).is_some()).collect();
                        assert!(named.is_empty() && !text.contains("with json"), "{named:?} {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn names_of_the_user_are_never_taken() {
        let program = program("p := __f0(count(input.x))\n__f0(x) := x");
        let [(_, short), ..] = program.callees.iter().collect::<Vec<_>>()[..] else { panic!("{program:?}") };
        assert!(short.starts_with("___f"), "{short}");
    }

    /// What `with` names goes by the name of a rule: no name of a builtin stands in a modifier, where it would not be renamed.
    #[test]
    fn replacements_are_rules() {
        let program = program("p if json.marshal(1) == \"1\" with json.marshal as json.unmarshal");
        assert!(program.modules.iter().all(|(_, text)| !text.contains("json.")), "{program:?}");
        assert_eq!(called(&program), ["json.marshal", "json.unmarshal"]);
    }
}
