//! `CompiledPolicy`: a WebAssembly module and which of its entrypoints are asked about each component.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use vidimus_wasm_host::text::ValueText;
use vidimus_wasm_host::{Decision, EvalError, Instance, Snapshot};

use super::decisions::{Rule, nothing_decides};
use super::results;
use crate::builtins::{Builtin, Value, ValueTerm, Values};
use crate::engine::{Bridge, Failing};
use crate::evaluation::{Findings, Location};

/// A policy that OPA compiled, with its data.
pub(crate) struct CompiledPolicy {
    /// The module's path: what errors show.
    pub(crate) name: String,
    pub(crate) snapshot: Snapshot,
    /// The builtins that it calls, by its own numbers.
    pub(crate) builtins: Arc<[Option<&'static Builtin>]>,
    pub(crate) entrypoints: Entrypoints,
}

/// What is asked of a module.
#[derive(Debug)]
pub(crate) enum Entrypoints {
    /// The value of one, whatever it is.
    Query(i32),
    /// Those whose names make them decide.
    Rules(Vec<(i32, Rule)>),
    /// Packages, by their paths, whose rules decide by their names.
    Packages(Vec<(i32, String)>),
}

impl Entrypoints {
    /// Those that decide; packages only where no rule is an entrypoint of its own.
    pub(crate) fn find<'a>(known: impl Iterator<Item = (&'a str, i32)>, namespaces: &[String]) -> Result<Self, String> {
        let known: Vec<(&str, i32)> = known.collect();
        let within = |package: &str| namespaces.is_empty() || namespaces.iter().any(|wanted| *wanted == package.replace('/', "."));
        let (mut packages, mut rules) = (Vec::new(), Vec::new());
        for (path, id) in &known {
            let package = path.rsplit_once('/').map_or("", |(package, _)| package);
            if !within(package) {
                continue;
            }
            let number = packages.iter().position(|known| *known == package).unwrap_or_else(|| {
                packages.push(package);
                packages.len() - 1
            });
            rules.extend(Rule::of_entrypoint(path, number).map(|rule| (*id, rule)));
        }
        if rules.iter().any(|(_, rule)| rule.decides()) {
            return Ok(Self::Rules(rules));
        }
        let packages: Vec<(i32, String)> =
            known.iter().filter(|(path, _)| within(path)).map(|(path, id)| (*id, (*path).to_owned())).collect();
        if packages.is_empty() { Err(nothing_decides(namespaces)) } else { Ok(Self::Packages(packages)) }
    }
}

impl CompiledPolicy {
    /// Asks the entrypoints, all in one instance of its own, and tells what the policy printed.
    pub(super) fn ask(&self, input: &Value, deadline: Instant) -> (Result<Findings, Failing>, Vec<String>) {
        let prints = Rc::new(RefCell::new(Vec::new()));
        let bridge = Bridge { builtins: Arc::clone(&self.builtins), prints: Rc::clone(&prints) };
        let found = self.snapshot.instance(Box::new(bridge), deadline).map_err(|error| self.failing(&error));
        let found = found.and_then(|instance| self.findings(instance, input, deadline));
        let printed = prints.take();
        (found, printed)
    }

    fn findings(&self, mut instance: Instance, input: &Value, deadline: Instant) -> Result<Findings, Failing> {
        let input = match input {
            Value::Undefined => None,
            input => Some(ValueText::of(&ValueTerm(input))),
        };
        let input = input.as_ref();
        // The guest reads the input once for all entrypoints.
        let asking = |instance| Instance::asking(instance, input, deadline).map_err(|error| self.failing(&error));
        match &self.entrypoints {
            Entrypoints::Query(id) => {
                let value = self.value(instance.evaluate(*id, input, deadline))?;
                let result = value.as_ref().map(results::json).transpose()?;
                Ok(Findings { result, ..Findings::default() })
            }
            Entrypoints::Rules(rules) => {
                let (mut asking, mut found) = (asking(&mut instance)?, Vec::new());
                for (id, rule) in rules {
                    found.extend(self.value(asking.evaluate(*id))?.map(|value| (rule, value)));
                }
                results::of_rules(&found)
            }
            Entrypoints::Packages(packages) => {
                let (mut asking, mut found) = (asking(&mut instance)?, Vec::new());
                for (number, (id, path)) in packages.iter().enumerate() {
                    found.extend(self.members((number, path), self.value(asking.evaluate(*id))?)?);
                }
                results::of_rules(&found.iter().map(|(rule, value)| (rule, value.clone())).collect::<Vec<_>>())
            }
        }
    }

