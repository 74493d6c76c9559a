//! Documents that are data and no rules: regorus looks through all modules whenever one is asked for, as it cannot tell that
//! there is no rule. A rule of a private package that is nothing but the document is evaluated once, and known from then on.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{self, World};
use crate::rego::ast::{
    Expr, ExprKind, Head, Module, Ref, Rule, Span, Term, TermKind, VisitMut, walk_expr_mut, walk_module_mut, walk_term_mut,
};

/// Lets references to data go through rules; gives the module of these rules, where there are any.
pub(super) fn apply(world: &World<'_>, modules: &mut [Module]) -> Option<Module> {
    let home = format!("{}documents", world.prefix);
    let roots: BTreeSet<String> = modules.iter().filter_map(|module| module.package.path.first().cloned()).collect();
    let mut documents = Documents { prefix: &world.prefix, home: &home, roots, names: BTreeMap::new() };
    for module in modules {
        walk_module_mut(&mut documents, module);
    }
    let rules: Vec<Rule> = documents.names.iter().map(|(document, name)| rule(world, document, name)).collect();
    (!rules.is_empty()).then(|| world::generated(vec![home], rules))
}

/// `d1 := __00001 if __00001 := data.document`
fn rule(world: &World<'_>, document: &str, name: &str) -> Rule {
    let span = Span::default();
    let value = Term::var(span, format!("{}00001", world.prefix));
    let body = vec![Expr::new(span, ExprKind::Assign(value.clone(), Term::dotted(span, "data", &[document.to_owned()])))];
    let head = Head { span, name: Ref::name(span, name), parameters: None, key: None, value: Some(value), assigned: true };
    Rule { span, default: false, head, body, otherwise: Vec::new(), annotations: Vec::new() }
}

struct Documents<'a> {
    prefix: &'a str,
    home: &'a str,
    /// The first elements of packages: what lies below them may be rules.
    roots: BTreeSet<String>,
    /// The names of the rules, by document.
    names: BTreeMap<String, String>,
}

impl VisitMut for Documents<'_> {
    fn expr(&mut self, expr: &mut Expr) {
        // What is replaced is named as it is.
        let targets: Vec<Term> = expr.with.iter().map(|with| with.target.clone()).collect();
        walk_expr_mut(self, expr);
        for (with, target) in expr.with.iter_mut().zip(targets) {
            with.target = target;
        }
    }

    fn term(&mut self, term: &mut Term) {
        walk_term_mut(self, term);
        let TermKind::Ref(reference) = &mut term.kind else { return };
        if reference.head.as_var() != Some("data") {
            return;
        }
        let Some(first) = reference.path.first_mut() else { return };
        let Some(document) = first.as_string().filter(|name| !self.roots.contains(*name)).map(str::to_owned) else { return };
        let next = format!("{}d{}", self.prefix, self.names.len());
        let name = self.names.entry(document).or_insert(next).clone();
        let span = first.span;
        *first = Term::string(span, name);
        reference.path.insert(0, Term::string(span, self.home));
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::compile::{Options, Source, compile};
    use crate::rego::{Levers, Table};

    fn printed(levers: Levers) -> String {
        let text = "package a.b\np := data.list[input.x].y\nq := data.a.c\ns if p with data.list as data.other";
        let sources = [Source { name: "m.rego".to_owned(), text: text.into(), version: None }];
        let table = Table::new();
        let program = compile(&sources, &Options { levers, ..Options::new(&table) }).unwrap();
        program.spelled_out().join("\n") + "\n"
    }

    #[test]
    fn data_is_asked_for_through_a_rule_unless_it_may_be_rules() {
        let text = printed(Levers::ALL);
        for wanted in [
            "__documents.__d0[",
            "data.a.c",
            "with data.list as __",
            ":= data.__documents.__d1\n",
            "__d0 := __00001 if {\n  __00001 := data.list\n}",
            "__d1 := __00001 if {\n  __00001 := data.other\n}",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(!printed(Levers { documents: false, ..Levers::ALL }).contains("__documents"));
    }
}
