//! Template strings: the variables of their expressions have values where the string stands, as OPA sees it. It looks for
//! them one expression behind the other, and in heads of comprehensions at what is bound outside, where a template string
//! is not the head itself.

use std::collections::BTreeSet;

use super::safety::{outputs_of_body, outputs_of_terms, variables_of};
use super::variable::{Names, all_of_terms, shown};
use super::{Report, World};
use crate::rego::ast::{Body, Expr, ExprKind, Rule, Span, TemplatePart, Term, TermKind, Visit, walk_expr, walk_term};
use crate::rego::diagnostic::Code;

/// Checks all rules. `bare` is where the name of a builtin without a dot is the value of a modifier.
pub(super) fn check(world: &World<'_>, bare: &BTreeSet<Span>, report: &mut Report<'_>) {
    for rule in world.modules.iter().flat_map(|module| &module.rules) {
        // Most rules have none.
        let mut finder = Finder(false);
        finder.rule(rule);
        if finder.0 {
            Templates { world, bare, report, safe: Names::new() }.whole_rule(rule);
        }
    }
}

struct Finder(bool);

impl<'t> Visit<'t> for Finder {
    fn term(&mut self, term: &'t Term) {
        self.0 |= matches!(term.kind, TermKind::Template(_));
        walk_term(self, term);
    }
}

struct Templates<'a, 'w, 'r> {
    world: &'a World<'w>,
    bare: &'a BTreeSet<Span>,
    report: &'a mut Report<'r>,
    /// What has a value here.
    safe: Names,
}

impl Templates<'_, '_, '_> {
    fn whole_rule(&mut self, rule: &Rule) {
        let head = &rule.head;
        let given = all_of_terms(head.parameters.iter().flatten());
        self.safe.clone_from(&given);
        self.branch(head.name.path.iter().chain(&head.key).chain(&head.value), &rule.body);
        for branch in &rule.otherwise {
            self.safe.clone_from(&given);
            self.branch(branch.value.iter(), &branch.body);
        }
    }

    fn branch<'t>(&mut self, heads: impl Iterator<Item = &'t Term>, body: &'t Body) {
        self.bind(body);
        self.body(body);
        heads.for_each(|head| self.term(head));
    }

    fn bind(&mut self, body: &Body) {
        // OPA takes the name of a builtin behind `as` for a variable without a value here: nothing is bound beside it.
        let can_bind = |expr: &&Expr| !expr.with.iter().any(|with| self.bare.contains(&with.value.span));
        let bound = outputs_of_body(self.world, body.iter().filter(can_bind), &self.safe);
        self.safe.extend(bound);
    }

    /// A closure: its body, and the heads that are template strings.
    fn closure<'t>(&mut self, own: Names, heads: &[&'t Term], body: &'t Body) {
        let outer = self.safe.clone();
        self.safe.extend(own);
        self.bind(body);
        self.body(body);
        for head in heads {
            if let TermKind::Template(parts) = &head.kind {
                self.template(parts);
            }
        }
        self.safe = outer;
        heads.iter().filter(|head| !matches!(head.kind, TermKind::Template(_))).for_each(|head| self.term(head));
    }

    fn template(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            let TemplatePart::Expr(Expr { kind: ExprKind::Term(term), .. }) = part else { continue };
            if matches!(term.kind, TermKind::Var(_)) {
                continue;
            }
            for name in variables_of(term).difference(&self.safe) {
                if !name.starts_with(self.world.generated) {
                    self.report.push(term.span, Code::Compile, format!("var {} is undeclared", shown(name)));
                }
            }
            let outer = self.safe.clone();
            self.safe.extend(outputs_of_terms(&[term], &outer));
            self.term(term);
            self.safe = outer;
        }
    }
}

impl<'t> Visit<'t> for Templates<'_, '_, '_> {
    fn expr(&mut self, expr: &'t Expr) {
        let ExprKind::Every { key, value, domain, body } = &expr.kind else {
            return walk_expr(self, expr);
        };
        self.term(domain);
        let own = key.iter().chain([value]).map(|variable| variable.name.clone()).collect();
        self.closure(own, &[], body);
        expr.with.iter().for_each(|with| self.term(&with.value));
    }

    fn term(&mut self, term: &'t Term) {
        match &term.kind {
            TermKind::Template(parts) => self.template(parts),
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.closure(Names::new(), &[head], body);
            }
            TermKind::ObjectComprehension(key, value, body) => self.closure(Names::new(), &[key, value], body),
            _ => walk_term(self, term),
        }
    }
}
