//! Registers the table of builtins with regorus.

use std::borrow::Cow;

use anyhow::anyhow;

use super::called::Called;
use super::observer::Observer;
use super::scope::Scope;
use crate::builtins::Value;
use crate::rego::{CASE, ENTER, KEEP, LAST, LASTING, LEAVE, MISS, NOTE, PROBE, RECALL, undotted};

/// A function of the engine.
type Function = Box<dyn regorus::Extension>;

/// Makes those functions callable that `modules` could call: builtins of the table, and what rewritten modules call beside them. The
/// closures capture a reference to the table and nothing else: regorus copies what an extension captures with every clone of its
/// engine, so state captured here would be one per evaluation.
pub(super) fn register<'t>(engine: &mut regorus::Engine, modules: impl Iterator<Item = &'t str>) -> Result<(), String> {
    let own = own().into_iter().map(|(name, arity, call)| (Cow::Borrowed(name), arity, call));
    let functions: Vec<(Cow<'static, str>, u8, Function)> = builtins().chain(own).collect();
    let names: Vec<&str> = functions.iter().map(|(name, ..)| &**name).collect();
    for (name, arity, call) in Called::of(&names, modules)?.only(functions) {
        engine.add_extension(name.into_owned(), arity, call).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The builtins of the table that are ours, by the names that they are printed with.
fn builtins() -> impl Iterator<Item = (Cow<'static, str>, u8, Function)> {
    crate::builtins::table().iter().filter(|builtin| builtin.is_native()).map(|builtin| {
        let call = move |operands: Vec<Value>| Scope::call(builtin, operands).map_err(|text| anyhow!(text));
        (undotted(builtin.name), builtin.arity(), Box::new(call) as Function)
    })
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
