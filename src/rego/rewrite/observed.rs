//! Rules under observation: each clause moves to a package of its own, and what stands in its place says that the clause is
//! entered, asks for what it gives, and says that it is left. Nothing else changes: a clause that had one value has one, a
//! clause that had many has as many.

use std::collections::{BTreeSet, HashMap};

use super::lasting::LASTING;
use super::memo::RECALL;
use super::world::{self, World};
use crate::rego::ast::{Else, Expr, ExprKind, Head, Module, Ref, Rule, RuleKind, Span, Term, TermKind, Visit, walk_term};

/// Says that a clause is entered: its number.
pub(crate) const ENTER: &str = "__vidimus_enter";
/// Says that a clause is left: its number, and what it gave.
pub(crate) const LEAVE: &str = "__vidimus_leave";
/// Says that a clause is left without a value: its number. Undefined.
pub(crate) const MISS: &str = "__vidimus_miss";

/// The numbers of the rules that were written, by where they stand. The query, which comes last, has the next number.
pub(super) fn numbers(modules: &[Module]) -> HashMap<Span, usize> {
    modules.iter().flat_map(|module| &module.rules).enumerate().map(|(number, rule)| (rule.span, number)).collect()
}

/// Puts the rules with numbers under observation; gives the module that they are moved to.
pub(super) fn apply(world: &World<'_>, numbers: &HashMap<Span, usize>, modules: &mut [Module]) -> Option<Module> {
    let home = vec![format!("{}observed", world.prefix)];
    let mut moved: Vec<Rule> = Vec::new();
    for rule in modules.iter_mut().flat_map(|module| &mut module.rules) {
        let Some(number) = numbers.get(&rule.span).filter(|_| is_observable(rule)) else { continue };
        let name = format!("{}c{}", world.prefix, moved.len());
        let observed = Clause { prefix: &world.prefix, number: *number, home: &home, name };
        let (front, clause) = match rule.kind() {
            RuleKind::Complete | RuleKind::Function => observed.single(rule),
            RuleKind::PartialSet | RuleKind::PartialObject => observed.multiple(rule),
        };
        *rule = front;
        moved.push(clause);
    }
    (!moved.is_empty()).then(|| world::generated(home, moved))
}

/// Not what is constant, and not what only asks for something remembered.
fn is_observable(rule: &Rule) -> bool {
    let remembers = |expr: &Expr| match &expr.kind {
        ExprKind::Assign(_, Term { kind: TermKind::Call(function, _), .. }) => matches!(function.as_var(), Some(LASTING | RECALL)),
        _ => false,
    };
    let constant = rule.body.is_empty() && rule.otherwise.is_empty();
    !rule.default && !constant && !rule.body.first().is_some_and(remembers)
}

/// A clause on its way to the other package.
struct Clause<'a> {
    prefix: &'a str,
    number: usize,
    home: &'a [String],
    name: String,
}

impl Clause<'_> {
    /// `p(a) := v if { _ := enter(1); v := clause(a); _ := leave(1, v) } else := v if v := miss(1)`
    fn single(&self, rule: &Rule) -> (Rule, Rule) {
        let span = rule.span;
        let (entered, value, left) = (self.variable(span, "a"), self.variable(span, "b"), self.variable(span, "c"));
        let parameters: Option<Vec<Term>> = rule.head.parameters.as_ref().map(|parameters| {
            let parameter = |(index, term): (usize, &Term)| {
                if term.as_var().is_some() { self.variable(term.span, &format!("p{index:03}")) } else { term.clone() }
            };
            parameters.iter().enumerate().map(parameter).collect()
        });
        let place = Term::dotted(span, "data", &self.path());
        let asked = match &parameters {
            Some(parameters) => Term::new(span, TermKind::Call(Box::new(place), parameters.clone())),
            None => place,
        };
        let leave = Term::call(span, LEAVE, vec![self.id(span), value.clone()]);
        let body = vec![assign(&entered, self.enter(span)), assign(&value, asked), assign(&left, leave)];
        let miss = assign(&value, Term::call(span, MISS, vec![self.id(span)]));
        let otherwise = vec![Else { span, value: Some(value.clone()), body: vec![miss] }];
        let head = Head { parameters, value: Some(value), ..rule.head.clone() };
        let front = Rule { head, body, otherwise, ..rule.clone() };
        let head = Head { name: Ref::name(rule.head.name.head.span, self.name.clone()), ..rule.head.clone() };
        (front, Rule { head, ..rule.clone() })
    }

    /// `p contains v if { _ := enter(1); all := clause; _ := leave(1, all); one := all[_]; v := one[0] }`, where the clause has
    /// an array of the variables of the head for each of its solutions.
    fn multiple(&self, rule: &Rule) -> (Rule, Rule) {
        let span = rule.span;
        let (entered, all, left) = (self.variable(span, "a"), self.variable(span, "b"), self.variable(span, "c"));
        let (index, one) = (self.variable(span, "d"), self.variable(span, "e"));
        let leave = Term::call(span, LEAVE, vec![self.id(span), all.clone()]);
        let mut body = vec![
            assign(&entered, self.enter(span)),
            assign(&all, Term::dotted(span, "data", &self.path())),
            assign(&left, leave),
            assign(&one, super::reference::select(all.clone(), index)),
        ];
        let variables: Vec<Term> = variables(&rule.head).into_iter().map(|name| Term::var(span, name)).collect();
        for (place, variable) in variables.iter().enumerate() {
            body.push(assign(variable, super::reference::select(one.clone(), Term::number(span, place.to_string()))));
        }
        let front = Rule { body, ..rule.clone() };
        let name = Ref::name(rule.head.name.head.span, self.name.clone());
        let key = Some(Term::new(span, TermKind::Array(variables)));
        let head = Head { name, key, value: None, assigned: false, ..rule.head.clone() };
        (front, Rule { head, ..rule.clone() })
    }

    fn enter(&self, span: Span) -> Term {
        Term::call(span, ENTER, vec![self.id(span)])
    }

    fn id(&self, span: Span) -> Term {
        Term::number(span, self.number.to_string())
    }

    fn path(&self) -> Vec<String> {
        self.home.iter().cloned().chain([self.name.clone()]).collect()
    }

    /// A name that sorts before those of a rule's own variables, as regorus takes steps in the order of names.
    fn variable(&self, span: Span, name: &str) -> Term {
        Term::var(span, format!("{}00000{name}", self.prefix))
    }
}