    /// The rules of a package that decide, with their values.
    fn members(&self, (number, path): (usize, &str), package: Option<Value>) -> Result<Vec<(Rule, Value)>, Failing> {
        let Some(Value::Object(members)) = package else {
            let message = format!("`{}`: `{path}` is neither a rule that decides nor a package", self.name);
            return Err(Failing { message, ..Failing::default() });
        };
        let rules = members.iter().filter_map(|(name, value)| {
            let Value::String(name) = name else { return None };
            Some((Rule::of_entrypoint(&format!("{path}/{name}"), number)?, value.clone()))
        });
        let rules: Vec<_> = rules.collect();
        if rules.iter().any(|(rule, _)| rule.decides()) {
            return Ok(rules);
        }
        Err(Failing { message: format!("`{}`: no rule of `{path}` decided", self.name), ..Failing::default() })
    }

    /// The value that was decided; `None` where it is undefined.
    fn value(&self, decision: Result<Decision, EvalError>) -> Result<Option<Value>, Failing> {
        let decision = decision.map_err(|error| self.failing(&error))?;
        let results = decision.read(&mut Values).map_err(|error| self.failing(&error))?;
        let first = match &results {
            Value::Set(results) => results.iter().next().cloned(),
            Value::Array(results) => results.iter().next().cloned(),
            _ => return Err(self.failing(&EvalError::Malformed { what: "a result", why: "it is no set of results".to_owned() })),
        };
        match first {
            None => Ok(None),
            Some(Value::Object(members)) if members.get(&Value::from("result")).is_some() => {
                Ok(members.get(&Value::from("result")).cloned())
            }
            Some(_) => Err(self.failing(&EvalError::Malformed { what: "a result", why: "it has no member `result`".to_owned() })),
        }
    }

    fn failing(&self, error: &EvalError) -> Failing {
        let timed_out = *error == EvalError::Deadline;
        if let EvalError::Abort(said) = error
            && let Some((location, message)) = place(said)
        {
            return Failing { location: Some(location), message, timed_out };
        }
        Failing { location: None, message: format!("`{}`: {error}", self.name), timed_out }
    }
}

/// The place that OPA's compiler writes into what a policy says when it gives up: `file:4:1: what`.
fn place(said: &str) -> Option<(Location, String)> {
    let (place, message) = said.split_once(": ")?;
    let mut parts = place.rsplitn(3, ':');
    let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((Location { file: parts.next()?.to_owned(), line, column }, message.to_owned()))
}

impl std::fmt::Debug for CompiledPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompiledPolicy").field("name", &self.name).field("entrypoints", &self.entrypoints).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(known: &[(&str, i32)], namespaces: &[&str]) -> Result<Entrypoints, String> {
        let namespaces: Vec<String> = namespaces.iter().map(|&name| name.to_owned()).collect();
        Entrypoints::find(known.iter().copied(), &namespaces)
    }

    #[test]
    fn entrypoints_decide_by_their_names_and_packages_by_those_of_their_rules() {
        let known = [("main/allow", 0), ("main/deny", 1), ("other/warn_x", 2), ("main/exception", 3)];
        let Ok(Entrypoints::Rules(rules)) = find(&known, &[]) else { panic!("no rules") };
        assert_eq!(
            rules.iter().map(|(id, rule)| (*id, rule.path.as_str())).collect::<Vec<_>>(),
            [(1, "main.deny"), (2, "other.warn_x"), (3, "main.exception")]
        );
        let Ok(Entrypoints::Rules(rules)) = find(&known, &["other"]) else { panic!("no rules") };
        assert_eq!(rules.len(), 1);
        assert!(
            matches!(find(&[("main", 0), ("a/b", 1)], &["a.b"]), Ok(Entrypoints::Packages(packages)) if packages == [(1, "a/b".to_owned())])
        );
        assert!(find(&known, &["nowhere"]).unwrap_err().contains("nothing could ever be decided"));
    }

    #[test]
    fn what_a_policy_says_has_a_place() {
        let (location, message) = place("policy/a:b.rego:4:1: var assignment conflict").unwrap();
        assert_eq!((location.to_string().as_str(), message.as_str()), ("policy/a:b.rego:4:1", "var assignment conflict"));
        assert_eq!(place("opa_malloc: failed"), None);
    }
}
