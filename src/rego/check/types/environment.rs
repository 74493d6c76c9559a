//! What is known where an expression stands: the types of documents and variables, in layers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::key::Key;
use super::kind::{Maybe, Type};
use super::tree::Node;
use super::union::{select, values};
use crate::rego::ast::{Term, TermKind};

/// A layer, with those below it.
pub(super) type Env = Rc<Layer>;

/// What one body, or one `with`, says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// Documents below `data` and `input`.
    pub(super) tree: RefCell<Node>,
    vars: RefCell<BTreeMap<String, Type>>,
    /// It belongs to a `with`: the types of variables are kept in the layer below, which they outlive it in.
    passing: bool,
    pub(super) next: Option<Env>,
}

impl Layer {
    /// A layer for a body.
    pub(super) fn over(next: &Env) -> Env {
        Rc::new(Self { next: Some(next.clone()), ..Self::default() })
    }

    /// A layer for an expression with modifiers.
    pub(super) fn modified(next: &Env, tree: Node) -> Env {
        Rc::new(Self { tree: RefCell::new(tree), passing: true, next: Some(next.clone()), ..Self::default() })
    }

    /// The type of a variable.
    pub(super) fn var(&self, name: &str) -> Maybe {
        if let Some(of) = self.vars.borrow().get(name) {
            return Some(of.clone());
        }
        self.next.as_ref()?.var(name)
    }

    /// Whether this very layer knows a variable.
    pub(super) fn has_var(&self, name: &str) -> Maybe {
        self.vars.borrow().get(name).cloned()
    }

    /// Notes the type of a variable.
    pub(super) fn learn(&self, name: &str, of: Type) {
        match &self.next {
            Some(next) if self.passing => next.learn(name, of),
            _ => {
                self.vars.borrow_mut().insert(name.to_owned(), of);
            }
        }
    }

    /// The type of a reference.
    pub(super) fn reference(&self, head: &str, path: &[Term]) -> Maybe {
        if !is_root(head) {
            return select_ref(self.var(head), path);
        }
        let tree = self.tree.borrow();
        match tree.children.get(&Key::String(head.to_owned())) {
            Some(node) => self.below(node, (head, path), path),
            None => self.fallback(head, path),
        }
    }

    fn fallback(&self, head: &str, path: &[Term]) -> Maybe {
        match &self.next {
            Some(next) => next.reference(head, path),
            // Documents that no rule defines may be anything.
            None => Some(Type::any()),
        }
    }

    fn below(&self, node: &Node, whole: (&str, &[Term]), tail: &[Term]) -> Maybe {
        let Some((first, rest)) = tail.split_first() else { return node.extent() };
        let key = Key::of(first);
        let child = key.as_ref().and_then(|key| node.children.get(key));
        if node.value.is_some() {
            return match child {
                Some(child) => self.below(child, whole, rest),
                None => select_ref(node.value.clone(), tail),
            };
        }
        match (key, child) {
            (None, _) => select_ref(node.extent(), tail),
            (Some(_), None) => self.fallback(whole.0, whole.1),
            (Some(_), Some(child)) => self.below(child, whole, rest),
        }
    }
}

/// Whether it is one of the two documents.
pub(super) fn is_root(name: &str) -> bool {
    name == "data" || name == "input"
}

/// The type of what lies below a value.
fn select_ref(of: Maybe, path: &[Term]) -> Maybe {
    path.iter().try_fold(of?, |of, element| match &element.kind {
        TermKind::Var(_) | TermKind::Wildcard | TermKind::Ref(_) | TermKind::Array(_) | TermKind::Object(_) | TermKind::Set(_) => {
            values(&of)
        }
        _ => select(&of, &Key::of(element)?),
    })
}
