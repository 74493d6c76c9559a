//! A module that OPA 1.22 made (`benches/evaluate/small.rego`).

use vidimus_wasm_host::text::Terms;
use vidimus_wasm_host::{AbiVersion, BuiltinError, Builtins, EvalError, MissingBuiltins, NoBuiltins, PolicyModule, Snapshot};

use crate::guest::{host, soon, value};

const SMALL: &[u8] = include_bytes!("../../benches/evaluate/small.wasm");

/// Counts, and gives back what it is given; `"halt"` ends the evaluation and `null` is undefined.
struct Same;

impl Builtins for Same {
    fn call(&mut self, _: usize, operands: &[&str]) -> Result<Option<String>, BuiltinError> {
        match operands {
            ["\"halt\""] => Err(BuiltinError("bench.echo: halted".to_owned())),
            ["null"] => Ok(None),
            operands => Ok(operands.first().map(|&operand| operand.to_owned())),
        }
    }
}

fn module() -> PolicyModule {
    host().load(SMALL, |name| name == "bench.echo", MissingBuiltins::Refuse).unwrap()
}

fn snapshot() -> Snapshot {
    module().with_data(&value(r#"{"roles":{"ann":["writer","reader"],"bob":["writer"]}}"#)).unwrap()
}

fn ask(snapshot: &Snapshot, path: &str, input: &str) -> Result<String, EvalError> {
    let id = snapshot.module().entrypoints().iter().find(|one| one.path == path).unwrap().id;
    let decision = snapshot.evaluate(id, Some(&value(input)), Box::new(Same), soon())?;
    decision.read(&mut Terms)?;
    Ok(decision.text().to_owned())
}

#[test]
fn a_module_of_opa_decides() {
    let snapshot = snapshot();
    assert_eq!(snapshot.module().version(), AbiVersion { major: 1, minor: 3 });
    assert_eq!(ask(&snapshot, "small/allow", r#"{"method":"GET","user":"ann"}"#).unwrap(), r#"{{"result": true}}"#);
    assert_eq!(ask(&snapshot, "small/allow", r#"{"method":"GET","user":"bob"}"#).unwrap(), r#"{{"result": false}}"#);
    let none = snapshot.evaluate(snapshot.module().entrypoints()[0].id, None, Box::new(NoBuiltins), soon()).unwrap();
    assert_eq!(none.text(), r#"{{"result": false}}"#);
}

#[test]
fn builtins_get_and_give_values_of_every_kind() {
    let snapshot = snapshot();
    let input = r#"{"values":[1,12345678901234567890.5e3,"ü\u0000",{"a":[null]},true,{1,{2}},{[1]:2}]}"#;
    assert_eq!(ask(&snapshot, "small/calls", input).unwrap(), r#"{{"result": 7}}"#);
    assert_eq!(ask(&snapshot, "small/calls", r#"{"values":[1,null]}"#).unwrap(), r#"{{"result": 1}}"#);
    assert_eq!(ask(&snapshot, "small/calls", r#"{"values":["halt"]}"#).unwrap_err(), EvalError::Builtin("bench.echo: halted".to_owned()));
    assert_eq!(ask(&snapshot, "small/calls", r#"{"values":[1]}"#).unwrap(), r#"{{"result": 1}}"#);
}

#[test]
fn missing_builtins_are_named_when_a_module_is_loaded() {
    let error = host().load(SMALL, |_| false, MissingBuiltins::Refuse).unwrap_err();
    assert_eq!(error.to_string(), "the policy calls builtins that are not there: `bench.echo`");
}

#[test]
fn memory_stays_where_it_was_over_many_evaluations() {
    let snapshot = snapshot();
    let id = snapshot.module().entrypoints()[0].id;
    let mut instance = snapshot.instance(Box::new(Same), soon()).unwrap();
    let input = value(r#"{"method":"GET","user":"ann"}"#);
    let mut evaluate = || {
        instance.evaluate(id, Some(&input), soon()).unwrap();
        instance.memory_bytes()
    };
    let first = evaluate();
    for _ in 0..5_000 {
        assert_eq!(evaluate(), first);
    }
}
