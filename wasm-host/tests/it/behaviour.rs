//! What a policy that means well can rely on.

use std::time::{Duration, Instant};

use vidimus_wasm_host::text::{Term, Terms};
use vidimus_wasm_host::{AbiVersion, CacheDirectory, EvalError, Host, HostConfig, Snapshot};

use crate::guest::{Echo, ask, guest, host, limits, load, snapshot, soon, value};

/// `opa_builtin1` with `test.echo` and the input.
const ECHO: &str = "(return (call $wrap (call $builtin1 (i32.const 7) (i32.const 0) (local.get $input))))";

#[test]
fn what_a_module_is_can_be_read() {
    let module = load(&host(), &guest(&[])).unwrap();
    assert_eq!(module.version(), AbiVersion { major: 1, minor: 3 });
    let entrypoints: Vec<(&str, i32)> = module.entrypoints().iter().map(|one| (one.path.as_str(), one.id)).collect();
    assert_eq!(entrypoints, [("main/allow", 0), ("main/deny", 1)]);
    let builtins: Vec<(&str, i32)> = module.builtins().iter().map(|one| (one.name.as_str(), one.id)).collect();
    assert_eq!(builtins, [("test.none", 3), ("test.echo", 7)]);
    assert_eq!(module.digest().len(), 32);
}

#[test]
fn every_version_of_the_abi_decides_alike() {
    let host = host();
    for minor in ["0", "1", "2", "3", "9"] {
        let one_call = if minor < "2" { vec![("one_call", ""), ("minor", minor)] } else { vec![("minor", minor)] };
        let snapshot = snapshot(&host, &one_call);
        assert_eq!(ask(&snapshot, r#"{"a":{1,[2]}}"#).unwrap().text(), r#"{{"result":{"a":{1,[2]}}}}"#, "{minor}");
        assert!(snapshot.evaluate(2, None, Box::new(Echo), soon()).unwrap_err() == EvalError::Entrypoint(2));
    }
}

#[test]
fn values_cross_the_boundary_whole() {
    let snapshot = snapshot(&host(), &[("eval", ECHO)]);
    for text in ["{1,{2}}", "set()", "{[1]:{3}}", "12345678901234567890.5e3", r#""a\u0000b""#, "\"ü😀\"", "{}"] {
        let decision = ask(&snapshot, text).unwrap();
        let expected = Term::Set(vec![Term::Object(vec![(
            Term::String("result".to_owned()),
            vidimus_wasm_host::text::read(text, 9, &mut Terms).unwrap(),
        )])]);
        assert_eq!(decision.read(&mut Terms).unwrap(), expected);
    }
}

#[test]
fn an_undefined_answer_is_a_null_pointer_and_an_unreadable_one_an_error() {
    let host = host();
    let eval = "(if (i32.eqz (call $builtin0 (i32.const 3) (i32.const 0))) (then (return (i32.const 1072))))";
    assert_eq!(ask(&snapshot(&host, &[("eval", eval)]), "1").unwrap().text(), "set()");
    let echo = snapshot(&host, &[("eval", ECHO)]);
    assert_eq!(ask(&echo, "\"unreadable\"").unwrap_err(), EvalError::Unreadable("the answer of a builtin"));
    assert_eq!(ask(&echo, "\"halt\"").unwrap_err(), EvalError::Builtin("test.echo: halted".to_owned()));
}

#[test]
fn an_instance_is_used_again_until_it_fails() {
    let snapshot = snapshot(&host(), &[("eval", ECHO)]);
    let mut instance = snapshot.instance(Box::new(Echo), soon()).unwrap();
    let bytes = instance.memory_bytes();
    for number in 0..10_000 {
        let input = number.to_string();
        assert_eq!(instance.evaluate(0, Some(&value(&input)), soon()).unwrap().text(), format!("{{{{\"result\":{number}}}}}"));
    }
    assert_eq!(instance.memory_bytes(), bytes);
    assert!(matches!(instance.evaluate(0, Some(&value("\"halt\"")), soon()), Err(EvalError::Builtin(_))));
    assert_eq!(instance.evaluate(0, Some(&value("1")), soon()).unwrap_err(), EvalError::Spent);
}

/// As the second reading of an input of this length would, the guest gives up.
const READ_ONCE: &str = "(if (i32.eq (local.get $bytes) (i32.const 6)) (then
    (i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1)))
    (if (i32.gt_u (i32.load (i32.const 2048)) (i32.const 1)) (then (call $abort (i32.const 1088))))))";

