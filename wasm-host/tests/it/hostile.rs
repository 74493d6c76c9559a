//! Guests that mean harm: each is stopped with a clear error, and the next evaluation does not notice.

use std::time::{Duration, Instant};

use vidimus_wasm_host::{EvalError, Host, Snapshot};

use crate::guest::{Echo, ask, guest, host, load, snapshot, value};

/// A well-meaning policy still decides on this host.
fn unharmed(host: &Host) {
    assert_eq!(ask(&snapshot(host, &[]), "{1}").unwrap().text(), "{{\"result\":{1}}}");
}

/// Evaluates a guest whose `part` is `code`; the host must be unharmed.
fn failing(part: &str, code: &str) -> EvalError {
    let host = host();
    let error = ask(&snapshot(&host, &[(part, code)]), "1").unwrap_err();
    unharmed(&host);
    error
}

fn brief(snapshot: &Snapshot) -> EvalError {
    let deadline = Instant::now() + Duration::from_millis(30);
    snapshot.evaluate(0, Some(&value("1")), Box::new(Echo), deadline).unwrap_err()
}

#[test]
fn an_endless_loop_ends_at_the_deadline() {
    let host = host();
    let started = Instant::now();
    assert_eq!(brief(&snapshot(&host, &[("eval", "(loop $on (br $on))")])), EvalError::Deadline);
    assert!(started.elapsed() < Duration::from_secs(15));
    unharmed(&host);
}

#[test]
fn an_endless_loop_in_the_start_function_ends_too() {
    let limits = vidimus_wasm_host::Limits { load_time: Duration::from_millis(30), ..crate::guest::limits() };
    let host = Host::new(vidimus_wasm_host::HostConfig { limits, cache: None }).unwrap();
    let error = load(&host, &guest(&[("start", "(loop $on (br $on))")])).unwrap_err();
    assert_eq!(error.to_string(), "the module cannot be started: the evaluation ran past its deadline");
    let error = load(&host, &guest(&[("start", "unreachable")])).unwrap_err();
    assert!(error.to_string().contains("unreachable"), "{error}");
    let error = load(&host, &guest(&[("start", "(drop (call $builtin0 (i32.const 3) (i32.const 0)))")])).unwrap_err();
    assert!(error.to_string().contains("cannot be started"), "{error}");
    let error = load(&host, &guest(&[("start", "(call $abort (i32.const 1088))")])).unwrap_err();
    assert!(error.to_string().contains("var assignment conflict"), "{error}");
}

#[test]
fn bombs_burst_in_their_own_room() {
    assert_eq!(failing("eval", "(loop $on (drop (call $malloc (i32.const 65536))) (br $on))"), EvalError::Memory);
    assert_eq!(failing("eval", "(if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))"), EvalError::Memory);
    assert_eq!(failing("eval", "(drop (call $deep (i32.const 0)))"), EvalError::Stack);
    assert!(matches!(failing("eval", "unreachable"), EvalError::Trap(_)));
    assert!(matches!(failing("eval", "(drop (i32.load (i32.const -8)))"), EvalError::Trap(_)));
    assert!(matches!(failing("eval", "(drop (i32.div_u (i32.const 1) (i32.const 0)))"), EvalError::Trap(_)));
}

#[test]
fn a_memory_that_begins_too_large_is_refused() {
    let error = load(&host(), &guest(&[("pages", "65")])).unwrap_err();
    assert!(error.to_string().contains("more than the 4194304"), "{error}");
}

#[test]
fn wrong_pointers_are_named() {
    for (address, why) in [("0", "null pointer"), ("-1", "outside of memory"), ("65536", "outside of memory"), ("2000000000", "outside")] {
        let error = failing("eval", &format!("(return (i32.const {address}))"));
        assert!(error.to_string().contains("the result") && error.to_string().contains(why), "{error}");
    }
    // An operand, and the buffer that the answer is to be written to.
    let operand = failing("eval", "(return (call $builtin1 (i32.const 7) (i32.const 0) (i32.const -4)))");
    assert!(operand.to_string().contains("an operand"), "{operand}");
    let malloc = "(if (i32.eq (local.get $bytes) (i32.const 1)) (then (return (i32.const -4))))";
    let host = host();
    let eval = "(return (call $builtin1 (i32.const 7) (i32.const 0) (local.get $input)))";
    let written = ask(&snapshot(&host, &[("malloc", malloc), ("eval", eval)]), "1").unwrap_err();
    assert!(written.to_string().contains("an address to write to"), "{written}");
    let data = load(&host, &guest(&[("malloc", "(return (i32.const -4))")])).unwrap().with_data(&value("{}")).unwrap_err();
    assert!(data.to_string().contains("an address to write to"), "{data}");
}

