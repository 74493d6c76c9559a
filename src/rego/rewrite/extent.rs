//! The documents that hold rules with names of several elements: OPA has an empty object where none of them is defined,
//! regorus has nothing. A rule without elements says so.

use std::collections::{BTreeMap, BTreeSet};

use super::world::World;
use crate::rego::ast::{Expr, ExprKind, Head, Module, Ref, Rule, RuleKind, Span, Term, TermKind};

/// An element of a name: a string, or another scalar as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    String(String),
    Scalar(String),
}

/// Adds a partial object without members for each document that holds rules of the module.
pub(super) fn apply(world: &World<'_>, module: &mut Module) {
    let mut terms: BTreeMap<Element, Term> = BTreeMap::new();
    let mut documents: BTreeSet<Vec<Element>> = BTreeSet::new();
    let mut ruled: BTreeSet<Vec<Element>> = BTreeSet::new();
    let mut defined: BTreeSet<Vec<Element>> = BTreeSet::new();
    for rule in &module.rules {
        let mut name = spelled(rule, &mut terms);
        ruled.insert(name.clone());
        let computed = rule.head.name.path.len() + 1 - name.len();
        if computed > 1 || (computed == 1 && rule.kind() == RuleKind::PartialSet) {
            documents.insert(name.clone());
        } else {
            // With one computed element at its end it is an object by itself.
            defined.insert(name.clone());
        }
        name.pop();
        if !name.is_empty() {
            documents.insert(name);
        }
    }
    // Below what has rules of its own, OPA looks for members only.
    let is_below = |document: &Vec<Element>| (1..document.len()).any(|length| ruled.contains(document.get(..length).unwrap_or_default()));
    let missing = documents.into_iter().filter(|document| !defined.contains(document) && !is_below(document));
    module.rules.extend(missing.filter_map(|document| empty(world, &document, &terms)));
}

/// The name of a rule as far as it is spelled out.
fn spelled(rule: &Rule, terms: &mut BTreeMap<Element, Term>) -> Vec<Element> {
    let first = rule.head.name.head.as_var().map(|name| Element::String(name.to_owned()));
    let rest = rule.head.name.path.iter().map_while(|term| {
        let element = match &term.kind {
            TermKind::String(text) => Element::String(text.clone()),
            TermKind::Number(text) => Element::Scalar(text.clone()),
            TermKind::Boolean(truth) => Element::Scalar(truth.to_string()),
            TermKind::Null => Element::Scalar("null".to_owned()),
            _ => return None,
        };
        terms.entry(element.clone()).or_insert_with(|| term.clone());
        Some(element)
    });
    first.into_iter().chain(rest).collect()
}

/// `a.b[x] := x if { x := ""; false }`
fn empty(world: &World<'_>, document: &[Element], terms: &BTreeMap<Element, Term>) -> Option<Rule> {
    let span = Span::default();
    let (Element::String(first), rest) = document.split_first()? else { return None };
    let key = Term::var(span, format!("{}00001", world.prefix));
    let path = rest.iter().filter_map(|element| terms.get(element).cloned()).chain(std::iter::once(key.clone())).collect();
    let body =
        vec![Expr::new(span, ExprKind::Assign(key.clone(), Term::string(span, ""))), Expr::term(Term::new(span, TermKind::Boolean(false)))];
    let head = Head {
        span,
        name: Ref { head: Box::new(Term::var(span, first.clone())), path },
        parameters: None,
        key: None,
        value: Some(key),
        assigned: true,
    };
    Some(Rule { span, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() })
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: `data.t.a` is `{}` where none of its rules is defined.
    #[test]
    fn a_document_of_rules_is_an_object_without_members() {
        let expected = r#"
a.b := 1 if {
  input.x
}

a[__00001] := __00001 if {
  __00001 := ""
  false
}
"#;
        assert_eq!(lowered(&[r"a.b := 1 if input.x"]), expected.trim());
    }

    /// OPA: so are the documents below it, whatever scalars their names are.
    #[test]
    fn a_number_is_an_element_of_a_name() {
        let text = lowered(&["a[1].b := 1 if input.x"]);
        assert!(text.contains("a[1][__00001] := __00001 if {"), "{text}");
    }
}
