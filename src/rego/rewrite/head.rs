//! Rules: the terms of a head become variables of the body, where an undefined one makes the body undefined.

use std::collections::BTreeSet;

use super::lower::{Lower, Lowered, Refusal, bound_by_heads};
use crate::rego::ast::{Body, Else, Expr, ExprKind, Head, Ref, Rule, RuleKind, Span, Term, TermKind};

impl Lower<'_> {
    /// Lowers a resolved rule.
    pub(super) fn rule(&mut self, rule: &Rule) -> Lowered<Rule> {
        if rule.default {
            return self.default_rule(rule);
        }
        let (parameters, demands) = match &rule.head.parameters {
            Some(parameters) => {
                let (plain, demands) = self.parameters(parameters);
                (Some(plain), demands)
            }
            None => (None, Vec::new()),
        };
        self.case = if self.world.tests { super::subtest::of_rule(self.world, rule) } else { None };
        let head = &rule.head;
        let implied = Term::new(head.span, TermKind::Boolean(true));
        let spelled = rule.kind() == RuleKind::PartialObject || (!head.name.path.is_empty() && head.key.is_none());
        let value = head.value.as_ref().or_else(|| spelled.then_some(&implied));
        let terms: Vec<&Term> = head.name.path.iter().chain(&head.key).chain(value).collect();
        let (mut body, mut ground) = self.branch(&demands, &rule.body, (&terms, rule.head.span))?;
        for (element, lowered) in head.name.path.iter().zip(&mut ground) {
            // What is computed stays so: an object exists by itself only below names that are spelled out.
            if !element.is_scalar() && lowered.is_constant() {
                let variable = Term::var(element.span, self.steps.fresh());
                let value = std::mem::replace(lowered, variable.clone());
                body.push(Expr::new(element.span, ExprKind::Assign(variable, value)));
            }
        }
        let value = value.and_then(|_| ground.pop());
        let key = head.key.as_ref().and_then(|_| ground.pop());
        let name = Ref { head: head.name.head.clone(), path: ground };
        let mut otherwise: Vec<Else> = Vec::with_capacity(rule.otherwise.len());
        for branch in &rule.otherwise {
            // Behind a body that always holds nothing is tried, and regorus reads no `else` there.
            if otherwise.last().map_or(&body, |last| &last.body).is_empty() {
                break;
            }
            let terms: Vec<&Term> = branch.value.iter().collect();
            let (body, mut ground) = self.branch(&demands, &branch.body, (&terms, branch.span))?;
            otherwise.push(Else { span: branch.span, value: ground.pop(), body });
        }
        let head = Head { span: head.span, name, parameters, key, value, assigned: head.assigned };
        Ok(Rule { span: rule.span, default: false, head, body, otherwise, annotations: Vec::new() })
    }

    /// One body of a rule, with the terms that are evaluated behind it as variables or constants.
    fn branch(&mut self, demands: &Body, body: &Body, (heads, place): (&[&Term], Span)) -> Lowered<(Body, Vec<Term>)> {
        let mark = self.steps.mark();
        self.steps.awaited = vec![BTreeSet::new()];
        self.steps.local.clear();
        let whole: Body;
        let body = if demands.is_empty() {
            body
        } else {
            whole = demands.iter().chain(body).cloned().collect();
            &whole
        };
        let bound = bound_by_heads(body, heads);
        let heads: Vec<&Term> = bound.as_ref().map_or_else(|| heads.to_vec(), |(_, heads)| heads.iter().collect());
        self.body(bound.as_ref().map_or(body, |(body, _)| body), &heads)?;
        let mut ground = Vec::with_capacity(heads.len());
        for head in heads {
            let term = self.ground(head)?;
            ground.push(if term.is_constant() { term } else { self.settled(term) });
        }
        self.probe_head(place);
        self.steps.unbind(mark);
        Ok((std::mem::take(&mut self.steps.out), ground))
    }

    /// `default p := value`: a value without variables, or comprehensions.
    fn default_rule(&mut self, rule: &Rule) -> Lowered<Rule> {
        let mut lowered = rule.clone();
        lowered.annotations.clear();
        let value = rule.head.value.as_ref().map(|value| self.ground(value)).transpose()?;
        if !self.steps.out.is_empty() {
            return Err(Refusal::new(
                rule.head.span,
                "the value of a default rule must be a constant or a comprehension, not nested too deep",
            ));
        }
        lowered.head.value = value;
        if let Some(parameters) = &rule.head.parameters {
            lowered.head.parameters = Some(self.parameters(parameters).0);
        }
        Ok(lowered)
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA evaluates the terms of a head as expressions at the end of the body.
    #[test]
    fn an_undefined_term_of_a_head_makes_the_body_undefined() {
        let expected = r"
p contains __00001 if {
  input.z
  __00001 := input.x.y
}

q[__00001] := __00002 if {
  __00001 := input.k
  __00002 := input.v
}
";
        assert_eq!(
            lowered(&[r"p contains input.x.y if input.z
q[input.k] := input.v"]),
            expected.trim()
        );
    }

    /// OPA: nothing behind a body that always holds.
    #[test]
    fn what_stands_behind_a_branch_that_always_holds_is_left_out() {
        let rules = ["p := v if { v := 1 } else := 2 if { input.x }", "p := 1 if { input.x } else := v if { v := 2 } else := 3"];
        assert_eq!(lowered(&rules[..1]), "p := 1");
        assert_eq!(lowered(&rules[1..]), "p := 1 if {\n  input.x\n} else := 2");
    }

    /// OPA: a computed element is none that is spelled out, also where its value is known.
    #[test]
    fn a_computed_element_of_a_name_stays_computed() {
        let text = lowered(&[r#"p[k].c := 1 if { k := "a"; input.x }"#]);
        assert!(text.starts_with("p[__00001].c := 1 if {\n  input.x\n  __00001 := \"a\"\n}"), "{text}");
    }
}
