//! What variables learn where a term meets a type, or two terms meet.

use super::check::Types;
use super::environment::Env;
use super::key::Key;
use super::kind::{Maybe, Type, is_unknown};
use super::union::{or, select, unifies, values};
use crate::rego::ast::{Term, TermKind};

/// Whether a term can have a type; its variables learn theirs. With `alternative` they learn it as one of several.
pub(super) fn term_with(types: &Types<'_>, env: &Env, term: &Term, (of, alternative): (&Maybe, bool)) -> bool {
    match &term.kind {
        TermKind::Array(_) | TermKind::Object(_) | TermKind::Set(_) => composite(types, env, term, (of, alternative)),
        TermKind::Var(name) => {
            let known = env.var(name);
            match (alternative, of) {
                (true, _) => {
                    if let Some(of) = or(known, of.clone()) {
                        env.learn(name, of);
                    }
                }
                (false, _) if known.is_some() => return unifies(&known, of),
                (false, Some(of)) => env.learn(name, of.clone()),
                (false, None) => {}
            }
            true
        }
        _ => unifies(&types.of(env, term), of),
    }
}

fn composite(types: &Types<'_>, env: &Env, term: &Term, (of, alternative): (&Maybe, bool)) -> bool {
    match (&term.kind, of) {
        (_, Some(Type::Any(alternatives))) if alternatives.is_empty() => {
            let any = Some(Type::any());
            let each = |part: &Term| {
                term_with(types, env, part, (&any, true));
            };
            match &term.kind {
                TermKind::Array(items) | TermKind::Set(items) => items.iter().for_each(each),
                TermKind::Object(members) => members.iter().for_each(|(key, value)| {
                    each(key);
                    each(value);
                }),
                _ => {}
            }
            true
        }
        (_, Some(Type::Any(alternatives))) => {
            let fits = |of: &Type| term_with(types, env, term, (&Some(of.clone()), true));
            alternatives.iter().filter(|of| fits(of)).count() > 0
        }
        (TermKind::Array(items), Some(Type::Array(array))) => {
            (items.len() == array.fixed.len() || array.rest.is_some())
                && items.iter().enumerate().all(|(at, item)| term_with(types, env, item, (array.at(at), alternative)))
        }
        (TermKind::Object(members), Some(object @ Type::Object(shape))) => {
            (members.len() == shape.fixed.len() || shape.dynamic().is_some())
                && members.iter().all(|(key, value)| {
                    let Some(key) = Key::of(key) else {
                        term_with(types, env, value, (&Some(Type::any()), alternative));
                        return true;
                    };
                    let member = select(object, &key);
                    member.is_some() && term_with(types, env, value, (&member, alternative))
                })
        }
        (TermKind::Set(items), Some(set @ Type::Set(_))) => {
            let of = values(set);
            items.iter().all(|item| term_with(types, env, item, (&of, alternative)))
        }
        _ => false,
    }
}

/// Whether two terms can be equal; their variables learn from each other.
pub(super) fn terms(types: &Types<'_>, env: &Env, left: &Term, right: &Term) -> bool {
    let (one, other) = (types.of(env, left), types.of(env, right));
    match (is_unknown(&one), is_unknown(&other)) {
        (true, false) => return term_with(types, env, left, (&other, false)),
        (false, true) => return term_with(types, env, right, (&one, false)),
        (false, false) => return unifies(&one, &other),
        (true, true) => {}
    }
    match (&left.kind, &right.kind) {
        (TermKind::Array(lefts), TermKind::Array(rights)) => {
            lefts.len() == rights.len() && lefts.iter().zip(rights).all(|(left, right)| terms(types, env, left, right))
        }
        (TermKind::Object(lefts), TermKind::Object(rights)) => {
            let of = |key: &Key| rights.iter().find(|(other, _)| Key::of(other).as_ref() == Some(key)).map(|(_, value)| value);
            lefts.len() == rights.len()
                && lefts.iter().all(|(key, left)| match Key::of(key) {
                    Some(key) => of(&key).is_some_and(|right| terms(types, env, left, right)),
                    // OPA compares computed keys by their text.
                    None => true,
                })
        }
        (TermKind::Var(_) | TermKind::Array(_) | TermKind::Object(_), TermKind::Var(_)) => both(types, env, left, right),
        (TermKind::Var(_), TermKind::Array(_) | TermKind::Object(_)) => both(types, env, right, left),
        (TermKind::Array(_) | TermKind::Object(_), _) => false,
        // A variable learns what is known of the other side, and be it little.
        (TermKind::Var(_), _) if one.is_none() && other.is_some() => term_with(types, env, left, (&other, false)),
        (_, TermKind::Var(_)) if other.is_none() && one.is_some() => term_with(types, env, right, (&one, false)),
        _ => false,
    }
}

/// Two terms of which nothing is known may be anything, but the same.
fn both(types: &Types<'_>, env: &Env, one: &Term, other: &Term) -> bool {
    let any = Some(Type::any());
    term_with(types, env, one, (&any, false)) && term_with(types, env, other, (&types.of(env, one), false))
}
