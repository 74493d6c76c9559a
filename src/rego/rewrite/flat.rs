//! Deep terms: regorus reads at most 32 levels, and doubles its time with each level of collections that come first. What
//! is deeper than a few levels gets a variable.

use super::lower::Lower;
use crate::rego::ast::{Term, TermKind};

/// How many levels a term may have before it gets a variable.
const LEVELS: usize = 5;

impl Lower<'_> {
    /// The ground term, or the variable that stands for it.
    pub(super) fn flat(&mut self, ground: Term) -> Term {
        if levels(&ground) > LEVELS { self.steps.assign(ground) } else { ground }
    }
}

/// How many levels of collections and calls a term has; their parts are flat already, so this is cheap.
fn levels(term: &Term) -> usize {
    let deepest = |terms: &[Term]| terms.iter().map(levels).max().unwrap_or(0);
    match &term.kind {
        TermKind::Array(items) | TermKind::Set(items) => 1 + deepest(items),
        TermKind::Object(members) => 1 + members.iter().map(|(key, value)| levels(key).max(levels(value))).max().unwrap_or(0),
        TermKind::Call(_, arguments) => 1 + deepest(arguments),
        TermKind::Binary(_, left, right) | TermKind::Member(_, left, right) => 1 + levels(left).max(levels(right)),
        TermKind::Ref(reference) => levels(&reference.head).max(deepest(&reference.path)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// No rule of OPA: its parser takes any depth.
    #[test]
    fn a_deep_term_gets_variables() {
        let expected = r"
p := __00002 if {
  __00001 := [[[[[[input.x]]]]]]
  __00002 := [__00001]
}
";
        assert_eq!(lowered(&[r"p := [[[[[[[input.x]]]]]]]"]), expected.trim());
    }
}
