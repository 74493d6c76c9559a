//! Registers the table of builtins with regorus.

use anyhow::anyhow;

use super::observer::Observer;
use super::scope::Scope;
use crate::builtins::{Builtin, Value};
use crate::rego::{CASE, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, PROBE, RECALL};

/// Makes `builtins` callable. The closures capture a reference to the table and nothing else: regorus copies what an
/// extension captures with every clone of its engine, so state captured here would be one per evaluation.
pub(super) fn register(engine: &mut regorus::Engine, builtins: impl Iterator<Item = &'static Builtin>) -> Result<(), String> {
    for builtin in builtins {
        let call = move |operands: Vec<Value>| Scope::call(builtin, operands).map_err(|text| anyhow!(text));
        engine
            .add_extension(builtin.name.to_owned(), builtin.arity(), Box::new(call))
            .map_err(|error| format!("{}: {error}", builtin.name))?;
    }
    let recall = |call: Vec<Value>| Ok(Scope::recalling(|recall| recall.recall(&call)));
    let keep = |call: Vec<Value>| Ok(Scope::recalling(|recall| recall.keep(&call)));
    let probe = |call: Vec<Value>| Ok(Scope::reached(&call));
    engine.add_extension(PROBE.to_owned(), 2, Box::new(probe)).map_err(|error| error.to_string())?;
    let lasting = |call: Vec<Value>| Ok(Scope::lasting(&call));
    let last = |call: Vec<Value>| Ok(Scope::last(&call));
    engine.add_extension(LASTING.to_owned(), 1, Box::new(lasting)).map_err(|error| error.to_string())?;
    engine.add_extension(LAST.to_owned(), 3, Box::new(last)).map_err(|error| error.to_string())?;
    engine.add_extension(RECALL.to_owned(), 2, Box::new(recall)).map_err(|error| error.to_string())?;
    engine.add_extension(KEEP.to_owned(), 3, Box::new(keep)).map_err(|error| error.to_string())?;
    observation(engine).map_err(|error| error.to_string())
}

/// What rules under observation, and cases of tests, tell.
fn observation(engine: &mut regorus::Engine) -> anyhow::Result<()> {
    let enter = |call: Vec<Value>| Ok(told(|observer| observer.enter(&call), Value::from(true)));
    let leave = |call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::from(true)));
    let miss = |call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::Undefined));
    let note = |call: Vec<Value>| Ok(told(|observer| call.iter().for_each(|operands| observer.print(operands)), Value::from(true)));
    let case = |call: Vec<Value>| Ok(Scope::trying(&call));
    engine.add_extension(ENTER.to_owned(), 1, Box::new(enter))?;
    engine.add_extension(LEAVE.to_owned(), 2, Box::new(leave))?;
    engine.add_extension(MISS.to_owned(), 1, Box::new(miss))?;
    engine.add_extension(NOTE.to_owned(), 1, Box::new(note))?;
    engine.add_extension(CASE.to_owned(), 1, Box::new(case))
}

fn told(tell: impl FnOnce(&mut Observer), answer: Value) -> Value {
    Scope::observing(tell);
    answer
}
