//! Compiled policies: loads WebAssembly modules, and answers their builtins from the one table.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;
use vidimus_wasm_host::text::{ValueText, Write, read};
use vidimus_wasm_host::{BuiltinError, Builtins, PolicyModule};

use super::compile::CompileOptions;
use super::outside::Outside;
use super::problem::CompileError;
use super::scope::Scope;
use crate::builtins::{Builtin, Value, ValueTerm, Values, lookup};
use crate::causes::with_causes;
use crate::policy::{CompiledPolicy, Entrypoints};
use crate::policy_bundle::WasmModule;

/// Nesting of operands that is read.
const MAX_DEPTH: usize = 1_000;

/// What was compiled elsewhere.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The modules that answer what is asked; none where that is about Rego.
    pub(super) policies: Vec<CompiledPolicy>,
    /// The paths of all entrypoints, asked or not.
    pub(super) entrypoints: Vec<String>,
}

/// Loads the modules of `options`. That none of them answers what is asked is an error only where they are `alone`.
pub(super) fn load(options: &CompileOptions, outside: &Outside, alone: bool) -> Result<Loaded, CompileError> {
    if options.wasm.is_empty() {
        return Ok(Loaded::default());
    }
    if !matches!(options.data, Json::Null | Json::Object(_)) {
        return Err(CompileError::one("data: not an object"));
    }
    let modules = options.wasm.iter().map(|module| open(module, options, outside).map(|loaded| (module, loaded)));
    let modules = modules.collect::<Result<Vec<_>, _>>().map_err(CompileError::one)?;
    let asked = match &options.query {
        Some(query) => query_of(query, &modules).map(|asked| vec![asked]),
        None => decisions_of(&modules, &options.namespaces),
    };
    let asked = if alone { asked.map_err(CompileError::one)? } else { asked.unwrap_or_default() };
    let data = ValueText::of(&Document(&options.data));
    let policies = asked.into_iter().map(|(index, entrypoints)| {
        let (given, module) = modules.get(index).ok_or_else(|| CompileError::one("no such module"))?;
        let snapshot = module.with_data(&data).map_err(|error| named(given, &error))?;
        let builtins = module.builtins().iter().map(|needed| lookup(&needed.name)).collect();
        Ok(CompiledPolicy { name: given.path.clone(), snapshot, builtins, entrypoints })
    });
    let paths = modules.iter().flat_map(|(given, module)| entrypoints(given, module)).map(|(path, _)| path.to_owned());
    Ok(Loaded { policies: policies.collect::<Result<_, CompileError>>()?, entrypoints: paths.collect() })
}

fn named(module: &WasmModule, error: &vidimus_wasm_host::LoadError) -> CompileError {
    CompileError::one(format!("`{}`: {error}", module.path))
}

fn open(module: &WasmModule, options: &CompileOptions, outside: &Outside) -> Result<PolicyModule, String> {
    let host = outside.wasm().map_err(|error| format!("`{}`: {}", module.path, with_causes(&error)))?;
    let available = |name: &str| lookup(name).is_some_and(Builtin::is_callable);
    let loaded = host.load(&module.bytes, available, options.missing_builtins).map_err(|error| format!("`{}`: {error}", module.path))?;
    let absent = module.entrypoints.iter().find(|path| !loaded.entrypoints().iter().any(|known| known.path == **path));
    match absent {
        Some(path) => Err(format!("`{}`: the manifest names the entrypoint `{path}`, which the module does not have", module.path)),
        None => Ok(loaded),
    }
}

/// The entrypoints of a module: those that its bundle's manifest names, else all.
fn entrypoints<'a>(given: &'a WasmModule, module: &'a PolicyModule) -> impl Iterator<Item = (&'a str, i32)> {
    let wanted = |path: &String| given.entrypoints.is_empty() || given.entrypoints.contains(path);
    module.entrypoints().iter().filter(move |one| wanted(&one.path)).map(|one| (one.path.as_str(), one.id))
}

/// The module that has the entrypoint which a query such as `data.main.allow` names.
fn query_of(query: &str, modules: &[(&WasmModule, PolicyModule)]) -> Result<(usize, Entrypoints), String> {
    let path = query.trim().strip_prefix("data.").map(|path| path.replace('.', "/"));
    for (index, (given, module)) in modules.iter().enumerate() {
        if let Some((_, id)) = entrypoints(given, module).find(|(known, _)| Some(*known) == path.as_deref()) {
            return Ok((index, Entrypoints::Query(id)));
        }
    }
    let known =
        modules.iter().flat_map(|(given, module)| entrypoints(given, module)).map(|(path, _)| format!("data.{}", path.replace('/', ".")));
    Err(format!("the query `{query}` is none that the WebAssembly policy was built to answer: {}", known.collect::<Vec<_>>().join(", ")))
}

/// What decides in each module in which anything does; why nothing does where that is so of all of them.
fn decisions_of(modules: &[(&WasmModule, PolicyModule)], namespaces: &[String]) -> Result<Vec<(usize, Entrypoints)>, String> {
    let (mut found, mut without) = (Vec::new(), String::new());
    for (index, (given, module)) in modules.iter().enumerate() {
        match Entrypoints::find(entrypoints(given, module), namespaces) {
            Ok(entrypoints) => found.push((index, entrypoints)),
            Err(why) => without = format!("`{}`: {why}", given.path),
        }
    }
    if found.is_empty() { Err(without) } else { Ok(found) }
}

/// A JSON document; value text holds JSON. None is an empty object.
struct Document<'a>(&'a Json);

impl Write for Document<'_> {
    fn write(&self, out: &mut String) {
        match self.0 {
            Json::Null => out.push_str("{}"),
            document => out.push_str(&document.to_string()),
        }
    }
}

/// Answers the builtins of one instance for the evaluation that runs on this thread.
#[derive(Debug)]
pub(crate) struct Bridge {
    /// By the module's own numbers; none where a builtin is not in the table.
    pub(crate) builtins: Arc<[Option<&'static Builtin>]>,
    /// What the policy prints.
    pub(crate) prints: Rc<RefCell<Vec<String>>>,
}

impl Builtins for Bridge {
    fn call(&mut self, builtin: usize, operands: &[&str]) -> Result<Option<String>, BuiltinError> {
        let found = self.builtins.get(builtin).copied().flatten();
        let builtin = found.ok_or_else(|| BuiltinError("a builtin that is not there".to_owned()))?;
        let read = |text: &&str| read(text, MAX_DEPTH, &mut Values).map_err(|error| BuiltinError(format!("{}: {error}", builtin.name)));
        let operands: Vec<Value> = operands.iter().map(read).collect::<Result<_, _>>()?;
        match Scope::call(builtin, operands).map_err(BuiltinError)? {
            Value::Undefined => Ok(None),
            answer => Ok(Some(ValueText::of(&ValueTerm(&answer)).as_str().to_owned())),
        }
    }

    fn print(&mut self, line: &str) {
        self.prints.borrow_mut().push(line.to_owned());
    }
}