#[test]
fn negative_lengths_and_addresses_of_the_heap_are_no_way_out() {
    let host = host();
    for heap in ["-8", "2147483640", "2147483647"] {
        let start = format!("(global.set $heap (i32.const {heap}))");
        let loaded = load(&host, &guest(&[("start", &start)])).and_then(|module| module.with_data(&value("{}")));
        assert!(loaded.is_err(), "{heap}");
    }
    unharmed(&host);
}

#[test]
fn texts_are_bounded_and_utf_8() {
    // 128 KiB of `1` where 64 KiB may be read.
    let huge = "(local.set $data (call $malloc (i32.const 131080))) (memory.fill (local.get $data) (i32.const 49) (i32.const 131072)) (return (local.get $data))";
    assert_eq!(failing("eval", huge), EvalError::TooLarge { what: "the result", limit: 64 << 10 });
    assert!(failing("eval", "(return (i32.const 1150))").to_string().contains("utf-8"));
    assert!(failing("eval", "(return (i32.const 1160))").to_string().contains("utf-8"));
    let host = host();
    let unreadable = ask(&snapshot(&host, &[("eval", "(return (i32.const 1040))")]), "1").unwrap();
    let error = unreadable.read(&mut vidimus_wasm_host::text::Terms).unwrap_err();
    assert!(error.to_string().contains("a result that cannot be read"), "{error}");
    // Text up to the last byte of memory, without an end.
    let endless = "(memory.fill (i32.const 65000) (i32.const 49) (i32.const 536)) (return (i32.const 65000))";
    assert!(failing("eval", endless).to_string().contains("no end before the end of memory"));
    assert!(failing("eval", "(call $abort (i32.const 1150))").to_string().contains("utf-8"));
    assert!(failing("eval", "(call $abort (i32.const -1))").to_string().contains("outside of memory"));
    assert!(matches!(failing("eval", "(call $print (i32.const -1))"), EvalError::Malformed { .. }));
}

#[test]
fn builtins_are_called_by_their_numbers_and_not_from_within() {
    assert_eq!(failing("eval", "(return (call $builtin0 (i32.const 99) (i32.const 0)))"), EvalError::UnknownBuiltin(99));
    assert_eq!(failing("eval", "(return (call $builtin0 (i32.const -1) (i32.const 0)))"), EvalError::UnknownBuiltin(-1));
    let host = host();
    let within = [
        (
            "dump",
            "(if (i32.eq (i32.load8_u (local.get $value)) (i32.const 49)) (then (drop (call $builtin1 (i32.const 7) (i32.const 0) (local.get $value)))))",
        ),
        ("eval", "(return (call $builtin1 (i32.const 7) (i32.const 0) (local.get $input)))"),
    ];
    assert_eq!(ask(&snapshot(&host, &within), "1").unwrap_err(), EvalError::Reentrant);
    unharmed(&host);
}

/// OPA's own modules leak stack with every abort; an instance that aborted is never used again, so nothing adds up.
#[test]
fn a_thousand_aborts_leave_no_trace() {
    let host = host();
    let snapshot =
        snapshot(&host, &[("eval", "(if (i32.eq (i32.load8_u (local.get $input)) (i32.const 48)) (then (call $abort (i32.const 1088))))")]);
    for _ in 0..1000 {
        assert_eq!(ask(&snapshot, "0").unwrap_err(), EvalError::Abort("guest.rego:4:1: var assignment conflict".to_owned()));
    }
    assert_eq!(ask(&snapshot, "1").unwrap().text(), "{{\"result\":1}}");
}

/// While one guest runs to its deadline, others decide.
#[test]
fn a_guest_that_hangs_holds_up_nobody() {
    let host = host();
    let (endless, quick) = (snapshot(&host, &[("eval", "(loop $on (br $on))")]), snapshot(&host, &[]));
    std::thread::scope(|scope| {
        let hanging = scope.spawn(|| brief(&endless));
        for _ in 0..100 {
            ask(&quick, "1").unwrap();
        }
        assert_eq!(hanging.join().unwrap(), EvalError::Deadline);
    });
}
