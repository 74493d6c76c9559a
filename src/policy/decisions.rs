//! Which rules decide, and the one module that collects what they say in one evaluation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::results;
use crate::engine::{Failing, NamedRule, Origins};
use crate::evaluation::{Findings, Location};
use crate::rego::Entries;

/// The package of the module that collects decisions.
pub(crate) const GENERATED: &str = "__vidimus";

/// What a policy is asked about each component.
#[derive(Debug)]
pub(crate) enum Question {
    /// What the rules that decide say.
    Decisions(Decisions),
    /// The same, asked rule by rule.
    EachDecision(Decisions),
    /// The answers to a query, which this rule collects.
    Query(String),
    /// The query `data`, which no rule can answer, being part of it.
    Data,
}

/// The rules that decide, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Decisions {
    rules: Vec<Rule>,
    codes: BTreeMap<String, Location>,
}

/// One rule that decides.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What its results are.
    pub(crate) kind: RuleKind,
    /// Dotted path, without `data`.
    pub(crate) path: String,
    /// Where it is first defined, where that is known.
    pub(crate) location: Option<Location>,
    /// Its package, as a number: exceptions count inside a package.
    pub(crate) package: usize,
    /// Name behind `deny_`, `violation_` or `warn_`: what exceptions name.
    pub(crate) suffix: String,
    reference: String,
}

/// What the results of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleKind {
    /// Violations.
    Deny,
    /// Warnings.
    Warn,
    /// Names of rules that do not count.
    Exception,
}

impl Question {
    /// The module that is added to the policy's own.
    pub(crate) fn module(&self) -> String {
        let mut text = format!("package {GENERATED}\n\nready := true\n");
        let (decisions, each) = match self {
            Self::Decisions(decisions) => (decisions, false),
            Self::EachDecision(decisions) => (decisions, true),
            Self::Query(_) | Self::Data => return text,
        };
        for (number, rule) in decisions.rules.iter().enumerate() {
            let own = if each { format!("_{number}") } else { String::new() };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "decisions{own} contains [{number}, value] if value := {}", rule.reference);
        }
        text
    }

    /// Asks an engine that holds the module and an input.
    pub(crate) fn ask(&self, engine: &mut regorus::Engine, origins: &Origins) -> Result<Findings, Failing> {
        let mut ask = |rule: String| engine.eval_rule(rule).map_err(|error| origins.failing(&error));
        match self {
            Self::Data => results::all(engine).map_err(|error| origins.failing(&error)),
            Self::Query(rule) => results::answer(&ask(rule.clone())?),
            Self::Decisions(decisions) => decisions.read(&[ask(format!("data.{GENERATED}.decisions"))?]),
            Self::EachDecision(decisions) => {
                let rules = (0..decisions.rules.len()).map(|number| ask(format!("data.{GENERATED}.decisions_{number}")));
                decisions.read(&rules.collect::<Result<Vec<_>, _>>()?)
            }
        }
    }
}

/// The rules that decide, before they are known: by their names.
#[derive(Debug)]
pub(crate) struct Deciding<'a> {
    /// The packages whose rules do; all, where none is named.
    pub(crate) namespaces: &'a [String],
}

impl Deciding<'_> {
    fn has(&self, package: &[String]) -> bool {
        self.namespaces.is_empty() || self.namespaces.contains(&package.join("."))
    }
}

impl Entries for Deciding<'_> {
    fn contains(&self, package: &[String], name: &str) -> bool {
        kind(name).is_some() && self.has(package)
    }
}

impl Decisions {
    /// Results that carry one of these codes come from there.
    pub(crate) fn with_codes(self, codes: BTreeMap<String, Location>) -> Self {
        Self { codes, ..self }
    }

    /// What the rules have given: sets of pairs of a rule's number and its value.
    fn read(&self, collected: &[regorus::Value]) -> Result<Findings, Failing> {
        let mut findings = results::findings(&self.rules, collected)?;
        for finding in findings.violations.iter_mut().chain(&mut findings.warnings) {
            let code = finding.metadata.get("code").and_then(serde_json::Value::as_str);
            if let Some(location) = code.and_then(|code| self.codes.get(code)) {
                finding.location = Some(location.clone());
            }
        }
        Ok(findings)
    }

    /// The rules of `packages` whose names make them decide.
    pub(crate) fn find(rules: &[NamedRule], namespaces: &[String]) -> Result<Self, String> {
        let mut found: BTreeMap<(&[String], &str), &Location> = BTreeMap::new();
        for rule in rules {
            if (Deciding { namespaces }).contains(&rule.package, &rule.name) {
                found.entry((&rule.package, &rule.name)).or_insert(&rule.location);
            }
        }
        let mut packages: Vec<&[String]> = found.keys().map(|(package, _)| *package).collect();
        packages.dedup();
        let rules: Vec<Rule> = found.iter().filter_map(|((package, name), location)| rule(&packages, package, name, location)).collect();
        if rules.iter().all(|rule| rule.kind == RuleKind::Exception) {
            return Err(nothing_decides(namespaces));
        }
        Ok(Self { rules, codes: BTreeMap::new() })
    }
}

