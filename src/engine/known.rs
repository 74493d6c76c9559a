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

/// Answers that there is room for when the first one comes: most evaluations ask for few.
const LEAST: usize = 4;

/// Answers by question.
#[derive(Debug)]
pub(super) struct Known<A> {
    by_hash: HashMap<u64, Alike, RandomState>,
    /// In the order in which they were asked first.
    all: Vec<(Question, A)>,
    seed: RandomState,
}

/// Where among all the questions of one hash are.
#[derive(Debug)]
enum Alike {
    One(usize),
    Many(BTreeMap<Question, usize>),
}

/// What a question is looked for by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u64);

impl<A> Known<A> {
    /// How many answers there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Where to look for a question.
    pub(super) fn place(&self, question: &Question) -> Place {
        Place(self.hash(question))
    }

    pub(super) fn get(&self, Place(hash): Place, question: &Question) -> Option<&A> {
        let at = match self.by_hash.get(&hash)? {
            Alike::One(at) => *at,
            Alike::Many(alike) => *alike.get(question)?,
        };
        self.all.get(at).filter(|(known, _)| known == question).map(|(_, answer)| answer)
    }

    /// Takes in an answer, in place of an earlier one.
    pub(super) fn insert(&mut self, Place(hash): Place, question: Question, answer: A) {
        let next = self.all.len();
        if next == self.all.capacity() {
            // By more than they would grow by themselves: whoever asks often asks hundreds of times.
            let more = (3 * next).max(LEAST);
            self.all.reserve(more);
            self.by_hash.reserve(more);
        }
        let at = match self.by_hash.entry(hash) {
            Entry::Vacant(vacant) => {
                vacant.insert(Alike::One(next));
                next
            }
            Entry::Occupied(mut occupied) => {
                let first = |at: usize| Some((self.all.get(at)?.0.clone(), at));
                if let Alike::One(at) = *occupied.get() {
                    occupied.insert(Alike::Many(first(at).into_iter().collect()));
                }
                match occupied.get_mut() {
                    Alike::One(at) => *at,
                    Alike::Many(alike) => *alike.entry(question.clone()).or_insert(next),
                }
            }
        };
        match self.all.get_mut(at) {
            Some((_, earlier)) => *earlier = answer,
            None => self.all.push((question, answer)),
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

impl<A> Default for Known<A> {
    fn default() -> Self {
        Self { by_hash: HashMap::default(), all: Vec::new(), seed: RandomState::default() }
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
            assert!(known.get(known.place(question), question).is_none(), "{question:?}");
            known.insert(known.place(question), question.clone(), answer);
        }
        assert_eq!(known.len(), questions.len());
        for (answer, question) in questions.iter().enumerate() {
            let place = known.place(question);
            assert_eq!(known.get(place, question), Some(&answer), "{question:?}");
            known.insert(place, question.clone(), answer + 1);
            assert_eq!(known.get(place, question), Some(&(answer + 1)));
        }
        assert_eq!(known.len(), questions.len(), "in place of the earlier ones");
    }
}
