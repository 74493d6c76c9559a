//! References: `collection[index]` where the index has no value yet iterates.

use super::lower::{Lower, Lowered};
use crate::rego::ast::{Ref, Span, Term, TermKind};

impl Lower<'_> {
    /// A reference, with its iterations moved in front of it.
    pub(super) fn reference(&mut self, span: Span, reference: &Ref) -> Lowered<Term> {
        let below = reference.path.first().is_some_and(|first| first.as_string().is_some() || !self.is_open(first));
        let mut base =
            if below && reference.head.as_var() == Some("data") { (*reference.head).clone() } else { self.ground(&reference.head)? };
        if base.as_var().is_none() {
            base = self.steps.assign(base);
        }
        for element in &reference.path {
            base = self.selected(base, element)?;
        }
        Ok(Term::new(span, base.kind))
    }

    fn selected(&mut self, base: Term, element: &Term) -> Lowered<Term> {
        if let Some(variable) = self.open_variable(element)? {
            let (index, element) = self.iterate(base);
            self.steps.bind(variable, index);
            return Ok(element);
        }
        if self.is_open(element) {
            let (index, value) = self.iterate(base);
            self.pattern(element, &index)?;
            return Ok(value);
        }
        let ground = self.ground(element)?;
        let index = self.plain_index(ground);
        Ok(select(base, index))
    }

    /// `index` in a form that regorus does not take for a variable to iterate over: its scheduler may else put the step
    /// in front of the one that gives the variable its value.
    pub(super) fn plain_index(&self, index: Term) -> Term {
        let plain = match &index.kind {
            TermKind::Var(name) => !self.steps.local.contains(name) && !self.steps.quantified.contains(name),
            TermKind::Array(_) | TermKind::Object(_) | TermKind::Set(_) => index.is_constant(),
            _ => true,
        };
        if plain {
            return index;
        }
        let span = index.span;
        let head = Box::new(Term::new(span, TermKind::Array(vec![index])));
        Term::new(span, TermKind::Ref(Ref { head, path: vec![Term::number(span, "0")] }))
    }
}

/// `base[index]`
pub(super) fn select(base: Term, index: Term) -> Term {
    let span = base.span.to(index.span);
    let reference = match base.kind {
        TermKind::Ref(mut reference) => {
            reference.path.push(index);
            reference
        }
        kind => Ref { head: Box::new(Term::new(base.span, kind)), path: vec![index] },
    };
    Term::new(span, TermKind::Ref(reference))
}

#[cfg(test)]
mod tests {
    use crate::rego::rewrite::lowered;

    /// OPA: a variable without a value in brackets takes each key.
    #[test]
    fn an_unbound_index_iterates() {
        let expected = r"
p contains __00003 if {
  __00002 := input.a[__00001]
  __00003 := [__00001, __00002]
}
";
        assert_eq!(lowered(&[r"p contains [x, y] if y := input.a[x]"]), expected.trim());
    }
}