pub(super) fn nothing_decides(namespaces: &[String]) -> String {
    let place = match namespaces {
        [] => "the policy".to_owned(),
        names => format!("`{}`", names.join("`, `")),
    };
    format!("no rule of {place} is named `deny`, `violation` or `warn`: nothing could ever be decided")
}

fn rule(packages: &[&[String]], package: &[String], name: &str, location: &Location) -> Option<Rule> {
    let kind = kind(name)?;
    let names = || package.iter().map(String::as_str).chain([name]);
    Some(Rule {
        kind,
        path: names().collect::<Vec<_>>().join("."),
        location: Some(location.clone()),
        package: packages.iter().position(|one| *one == package)?,
        suffix: suffix(name).to_owned(),
        reference: reference(package, name),
    })
}

impl Rule {
    /// The rule of an entrypoint, such as `main/deny`, if its name makes it decide; `package` is the number of its package.
    pub(super) fn of_entrypoint(path: &str, package: usize) -> Option<Self> {
        let name = path.rsplit('/').next()?;
        let (kind, suffix) = (kind(name)?, suffix(name).to_owned());
        Some(Self { kind, path: path.replace('/', "."), location: None, package, suffix, reference: String::new() })
    }

    /// Whether its results are violations or warnings.
    pub(super) fn decides(&self) -> bool {
        self.kind != RuleKind::Exception
    }
}

/// `^(deny|violation|warn)(_[a-zA-Z0-9]+)*$`, and `exception`.
fn kind(name: &str) -> Option<RuleKind> {
    if name == "exception" {
        return Some(RuleKind::Exception);
    }
    let mut words = name.split('_');
    let kind = match words.next()? {
        "deny" | "violation" => RuleKind::Deny,
        "warn" => RuleKind::Warn,
        _ => return None,
    };
    words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(kind)
}

/// What an exception names: the part behind `deny_`; nothing for a rule without such a part.
fn suffix(name: &str) -> &str {
    name.split_once('_').map_or("", |(_, suffix)| suffix)
}

/// The reference to a rule, as Rego writes it.
pub(crate) fn reference(package: &[String], name: &str) -> String {
    path(package) + &step(name)
}

/// The path of a package, as Rego writes it.
pub(crate) fn path(package: &[String]) -> String {
    package.iter().fold("data".to_owned(), |path, name| path + &step(name))
}

fn step(name: &str) -> String {
    let plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.starts_with(|first: char| first.is_ascii_digit());
    if plain && !KEYWORDS.contains(&name) && !name.is_empty() { format!(".{name}") } else { format!("[{}]", serde_json::Value::from(name)) }
}

const KEYWORDS: [&str; 15] =
    ["as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input", "not", "null", "package", "some"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_as_the_pattern_says() {
        for name in ["deny", "violation", "deny_a", "deny_a_B9", "violation_x"] {
            assert_eq!(kind(name), Some(RuleKind::Deny), "{name}");
        }
        assert_eq!(kind("warn_x"), Some(RuleKind::Warn));
        for name in ["denyx", "deny_", "deny__a", "deny_a_", "_deny", "warning", "allow", "Deny", "deny_ä"] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn references_are_quoted_where_they_must_be() {
        let steps: Vec<String> = ["main", "with-dash", "not", "9a", "a\"b"].iter().map(|name| step(name)).collect();
        assert_eq!(steps, [".main", "[\"with-dash\"]", "[\"not\"]", "[\"9a\"]", "[\"a\\\"b\"]"]);
    }

    #[test]
    fn a_policy_that_decides_nothing_is_refused() {
        let location = Location { file: "a.rego".to_owned(), line: 3, column: 1 };
        let named = |name: &str| NamedRule {
            package: vec!["main".to_owned()],
            name: name.to_owned(),
            behind: Vec::new(),
            partial: false,
            location: location.clone(),
            number: 0,
        };
        assert!(Decisions::find(&[named("allow"), named("exception")], &[]).unwrap_err().contains("nothing could ever be decided"));
        assert!(Decisions::find(&[named("deny")], &["other".to_owned()]).unwrap_err().contains("`other`"));
        assert_eq!(Decisions::find(&[named("deny"), named("deny"), named("exception")], &[]).unwrap().rules.len(), 2);
    }
}
