//! Registers the table of builtins with regorus.

use anyhow::anyhow;

use super::observer::Observer;
use super::scope::Scope;
use crate::builtins::Value;
use crate::rego::{CASE, Callees, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, PROBE, RECALL};

/// A function of the engine.
type Function = Box<dyn regorus::Extension>;

/// Makes what a program calls callable: builtins of the table, and what rewritten modules call beside them. The closures capture a
/// reference to the table and nothing else: regorus copies what an extension captures with every clone of its engine, so state
/// captured here would be one per evaluation.
pub(super) fn register(engine: &mut regorus::Engine, callees: &Callees) -> Result<(), String> {
    for (name, short) in callees.iter() {
        let Some((arity, call)) = builtin(name).or_else(|| own(name)) else { return Err(format!("{name}: there is no such function")) };
        engine.add_extension(short.to_owned(), arity, call).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn builtin(name: &str) -> Option<(u8, Function)> {
    let builtin = crate::builtins::lookup(name)?;
    let call = move |operands: Vec<Value>| Scope::call(builtin, operands).map_err(|text| anyhow!(text));
    Some((builtin.arity(), Box::new(call)))
}

/// What rewritten modules call: functions that remember, and what rules under observation, and cases of tests, tell.
fn own(name: &str) -> Option<(u8, Function)> {
    Some(match name {
        RECALL => (2, Box::new(|call: Vec<Value>| Ok(Scope::recalling(|recall| recall.recall(&call))))),
        KEEP => (3, Box::new(|call: Vec<Value>| Ok(Scope::recalling(|recall| recall.keep(&call))))),
        LASTING => (1, Box::new(|call: Vec<Value>| Ok(Scope::lasting(&call)))),
        LAST => (3, Box::new(|call: Vec<Value>| Ok(Scope::last(&call)))),
        PROBE => (2, Box::new(|call: Vec<Value>| Ok(Scope::reached(&call)))),
        ENTER => (1, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.enter(&call), Value::from(true))))),
        LEAVE => (2, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::from(true))))),
        MISS => (1, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::Undefined)))),
        NOTE => {
            (1, Box::new(|call: Vec<Value>| Ok(told(|observer| call.iter().for_each(|operands| observer.print(operands)), true.into()))))
        }
        CASE => (1, Box::new(|call: Vec<Value>| Ok(Scope::trying(&call)))),
        _ => return None,
    })
}

fn told(tell: impl FnOnce(&mut Observer), answer: Value) -> Value {
    Scope::observing(tell);
    answer
}
