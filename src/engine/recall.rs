//! What functions of a policy have given in this evaluation, for the rewriting that lets them remember it.
//!
//! Operands are compared by identity where they are containers: the same place in memory holds the same value for as long
//! as the entry keeps it alive. What is equal but lies elsewhere is computed again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::builtins::Value;

/// Most calls that one evaluation remembers.
const MAX_CALLS: usize = 200_000;

/// The remembered calls of one evaluation.
#[derive(Debug, Default)]
pub(super) struct Recall(HashMap<(u64, Vec<Identity>), Kept>);

#[derive(Debug)]
struct Kept {
    /// As the rewriting wants it: an array of the one value.
    answer: Value,
    /// INVARIANT: keeps alive what the key knows by address only.
    _operands: Value,
}

/// What makes an operand the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Scalar(String),
    Text(Arc<str>),
    Container(usize),
}

impl Identity {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(Arc::clone(text)),
            Value::Array(items) => Self::Container(Arc::as_ptr(items).addr()),
            Value::Set(items) => Self::Container(Arc::as_ptr(items).addr()),
            Value::Object(members) => Self::Container(Arc::as_ptr(members).addr()),
            scalar => Self::Scalar(scalar.to_string()),
        }
    }
}

impl Recall {
    /// The value of a function for these operands, in an array; undefined where none is remembered.
    pub(super) fn recall(&self, call: &[Value]) -> Value {
        key(call).and_then(|key| self.0.get(&key)).map_or(Value::Undefined, |kept| kept.answer.clone())
    }

    /// Remembers the value of a function: `[function, operands, value]`.
    pub(super) fn keep(&mut self, call: &[Value]) -> Value {
        if let (Some(key), [_, operands, value]) = (key(call), call)
            && self.0.len() < MAX_CALLS
        {
            let answer = Value::from(vec![value.clone()]);
            self.0.insert(key, Kept { answer, _operands: operands.clone() });
        }
        Value::from(true)
    }
}

fn key(call: &[Value]) -> Option<(u64, Vec<Identity>)> {
    let (Value::Number(_), Some(Value::Array(operands))) = (call.first()?, call.get(1)) else { return None };
    Some((call.first()?.as_u64().ok()?, operands.iter().map(Identity::of).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_its_function_and_the_identity_of_its_operands() {
        let mut recall = Recall::default();
        let shared = Value::from(vec![Value::from(1_u64)]);
        let operands = || Value::from(vec![shared.clone(), Value::from("a"), Value::Null]);
        let call = |function: u64, operands: Value| vec![Value::from(function), operands];
        assert_eq!(recall.recall(&call(1, operands())), Value::Undefined);
        recall.keep(&[Value::from(1_u64), operands(), Value::from(false)]);
        assert_eq!(recall.recall(&call(1, operands())), Value::from(vec![Value::from(false)]));
        assert_eq!(recall.recall(&call(2, operands())), Value::Undefined);
        let elsewhere = Value::from(vec![Value::from(vec![Value::from(1_u64)]), Value::from("a"), Value::Null]);
        assert_eq!(recall.recall(&call(1, elsewhere)), Value::Undefined);
        let text = Value::from(vec![shared.clone(), Value::from("null"), Value::Null]);
        assert_eq!(recall.recall(&call(1, text)), Value::Undefined);
    }
}
