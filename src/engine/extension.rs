//! Registers the table of builtins with regorus.

use anyhow::anyhow;

use super::scope::Scope;
use crate::builtins::Builtin;
use crate::rego::{KEEP, LAST, LASTING, PROBE, RECALL};

/// Makes `builtins` callable. The closures capture a reference to the table and nothing else: regorus copies what an
/// extension captures with every clone of its engine, so state captured here would be one per evaluation.
pub(super) fn register(engine: &mut regorus::Engine, builtins: impl Iterator<Item = &'static Builtin>) -> Result<(), String> {
    for builtin in builtins {
        let call = move |operands: Vec<regorus::Value>| Scope::call(builtin, operands).map_err(|text| anyhow!(text));
        engine
            .add_extension(builtin.name.to_owned(), builtin.arity(), Box::new(call))
            .map_err(|error| format!("{}: {error}", builtin.name))?;
    }
    let recall = |call: Vec<regorus::Value>| Ok(Scope::recalling(|recall| recall.recall(&call)));
    let keep = |call: Vec<regorus::Value>| Ok(Scope::recalling(|recall| recall.keep(&call)));
    let probe = |call: Vec<regorus::Value>| Ok(Scope::reached(&call));
    engine.add_extension(PROBE.to_owned(), 2, Box::new(probe)).map_err(|error| error.to_string())?;
    let lasting = |call: Vec<regorus::Value>| Ok(Scope::lasting(&call));
    let last = |call: Vec<regorus::Value>| Ok(Scope::last(&call));
    engine.add_extension(LASTING.to_owned(), 1, Box::new(lasting)).map_err(|error| error.to_string())?;
    engine.add_extension(LAST.to_owned(), 3, Box::new(last)).map_err(|error| error.to_string())?;
    engine.add_extension(RECALL.to_owned(), 2, Box::new(recall)).map_err(|error| error.to_string())?;
    engine.add_extension(KEEP.to_owned(), 3, Box::new(keep)).map_err(|error| error.to_string())
}
