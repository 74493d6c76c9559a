//! `[a | b, c]`: what began like a comprehension turns out to be a list whose first item is a union.

use crate::rego::ast::{Operator, Term, TermKind};

/// The items that `head | rest` stands for, with `|` bound as tight as it binds: in `1 | 2 == 3` the union is `1 | 2`, and in
/// `1 | 2, 3 in xs` there are two items. `text` is the source.
pub(super) fn join(head: Term, rest: Term, text: &str) -> Vec<Term> {
    let span = head.span.to(rest.span);
    if rest.span.text(text).starts_with('(') && is_wrapped(&rest) {
        return vec![union(head, rest)];
    }
    match rest.kind {
        TermKind::Binary(operator, left, right) if operator.precedence() <= Operator::Or.precedence() => {
            let mut items = join(head, *left, text);
            if let Some(last) = items.pop() {
                items.push(Term::new(span, TermKind::Binary(operator, Box::new(last), right)));
            }
            items
        }
        TermKind::Member(None, value, collection) => {
            let mut items = join(head, *value, text);
            if let Some(last) = items.pop() {
                items.push(Term::new(span, TermKind::Member(None, Box::new(last), collection)));
            }
            items
        }
        TermKind::Member(Some(key), value, collection) => {
            let mut items = join(head, *key, text);
            let member = value.span.to(collection.span);
            items.push(Term::new(member, TermKind::Member(None, value, collection)));
            items
        }
        _ => vec![union(head, rest)],
    }
}

/// Whether the parenthesis that a term's text begins with is its own, not its first operand's.
fn is_wrapped(term: &Term) -> bool {
    match &term.kind {
        TermKind::Binary(_, left, _) => left.span.start > term.span.start,
        TermKind::Member(key, value, _) => key.as_ref().unwrap_or(value).span.start > term.span.start,
        _ => true,
    }
}

fn union(left: Term, right: Term) -> Term {
    let span = left.span.to(right.span);
    Term::new(span, TermKind::Binary(Operator::Or, Box::new(left), Box::new(right)))
}