fn assign(variable: &Term, value: Term) -> Expr {
    Expr::new(variable.span, ExprKind::Assign(variable.clone(), value))
}

/// The variables of a lowered head.
fn variables(head: &Head) -> BTreeSet<String> {
    let mut found = Found(BTreeSet::new());
    head.name.path.iter().chain(&head.key).chain(&head.value).for_each(|term| found.term(term));
    found.0
}

struct Found(BTreeSet<String>);

impl<'a> Visit<'a> for Found {
    fn term(&mut self, term: &'a Term) {
        match &term.kind {
            TermKind::Var(name) if name != "input" && name != "data" => {
                self.0.insert(name.clone());
            }
            _ => walk_term(self, term),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::compile::{Options, Source, compile};
    use crate::rego::{Observed, Table};

    #[test]
    fn each_clause_is_entered_and_left() {
        let text =
            "package t\nf(\"a\", x) := y if y := x + 1\ndefault p := 1\np := 2 if input.x\nq contains input.y\nr[k] := v if v := input[k]";
        let sources = [Source { name: "t.rego".to_owned(), text: text.into(), version: None }];
        let table = Table::new();
        let program = compile(&sources, &Options { observed: Observed::Costs, ..Options::new(&table) }).unwrap();
        let texts: Vec<String> = program.spelled_out().iter().map(|text| text.replace("\n\n\n", "\n\n")).collect();
        let expected = r#"
package t

f("a", __00000p001) := __00000b if {
  __00000a := __vidimus_enter(0)
  __00000b := data.__observed.__c0("a", __00000p001)
  __00000c := __vidimus_leave(0, __00000b)
} else := __00000b if {
  __00000b := __vidimus_miss(0)
}

default p := 1

p := __00000b if {
  __00000a := __vidimus_enter(2)
  __00000b := data.__observed.__c1
  __00000c := __vidimus_leave(2, __00000b)
} else := __00000b if {
  __00000b := __vidimus_miss(2)
}

q contains __00001 if {
  __00000a := __vidimus_enter(3)
  __00000b := data.__observed.__c2
  __00000c := __vidimus_leave(3, __00000b)
  __00000e := __00000b[__00000d]
  __00001 := __00000e[0]
}

r[__00001] := __00002 if {
  __00000a := __vidimus_enter(4)
  __00000b := data.__observed.__c3
  __00000c := __vidimus_leave(4, __00000b)
  __00000e := __00000b[__00000d]
  __00001 := __00000e[0]
  __00002 := __00000e[1]
}
package __observed

__c0("a", __00001) := __00002 if {
  __00002 := plus(__00001, 1)
}

__c1 := 2 if {
  input.x
}

__c2 contains [__00001] if {
  __00001 := input.y
}

__c3 contains [__00001, __00002] if {
  __00002 := input[__00001]
}
"#;
        assert_eq!(texts.join("\n").trim(), expected.trim());
    }
}
