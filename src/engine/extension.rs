//! Registers the table of builtins with regorus.

use anyhow::anyhow;

use super::called::Called;
use super::observer::Observer;
use super::scope::Scope;
use crate::builtins::Value;
use crate::rego::{CASE, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, PROBE, RECALL};

/// A function of the engine.
type Function = Box<dyn regorus::Extension>;

/// Makes those functions callable that `modules` could call: builtins of the table, and what rewritten modules call beside them. The
/// closures capture a reference to the table and nothing else: regorus copies what an extension captures with every clone of its
/// engine, so state captured here would be one per evaluation.
pub(super) fn register<'t>(engine: &mut regorus::Engine, modules: impl Iterator<Item = &'t str>) -> Result<(), String> {
    let builtins = || crate::builtins::table().iter().filter(|builtin| builtin.is_native());
    let names = builtins().map(|builtin| builtin.name).chain(own().into_iter().map(|(name, ..)| name));
    let called = Called::of(names, modules)?;
    for builtin in builtins().filter(|builtin| called.has(builtin.name)) {
        let call = move |operands: Vec<Value>| Scope::call(builtin, operands).map_err(|text| anyhow!(text));
        add(engine, (builtin.name, builtin.arity(), Box::new(call)))?;
    }
    own().into_iter().filter(|(name, ..)| called.has(name)).try_for_each(|function| add(engine, function))
}

fn add(engine: &mut regorus::Engine, (name, arity, call): (&'static str, u8, Function)) -> Result<(), String> {
    engine.add_extension(name.to_owned(), arity, call).map_err(|error| format!("{name}: {error}"))
}

/// What rewritten modules call: functions that remember, and what rules under observation, and cases of tests, tell.
fn own() -> [(&'static str, u8, Function); 10] {
    [
        (RECALL, 2, Box::new(|call: Vec<Value>| Ok(Scope::recalling(|recall| recall.recall(&call))))),
        (KEEP, 3, Box::new(|call: Vec<Value>| Ok(Scope::recalling(|recall| recall.keep(&call))))),
        (LASTING, 1, Box::new(|call: Vec<Value>| Ok(Scope::lasting(&call)))),
        (LAST, 3, Box::new(|call: Vec<Value>| Ok(Scope::last(&call)))),
        (PROBE, 2, Box::new(|call: Vec<Value>| Ok(Scope::reached(&call)))),
        (ENTER, 1, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.enter(&call), Value::from(true))))),
        (LEAVE, 2, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::from(true))))),
        (MISS, 1, Box::new(|call: Vec<Value>| Ok(told(|observer| observer.leave(&call), Value::Undefined)))),
        (
            NOTE,
            1,
            Box::new(|call: Vec<Value>| Ok(told(|observer| call.iter().for_each(|operands| observer.print(operands)), Value::from(true)))),
        ),
        (CASE, 1, Box::new(|call: Vec<Value>| Ok(Scope::trying(&call)))),
    ]
}

fn told(tell: impl FnOnce(&mut Observer), answer: Value) -> Value {
    Scope::observing(tell);
    answer
}
