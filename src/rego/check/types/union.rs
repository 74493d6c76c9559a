//! What types have to do with each other: their union, what lies in them, whether a value can be of both.

use std::rc::Rc;

use super::key::Key;
use super::kind::{Array, Function, Maybe, Object, Type};

/// The union of two types. `None` where only one of them is a function.
pub(super) fn or(one: Maybe, other: Maybe) -> Maybe {
    let (one, other) = match (one, other) {
        (None, of) | (of, None) => return of,
        (Some(one), Some(other)) => (one, other),
    };
    match (&one, &other) {
        (Type::Function(one), Type::Function(other)) => both(one, other).map(|function| Type::Function(Rc::new(function))),
        (Type::Function(_), _) | (_, Type::Function(_)) => None,
        (Type::Any(of), Type::Any(more)) => Some(if of.is_empty() || more.is_empty() {
            Type::any()
        } else {
            let mut all: Vec<Type> = of.iter().chain(more.iter()).cloned().collect();
            all.sort();
            all.dedup();
            Type::Any(Rc::new(all))
        }),
        (Type::Any(of), single) | (single, Type::Any(of)) => Some(added(of, single)),
        _ if one == other => Some(one),
        _ => {
            let mut of = vec![one, other];
            of.sort();
            Some(Type::Any(Rc::new(of)))
        }
    }
}

fn added(of: &Rc<Vec<Type>>, single: &Type) -> Type {
    if of.is_empty() {
        return Type::any();
    }
    match of.binary_search(single) {
        Ok(_) => Type::Any(of.clone()),
        Err(at) => {
            let mut of = (**of).clone();
            of.insert(at, single.clone());
            Type::Any(Rc::new(of))
        }
    }
}

/// Functions that are defined by more than one rule.
fn both(one: &Function, other: &Function) -> Option<Function> {
    if one.operands.len() != other.operands.len() || one.variadic.is_some() != other.variadic.is_some() {
        return None;
    }
    let operands = one.operands.iter().zip(&other.operands).map(|(one, other)| or(one.clone(), other.clone()));
    Some(Function {
        operands: operands.collect(),
        variadic: or(one.variadic.clone(), other.variadic.clone()),
        result: or(one.result.clone(), other.result.clone()),
    })
}

/// Whether all of `of` lies in `within`.
fn contains(within: &Maybe, of: &Type) -> bool {
    match within {
        Some(Type::Any(alternatives)) => {
            !matches!(of, Type::Function(_)) && (alternatives.is_empty() || alternatives.binary_search(of).is_ok())
        }
        Some(within) => within == of,
        None => false,
    }
}

/// The types of the keys.
pub(super) fn keys(of: &Type) -> Maybe {
    match of {
        Type::Array(_) => Some(Type::Number),
        Type::Object(object) => {
            let fixed = object.fixed.keys().fold(None, |found, key| or(found, Some(key.kind())));
            object.rest.as_ref().map_or(fixed.clone(), |(key, _)| or(fixed, key.clone()))
        }
        Type::Set(of) => of.as_deref().cloned(),
        Type::Any(of) if of.is_empty() => Some(Type::any()),
        Type::Any(of) => of.iter().fold(None, |found, of| or(keys(of), found)),
        _ => None,
    }
}

/// The types of the values.
pub(super) fn values(of: &Type) -> Maybe {
    match of {
        Type::Array(array) => array.fixed.iter().chain([&array.rest]).fold(None, |found, of| or(found, of.clone())),
        Type::Object(object) => {
            let rest = object.rest.as_ref().map(|(_, value)| value);
            object.fixed.values().chain(rest).fold(None, |found, of| or(found, of.clone()))
        }
        Type::Set(of) => of.as_deref().cloned(),
        Type::Any(of) if of.is_empty() => Some(Type::any()),
        Type::Any(of) => of.iter().fold(None, |found, of| or(values(of), found)),
        _ => None,
    }
}

/// The type of the member with this key.
pub(super) fn select(of: &Type, key: &Key) -> Maybe {
    match of {
        Type::Array(array) => array.at(key.position()?).clone(),
        Type::Object(object) => object.member(key),
        Type::Set(of) => {
            let of = of.as_deref()?;
            let kind = key.kind();
            if *of == kind {
                return Some(kind);
            }
            let is_one = matches!(of, Type::Any(_)) && contains(&Some(of.clone()), &kind);
            is_one.then_some(kind)
        }
        Type::Any(of) if of.is_empty() => Some(Type::any()),
        Type::Any(of) => of.iter().fold(None, |found, of| or(select(of, key), found)),
        _ => None,
    }
}

impl Array {
    /// The type of the item at this position.
    pub(super) fn at(&self, position: usize) -> &Maybe {
        self.fixed.get(position).unwrap_or(&self.rest)
    }
}

impl Object {
    /// The type of the member of this name.
    pub(super) fn member(&self, key: &Key) -> Maybe {
        if let Some(of) = self.fixed.get(key) {
            return of.clone();
        }
        let (keys, value) = self.rest.as_ref()?;
        if contains(keys, &key.kind()) { value.clone() } else { None }
    }

    /// The type of the values of members that are not fixed.
    pub(super) fn dynamic(&self) -> &Maybe {
        self.rest.as_ref().map_or(&None, |(_, value)| value)
    }
}

/// Whether a value can be of both types.
pub(super) fn unifies(one: &Maybe, other: &Maybe) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    match (one, other) {
        (Type::Any(of), other) if one_of(of, other) => true,
        (one, Type::Any(of)) => one_of(of, one),
        (Type::Any(_), _) => false,
        (Type::Array(one), Type::Array(other)) => {
            fixed_items(one, other) && fixed_items(other, one) && both_if_known(&one.rest, &other.rest)
        }
        (Type::Object(one), Type::Object(other)) => {
            fixed_members(one, other) && fixed_members(other, one) && both_if_known(one.dynamic(), other.dynamic())
        }
        (Type::Set(one), Type::Set(other)) => match (one, other) {
            (Some(one), Some(other)) => unifies(&Some((**one).clone()), &Some((**other).clone())),
            _ => true,
        },
        (Type::Function(one), Type::Function(other)) => {
            one.operands.len() == other.operands.len() && one.operands.iter().zip(&other.operands).all(|(one, other)| unifies(one, other))
        }
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

fn one_of(alternatives: &[Type], of: &Type) -> bool {
    if matches!(of, Type::Function(_)) {
        return false;
    }
    alternatives.is_empty() || alternatives.iter().any(|one| unifies(&Some(one.clone()), &Some(of.clone())))
}

fn both_if_known(one: &Maybe, other: &Maybe) -> bool {
    one.is_none() || other.is_none() || unifies(one, other)
}

fn fixed_items(one: &Array, other: &Array) -> bool {
    one.fixed.iter().enumerate().all(|(at, of)| unifies(of, other.at(at)))
}

fn fixed_members(one: &Object, other: &Object) -> bool {
    one.fixed.iter().all(|(key, of)| match other.member(key) {
        None => one.dynamic().is_some() || other.dynamic().is_some(),
        found => unifies(of, &found),
    })
}
