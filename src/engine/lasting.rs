//! What rules that read no input have given, for all evaluations of one policy.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::builtins::Value;

/// The values of a policy's rules that last, by the numbers that the rewriting gave them: no more than there are such rules.
#[derive(Debug, Default)]
pub(crate) struct Lasting(RwLock<HashMap<u64, Kept>>);

#[derive(Debug)]
struct Kept {
    /// As the rewriting wants it: an array of the one value.
    answer: Value,
    /// The time at which it holds, in nanoseconds since 1970; at any where there is none.
    at: Option<i64>,
}

impl Lasting {
    /// The value of the rule `[number]` at this time, in an array; undefined where none is remembered.
    pub(super) fn recall(&self, call: &[Value], now_ns: i64) -> Value {
        let Some(number) = number(call) else { return Value::Undefined };
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(&number).filter(|kept| kept.at.is_none_or(|at| at == now_ns));
        kept.map_or(Value::Undefined, |kept| kept.answer.clone())
    }

    /// Remembers the value of a rule: `[number, whether it holds at this time only, value]`.
    pub(super) fn keep(&self, call: &[Value], now_ns: i64) {
        if let (Some(number), [_, timed, value]) = (number(call), call) {
            let at = (*timed != Value::from(false)).then_some(now_ns);
            let kept = Kept { answer: Value::from(vec![value.clone()]), at };
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(number, kept);
        }
    }
}

fn number(call: &[Value]) -> Option<u64> {
    call.first()?.as_u64().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_remembered_for_its_rule_and_its_time() {
        let lasting = Lasting::default();
        let ask = |number: u64, now_ns| lasting.recall(&[Value::from(number)], now_ns);
        assert_eq!(ask(1, 5), Value::Undefined);
        lasting.keep(&[Value::from(1_u64), Value::from(true), Value::from("then")], 5);
        lasting.keep(&[Value::from(2_u64), Value::from(false), Value::from("always")], 5);
        assert_eq!(ask(1, 5), Value::from(vec![Value::from("then")]));
        assert_eq!(ask(1, 6), Value::Undefined);
        assert_eq!(ask(2, 6), Value::from(vec![Value::from("always")]));
        assert_eq!(ask(3, 5), Value::Undefined);
    }
}