#[test]
fn several_entrypoints_decide_about_an_input_that_is_read_once() {
    let host = host();
    let parts = [("malloc", READ_ONCE), ("eval", "(if (local.get $entrypoint) (then (return (call $wrap (local.get $data)))))")];
    for minor in ["1", "3"] {
        let older = if minor < "2" { &[("one_call", "")][..] } else { &[] };
        let snapshot = snapshot(&host, &[&parts[..], &[("minor", minor)], older].concat());
        let mut instance = snapshot.instance(Box::new(Echo), soon()).unwrap();
        let input = value("[1,2]");
        let mut asking = instance.asking(Some(&input), soon()).unwrap();
        for _ in 0..2_000 {
            assert_eq!(asking.evaluate(0).unwrap().text(), r#"{{"result":[1,2]}}"#);
            assert_eq!(asking.evaluate(1).unwrap().text(), r#"{{"result":{"d":1}}}"#);
        }
        assert_eq!(asking.evaluate(2).unwrap_err(), EvalError::Entrypoint(2));
        let bytes = instance.memory_bytes();
        assert_eq!(bytes, 65_536, "each begins behind the input");
        assert!(matches!(instance.evaluate(0, Some(&input), soon()), Err(EvalError::Abort(_))), "it was read a second time");
        assert_eq!(instance.asking(Some(&input), soon()).unwrap_err(), EvalError::Spent);
    }
}

#[test]
fn what_ends_one_of_several_evaluations_ends_all() {
    let eval = "(if (local.get $entrypoint) (then (loop $ever (br $ever))))";
    let snapshot = snapshot(&host(), &[("eval", eval)]);
    let mut instance = snapshot.instance(Box::new(Echo), soon()).unwrap();
    let input = value("1");
    let mut asking = instance.asking(Some(&input), Instant::now() + Duration::from_millis(30)).unwrap();
    assert_eq!(asking.evaluate(0).unwrap().text(), r#"{{"result":1}}"#);
    assert_eq!(asking.evaluate(1).unwrap_err(), EvalError::Deadline);
    assert_eq!(asking.evaluate(0).unwrap_err(), EvalError::Spent);
    let mut other = snapshot.instance(Box::new(Echo), soon()).unwrap();
    assert_eq!(other.asking(Some(&value("null")), soon()).unwrap_err(), EvalError::Unreadable("the input"));
}

/// Each evaluation begins where the data was parsed: what one writes, no other sees.
#[test]
fn instances_share_nothing_and_the_start_function_runs_once() {
    let parts = [
        ("start", "(i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1)))"),
        ("eval", "(i32.store (i32.const 2048) (i32.add (i32.load (i32.const 2048)) (i32.const 1))) (global.set $runs (i64.add (global.get $runs) (i64.const 1)))
          (if (i32.ne (i32.load (i32.const 2048)) (i32.const 2)) (then (call $abort (i32.const 1088))))
          (if (i64.ne (global.get $runs) (i64.const 1)) (then (call $abort (i32.const 1088))))"),
    ];
    let snapshot = snapshot(&host(), &parts);
    for _ in 0..50 {
        ask(&snapshot, "1").unwrap();
    }
}

/// The data of one snapshot is nothing to another of the same module.
#[test]
fn a_module_takes_several_data() {
    let module = load(&host(), &guest(&[("eval", "(return (call $wrap (local.get $data)))")])).unwrap();
    let with = |data: &str| -> Snapshot { module.with_data(&value(data)).unwrap() };
    let (one, other) = (with(r#"{"a":{1}}"#), with(r#"{"b":2}"#));
    assert_eq!(ask(&one, "1").unwrap().text(), r#"{{"result":{"a":{1}}}}"#);
    assert_eq!(ask(&other, "1").unwrap().text(), r#"{{"result":{"b":2}}}"#);
    assert!(module.with_data(&value("null")).unwrap_err().to_string().contains("cannot read the data"));
}

#[test]
fn large_inputs_let_memory_grow() {
    let snapshot = snapshot(&host(), &[("eval", "(return (i32.const 1072))")]);
    let input = format!("[{}1]", "1,".repeat(600_000));
    assert_eq!(ask(&snapshot, &input).unwrap().text(), "set()");
    let input = format!("[{}1]", "1,".repeat(4_000_000));
    assert_eq!(ask(&snapshot, &input).unwrap_err(), EvalError::Memory);
}

#[test]
fn more_instances_than_there_is_room_for_wait() {
    let snapshot = snapshot(&host(), &[]);
    let held: Vec<_> = (0..limits().instances).map(|_| snapshot.instance(Box::new(Echo), soon()).unwrap()).collect();
    let short = Instant::now() + Duration::from_millis(20);
    assert_eq!(snapshot.instance(Box::new(Echo), short).unwrap_err(), EvalError::Deadline);
    drop(held);
    assert!(snapshot.instance(Box::new(Echo), soon()).is_ok());
}

#[test]
fn many_threads_evaluate_at_once() {
    let snapshot = snapshot(&host(), &[("eval", ECHO)]);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let snapshot = &snapshot;
            scope.spawn(move || {
                for number in 0..200 {
                    let input = (thread * 1000 + number).to_string();
                    assert_eq!(ask(snapshot, &input).unwrap().text(), format!("{{{{\"result\":{input}}}}}"));
                }
            });
        }
    });
}

#[test]
fn compiled_code_is_kept_in_a_directory_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("code");
    let run = || {
        let cache = Some(CacheDirectory::open(&place).unwrap());
        let host = Host::new(HostConfig { limits: limits(), cache }).unwrap();
        assert_eq!(ask(&snapshot(&host, &[]), "1").unwrap().text(), "{{\"result\":1}}");
        host.cache_use().unwrap()
    };
    assert_eq!(run(), (0, 2));
    assert_eq!(run(), (2, 0));
    // What was cut short or changed is compiled again.
    let code = compiled_code(&place);
    assert_eq!(code.len(), 2);
    for entry in code {
        let bytes = std::fs::read(&entry).unwrap();
        std::fs::write(&entry, &bytes[..bytes.len() / 2]).unwrap();
    }
    assert_eq!(run(), (0, 2));
}

/// The files of compiled code, which have no extension. Those beside them count uses: a thread of the cache writes and renames
/// them whenever it likes.
fn compiled_code(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { compiled_code(&path) } else { vec![path] });
    found.filter(|path| path.extension().is_none()).collect()
}
