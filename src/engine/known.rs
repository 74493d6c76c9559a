//! `Known`: what calls of builtins gave, by what was asked.
//!
//! Looked for by a hash of what is cheap to hash; questions that it does not tell apart (they differ inside a container) are
//! kept in order, so that many of them cost no more than a search, whoever chose them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::RandomState;

use crate::builtins::Value;

/// A call: the builtin's name, and its operands.
pub(super) type Question = (&'static str, Vec<Value>);

/// Answers by question.
#[derive(Debug)]
pub(super) struct Known<A> {
    by_hash: HashMap<u64, Alike<A>, RandomState>,
    seed: RandomState,
    count: usize,
}

/// Questions of one hash.
#[derive(Debug)]
enum Alike<A> {
    One(Question, A),
    Many(BTreeMap<Question, A>),
}

impl<A> Known<A> {
    /// How many answers there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, question: &Question) -> Option<&A> {
        match self.by_hash.get(&self.hash(question))? {
            Alike::One(kept, answer) => (kept == question).then_some(answer),
            Alike::Many(kept) => kept.get(question),
        }
    }

    /// Takes in an answer, in place of an earlier one.
    pub(super) fn insert(&mut self, question: Question, answer: A) {
        let hash = self.hash(&question);
        match self.by_hash.entry(hash) {
            Entry::Vacant(vacant) => {
                vacant.insert(Alike::One(question, answer));
                self.count += 1;
            }
            Entry::Occupied(mut occupied) => {
                let before = occupied.get().len();
                let mut all = match std::mem::replace(occupied.get_mut(), Alike::Many(BTreeMap::new())) {
                    Alike::One(kept, other) => BTreeMap::from([(kept, other)]),
                    Alike::Many(all) => all,
                };
                all.insert(question, answer);
                self.count += all.len() - before;
                occupied.insert(Alike::Many(all));
            }
        }
    }

    /// Of name and texts, and of the sizes of containers.
    fn hash(&self, (name, operands): &Question) -> u64 {
        let mut state = self.seed.build_hasher();
        name.hash(&mut state);
        for operand in operands {
            match operand {
                Value::String(text) => text.hash(&mut state),
                Value::Array(items) => items.len().hash(&mut state),
                Value::Set(items) => items.len().hash(&mut state),
                Value::Object(members) => members.len().hash(&mut state),
                _ => {}
            }
        }
        state.finish()
    }
}

impl<A> Alike<A> {
    fn len(&self) -> usize {
        match self {
            Self::One(..) => 1,
            Self::Many(all) => all.len(),
        }
    }
}

impl<A> Default for Known<A> {
    fn default() -> Self {
        Self { by_hash: HashMap::default(), seed: RandomState::default(), count: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(name: &'static str, operands: &serde_json::Value) -> Question {
        (name, operands.as_array().unwrap().iter().cloned().map(Value::from).collect())
    }

    #[test]
    fn an_answer_is_that_of_the_same_question_and_of_no_other() {
        let mut questions = Vec::new();
        for name in ["a", "b"] {
            for n in 0..300 {
                let text = n.to_string();
                questions.push(question(name, &serde_json::json!([text])));
                questions.push(question(name, &serde_json::json!([n])));
                questions.push(question(name, &serde_json::json!(["same", { "differs": text }])));
                questions.push(question(name, &serde_json::json!(["same", [n]])));
                questions.push(question(name, &serde_json::json!([text, null])));
            }
        }
        let mut known = Known::default();
        for (answer, question) in questions.iter().enumerate() {
            assert!(known.get(question).is_none(), "{question:?}");
            known.insert(question.clone(), answer);
        }
        assert_eq!(known.len(), questions.len());
        for (answer, question) in questions.iter().enumerate() {
            assert_eq!(known.get(question), Some(&answer), "{question:?}");
            known.insert(question.clone(), answer + 1);
            assert_eq!(known.get(question), Some(&(answer + 1)));
        }
        assert_eq!(known.len(), questions.len(), "in place of the earlier ones");
    }
}
