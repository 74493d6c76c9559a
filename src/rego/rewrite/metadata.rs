//! `rego.metadata.chain()` and `rego.metadata.rule()`: known when compiling (M1).

use super::world::World;
use crate::rego::ast::{Annotation, Json, Module, Place, Rule, Span, Term, TermKind};

/// The rule that asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Active<'a> {
    pub(super) module: &'a Module,
    pub(super) rule: &'a Rule,
}

impl<'a> Active<'a> {
    /// The rule, then every annotation that concerns it: its own, its document's, its package's, those of the packages
    /// above that reach down.
    pub(super) fn chain(self, span: Span, world: &World<'a>) -> Term {
        let package: Vec<&str> = self.module.package.path.iter().map(String::as_str).collect();
        let name = self.rule.ground_name();
        let path: Vec<&str> = package.iter().chain(&name).copied().collect();
        let own = self.annotations("rule").last();
        let mut chain = vec![entry(span, &path, own)];
        chain.extend(self.documents(world, &name).map(|annotation| entry(span, &path, Some(annotation))));
        let scoped = |scope: &'static str, wanted: Vec<String>| {
            let modules = world.modules.iter().filter(move |module| module.package.path == wanted);
            modules.flat_map(move |module| module.annotations.iter().filter(move |annotation| annotation.scope == scope))
        };
        chain.extend(scoped("package", self.module.package.path.clone()).map(|annotation| entry(span, &package, Some(annotation))));
        for length in (1..=package.len()).rev() {
            let above = package.get(..length).unwrap_or_default();
            let wanted = above.iter().map(|&name| name.to_owned()).collect();
            chain.extend(scoped("subpackages", wanted).map(|annotation| entry(span, above, Some(annotation))));
        }
        Term::new(span, TermKind::Array(chain))
    }

    /// The annotations of the rule, `{}` where it has none.
    pub(super) fn rule(self, span: Span) -> Term {
        let own = self.annotations("rule").last();
        own.map_or_else(|| Term::new(span, TermKind::Object(Vec::new())), |annotation| literal(span, &annotation.value))
    }

    /// The annotations of this scope that stand before the rule.
    fn annotations(self, scope: &'static str) -> impl Iterator<Item = &'a Annotation> {
        let found = self.rule.annotations.iter().filter_map(move |&index| self.module.annotations.get(index));
        found.filter(move |annotation| annotation.scope == scope)
    }

    /// The annotations of the rule's document: of all rules of its name in its package.
    fn documents(self, world: &World<'a>, name: &[&str]) -> impl Iterator<Item = &'a Annotation> {
        let package = &self.module.package.path;
        let name: Vec<String> = name.iter().map(|&name| name.to_owned()).collect();
        world.modules.iter().filter(move |module| module.package.path == *package).flat_map(move |module| {
            let name = name.clone();
            module.annotations.iter().filter(move |annotation| {
                let rule = match annotation.place {
                    Place::Rule(index) => module.rules.get(index),
                    Place::Package => None,
                };
                annotation.scope == "document" && rule.is_some_and(|rule| rule.ground_name() == name)
            })
        })
    }
}

fn entry(span: Span, path: &[&str], annotation: Option<&Annotation>) -> Term {
    let path = path.iter().map(|&name| Term::string(span, name)).collect();
    let mut members = vec![(Term::string(span, "path"), Term::new(span, TermKind::Array(path)))];
    if let Some(annotation) = annotation {
        members.push((Term::string(span, "annotations"), literal(span, &annotation.value)));
    }
    Term::new(span, TermKind::Object(members))
}

/// A JSON document as a term.
fn literal(span: Span, json: &Json) -> Term {
    let kind = match json {
        Json::Null => TermKind::Null,
        Json::Boolean(value) => TermKind::Boolean(*value),
        Json::Number(text) => TermKind::Number(text.clone()),
        Json::String(text) => TermKind::String(text.clone()),
        Json::Array(items) => TermKind::Array(items.iter().map(|item| literal(span, item)).collect()),
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| (Term::string(span, key.clone()), literal(span, value)));
            TermKind::Object(members.collect())
        }
    };
    Term::new(span, kind)
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `rego.metadata.chain()` is the annotations of the rule and of what surrounds it (M1).
    #[test]
    fn a_chain_is_known_when_compiling() {
        let expected = r#"
p := __00002 if {
  __00001 := {"scope": "rule", "title": "P"}
  __00002 := __00001.title
}
"#;
        assert_eq!(
            lowered(&[r"# METADATA
# title: P
p := rego.metadata.rule().title"]),
            expected.trim()
        );
    }
}
