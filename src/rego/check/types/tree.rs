//! The types of documents by their paths: what rules define, and what surrounds them.

use std::collections::BTreeMap;

use super::key::Key;
use super::kind::{Maybe, Object, Type};
use super::union::or;

/// A place in the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) value: Maybe,
    pub(super) children: BTreeMap<Key, Node>,
}

impl Node {
    /// Sets the type at a path.
    pub(super) fn put(&mut self, path: &[Key], of: Type) {
        let mut node = self;
        for key in path {
            node = node.children.entry(key.clone()).or_default();
        }
        node.value = Some(of);
    }

    /// Adds what one more rule says of a path: types along it that are objects get the member, an object gets the members that
    /// lie below it already.
    pub(super) fn insert(&mut self, path: &[Key], of: &Type) {
        let mut node = self;
        let mut rest = path;
        while let Some((key, behind)) = rest.split_first() {
            node = node.children.entry(key.clone()).or_default();
            if let Some(Type::Object(object)) = &node.value
                && !behind.is_empty()
            {
                node.value = Some(with_member(object, behind, of).into());
            }
            rest = behind;
        }
        node.value = merge(node.value.take(), Some(of.clone()));
        if matches!(of, Type::Object(_)) {
            let mut leaves = Vec::new();
            for (key, child) in &node.children {
                child.leaves(&mut vec![key.clone()], &mut leaves);
            }
            for (path, of) in leaves {
                if let Some(Type::Object(object)) = &node.value {
                    node.value = Some(with_member(object, &path, &of).into());
                }
            }
        }
    }

    fn leaves(&self, path: &mut Vec<Key>, found: &mut Vec<(Vec<Key>, Type)>) {
        if let Some(of) = &self.value {
            return found.push((path.clone(), of.clone()));
        }
        for (key, child) in &self.children {
            path.push(key.clone());
            child.leaves(path, found);
            path.pop();
        }
    }

    /// The type of all that lies here. What no rule defines may be anything, as data may be.
    pub(super) fn extent(&self) -> Maybe {
        if self.value.is_some() {
            return self.value.clone();
        }
        let shown = |key: &Key| matches!(key, Key::String(_) | Key::Number(_) | Key::Boolean(_));
        let fixed = self.children.iter().filter(|(key, _)| shown(key)).map(|(key, child)| (key.clone(), child.extent())).collect();
        Some(Object { fixed, rest: Some((Some(Type::String), Some(Type::any()))) }.into())
    }
}

/// The object with one more member somewhere below it.
fn with_member(object: &Object, path: &[Key], of: &Type) -> Object {
    let Some((key, rest)) = path.split_first() else { return object.clone() };
    let member = if rest.is_empty() { of.clone() } else { with_member(&Object::default(), rest, of).into() };
    let (keys, values) = object.rest.clone().unwrap_or_default();
    Object { fixed: object.fixed.clone(), rest: Some((or(keys, Some(key.kind())), or(values, Some(member)))) }
}

/// What two rules of one name define together.
fn merge(one: Maybe, other: Maybe) -> Maybe {
    let (one, other) = match (one, other) {
        (None, of) | (of, None) => return of,
        (Some(one), Some(other)) => (one, other),
    };
    match (&one, &other) {
        (Type::Object(left), Type::Object(right)) if left.fixed.is_empty() && right.fixed.is_empty() => match (&left.rest, &right.rest) {
            (None, _) => return Some(other),
            (_, None) => return Some(one),
            (Some(left), Some(right)) => {
                return Some(Type::map(or(left.0.clone(), right.0.clone()), merge(left.1.clone(), right.1.clone())));
            }
        },
        (Type::Object(object), Type::Any(of)) | (Type::Any(of), Type::Object(object)) => {
            if let Some(merged) = into_alternative(object, of) {
                return Some(merged);
            }
        }
        (Type::Set(Some(left)), Type::Set(Some(right))) => return Some(Type::set(or(Some((**left).clone()), Some((**right).clone())))),
        (Type::Set(left), Type::Set(right)) => return Some(Type::Set(left.clone().or_else(|| right.clone()))),
        _ => {}
    }
    or(Some(one), Some(other))
}

/// The alternatives with the object taken into the one that has no fixed members either.
fn into_alternative(object: &Object, of: &[Type]) -> Maybe {
    let (keys, values) = object.rest.as_ref().filter(|_| object.fixed.is_empty())?;
    let mut of = of.to_vec();
    let found = of.iter_mut().find_map(|one| match one {
        Type::Object(found) if found.fixed.is_empty() => found.rest.clone().map(|rest| (one, rest)),
        _ => None,
    });
    let (place, rest) = found?;
    *place = Type::map(or(rest.0, keys.clone()), or(rest.1, values.clone()));
    of.sort();
    of.dedup();
    Some(Type::Any(std::rc::Rc::new(of)))
}
