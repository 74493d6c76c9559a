//! The seam to the Rego front-end.

use super::compile::RegoModule;
use super::failure::Failing;
use super::problem::Problem;
use crate::evaluation::Location;

/// What the engine runs, and the rules in it.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) modules: Vec<(String, String)>,
    pub(crate) rules: Vec<NamedRule>,
}

/// A rule that is a value, not a function.
#[derive(Debug, Clone)]
pub(crate) struct NamedRule {
    pub(crate) package: Vec<String>,
    pub(crate) name: String,
    pub(crate) location: Location,
}

pub(super) fn compile(modules: &[RegoModule], v0: bool) -> Result<Program, Vec<Problem>> {
    use regorus::unstable::{Parser, Rule, RuleHead};
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for module in modules {
        let mut engine = regorus::Engine::new();
        engine.set_rego_v0(v0);
        if let Err(error) = engine.add_policy(module.name.clone(), module.text.to_string()) {
            let Failing { location, message } = Failing::read(&error.to_string());
            problems.push(Problem { location, message: format!("rego_parse_error: {message}") });
            continue;
        }
        for module in engine.get_modules() {
            let texts =
                |refr| Parser::get_path_ref_components(refr).map(|spans| spans.iter().map(|s| s.text().to_owned()).collect::<Vec<_>>());
            let Ok(package) = texts(&module.package.refr) else { continue };
            for rule in &module.policy {
                let Rule::Spec { head: RuleHead::Compr { span, refr, .. } | RuleHead::Set { span, refr, .. }, .. } = rule.as_ref() else {
                    continue;
                };
                let Ok([name, ..]) = texts(refr).as_deref().map(|names| [names.first().cloned().unwrap_or_default()]) else { continue };
                let location = Location { file: span.source.get_path().clone(), line: span.line, column: span.col };
                rules.push(NamedRule { package: package.clone(), name, location });
            }
        }
    }
    if problems.is_empty() {
        let modules = modules.iter().map(|module| (module.name.clone(), module.text.to_string())).collect();
        Ok(Program { modules, rules })
    } else {
        Err(problems)
    }
}
