//! References: that each names what can be there.

use super::check::{Mistake, Types};
use super::environment::{Env, Layer, is_root};
use super::key::Key;
use super::kind::{Maybe, Shown, Type};
use super::tree::Node;
use super::unify::term_with;
use super::union::{keys, select, unifies, values};
use crate::rego::ast::{Ref, Term, TermKind};
use crate::rego::check::index::{constant, spelled};
use crate::rego::check::variable;

/// How many names a message lists.
const LISTED: usize = 10;

/// Checks one reference.
pub(super) fn check(types: &Types<'_>, env: &Env, term: &Term, reference: &Ref) -> Option<Mistake> {
    let head = reference.head.as_var()?;
    if let Some(Type::Function(_)) = env.reference(head, &reference.path) {
        let message = format!("function {} used as reference, not called", shown(reference));
        return Some(Mistake::new(term.span, message));
    }
    Walk { types, env, term, reference }.layer(env)
}

struct Walk<'a, 'w> {
    types: &'a Types<'w>,
    env: &'a Env,
    term: &'a Term,
    reference: &'a Ref,
}

impl Walk<'_, '_> {
    fn path(&self) -> &[Term] {
        &self.reference.path
    }

    /// From the layer's root on; the layers below are asked where it does not know the way.
    fn layer(&self, layer: &Layer) -> Option<Mistake> {
        let head = self.reference.head.as_var()?;
        if is_root(head) {
            let tree = layer.tree.borrow();
            return match tree.children.get(&Key::String(head.to_owned())) {
                Some(node) if node.value.is_some() => self.leaf(node.value.clone(), 0),
                Some(node) => self.node(layer, node, 0),
                None => self.unknown(layer),
            };
        }
        match layer.has_var(head) {
            Some(of) => self.leaf(Some(of), 0),
            None => self.unknown(layer),
        }
    }

    fn unknown(&self, layer: &Layer) -> Option<Mistake> {
        if let Some(next) = &layer.next {
            return self.layer(next);
        }
        let head = self.reference.head.as_var()?;
        if !is_root(head) {
            // Nothing is known of the variable: it may be anything.
            match self.env.var(head) {
                Some(of) if !unifies(&Some(of.clone()), &Some(Type::any())) => return Some(self.undefined(0, "is not known")),
                Some(_) => {}
                None => self.env.learn(head, Type::any()),
            }
        }
        self.leaf(Some(Type::any()), 0)
    }

    /// Below a node that is no document itself.
    fn node(&self, layer: &Layer, node: &Node, at: usize) -> Option<Mistake> {
        let element = self.path().get(at)?;
        if at < 2 && !matches!(element.kind, TermKind::Var(_) | TermKind::String(_)) {
            return Some(self.undefined(at, "packages have names"));
        }
        if let TermKind::Var(name) = &element.kind {
            let of = node.extent().and_then(|of| keys(&of));
            match (self.env.var(name), of) {
                (Some(have), of) if !unifies(&of, &Some(have.clone())) => {
                    return Some(self.undefined(at, &format!("is {have}, not {}", Shown(&of))));
                }
                (None, Some(of)) => self.env.learn(name, of),
                _ => {}
            }
        }
        match Key::of(element).and_then(|key| node.children.get(&key)) {
            Some(child) if child.value.is_some() => self.leaf(child.value.clone(), at + 1),
            Some(child) => self.node(layer, child, at + 1),
            None => self.unknown(layer),
        }
    }

    /// Below a value of a known type.
    fn leaf(&self, of: Maybe, at: usize) -> Option<Mistake> {
        let element = self.path().get(at)?;
        let of = of?;
        if is_empty(&of) {
            return Some(self.undefined(at, "nothing is there"));
        }
        let Some(all) = keys(&of) else {
            let message = format!("undefined ref: {}: there is nothing below a value of type {of}", shown(self.reference));
            return Some(Mistake::new(self.term.span, message));
        };
        let refused = |have: &Maybe| Some(self.undefined(at, &format!("is {}, and {}", Shown(have), names(&of, &all))));
        match &element.kind {
            TermKind::Var(name) => match self.env.var(name) {
                have @ Some(_) if !unifies(&have, &Some(all.clone())) => return refused(&have),
                Some(_) => {}
                None => self.env.learn(name, all),
            },
            TermKind::Ref(reference) => {
                let have = reference.head.as_var().and_then(|head| self.env.reference(head, &reference.path));
                if have.is_some() && !unifies(&have, &Some(all.clone())) {
                    return refused(&have);
                }
            }
            TermKind::Array(_) | TermKind::Object(_) | TermKind::Set(_) => {
                if !term_with(self.types, self.env, element, (&Some(all.clone()), false)) {
                    return refused(&self.types.of(self.env, element));
                }
            }
            _ => {
                let Some(member) = Key::of(element).and_then(|key| select(&of, &key)) else {
                    return Some(self.undefined(at, &format!("is not there: {}", names(&of, &all))));
                };
                return self.leaf(Some(member), at + 1);
            }
        }
        self.leaf(values(&of), at + 1)
    }

    fn undefined(&self, at: usize, why: &str) -> Mistake {
        let element = self.path().get(at).map(source).unwrap_or_default();
        Mistake::new(self.term.span, format!("undefined ref: {}: `{element}` {why}", shown(self.reference)))
    }
}

/// Whether a collection can hold nothing.
fn is_empty(of: &Type) -> bool {
    match of {
        Type::Object(object) => object.fixed.is_empty() && object.rest.is_none(),
        Type::Array(array) => array.fixed.is_empty() && array.rest.is_none(),
        Type::Set(of) => of.is_none(),
        _ => false,
    }
}

/// What may stand there, in words.
fn names(of: &Type, all: &Type) -> String {
    let mut found = Vec::new();
    members(of, &mut found);
    found.sort();
    found.dedup();
    if found.is_empty() {
        return format!("keys are of type {all}");
    }
    let more = if found.len() > LISTED { ", .." } else { "" };
    found.truncate(LISTED);
    format!("there are {}{more}", found.join(", "))
}

fn members(of: &Type, found: &mut Vec<String>) {
    match of {
        Type::Object(object) => found.extend(object.fixed.keys().map(|key| format!("`{key}`"))),
        Type::Any(of) => of.iter().for_each(|of| members(of, found)),
        _ => {}
    }
}

/// As the user wrote it, but for what only the checker knows.
fn shown(reference: &Ref) -> String {
    let mut text = reference.head.as_var().map(variable::shown).unwrap_or_default().to_owned();
    for element in &reference.path {
        match constant(element) {
            Some(name) => text.push_str(&spelled(&[String::new(), name])),
            None => text.extend(["[", &source(element), "]"]),
        }
    }
    text
}

fn source(element: &Term) -> String {
    match constant(element) {
        Some(name) => name.trim_start_matches('\u{0}').to_owned(),
        None => element.as_var().map_or("_", variable::shown).to_owned(),
    }
}
