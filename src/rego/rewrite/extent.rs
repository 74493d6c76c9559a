//! The documents that hold rules with names of several elements: OPA has an empty object where none of them is defined,
//! regorus has nothing. A rule without elements says so.

use std::collections::BTreeSet;

use super::world::World;
use crate::rego::ast::{Expr, ExprKind, Head, Module, Ref, Rule, RuleKind, Span, Term, TermKind};

/// Adds a partial object without members for each document that holds rules of the module.
pub(super) fn apply(world: &World<'_>, module: &mut Module) {
    let mut documents: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut defined: BTreeSet<Vec<String>> = BTreeSet::new();
    for rule in &module.rules {
        let mut name: Vec<String> = rule.ground_name().into_iter().map(str::to_owned).collect();
        if rule.head.name.path.len() >= name.len() {
            // An element behind is no string: the document is what comes before it, and it is an object by itself only
            // where that element is the last.
            if rule.head.name.path.len() > name.len() || rule.kind() == RuleKind::PartialSet {
                documents.insert(name);
            } else {
                defined.insert(name);
            }
            continue;
        }
        defined.insert(name.clone());
        name.pop();
        if !name.is_empty() {
            documents.insert(name);
        }
    }
    let missing = documents.into_iter().filter(|document| !defined.contains(document));
    module.rules.extend(missing.filter_map(|document| empty(world, &document)));
}

/// `a.b[x] := x if { x := ""; false }`
fn empty(world: &World<'_>, document: &[String]) -> Option<Rule> {
    let span = Span::default();
    let (first, rest) = document.split_first()?;
    let key = Term::var(span, format!("{}00001", world.prefix));
    let path = rest.iter().map(|name| Term::string(span, name.clone())).chain(std::iter::once(key.clone())).collect();
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
}
