//! Modules that are no policies, or not of a kind that is known.

use vidimus_wasm_host::{BuiltinError, EvalError, LoadError, MissingBuiltins};

use crate::guest::{ask, guest, host, known, load, soon, text, value};

fn refused(wasm: &[u8]) -> String {
    load(&host(), wasm).unwrap_err().to_string()
}

#[test]
fn a_module_is_read_only_where_it_is_one() {
    assert!(refused(b"").contains("not a WebAssembly policy"));
    assert!(refused(b"package main").contains("not a WebAssembly policy"));
    // The header of a component.
    assert!(refused(b"\0asm\x0d\0\x01\0").contains("not a WebAssembly policy"));
    let whole = guest(&[]);
    for length in [4, 8, 20, whole.len() / 2, whole.len() - 1] {
        assert!(load(&host(), &whole[..length]).is_err(), "{length} bytes");
    }
    let mut changed = 0;
    let host = host();
    for at in (8..whole.len()).step_by(37) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        // Whatever comes of it, it comes in order.
        let loaded = load(&host, &broken).and_then(|module| module.with_data(&value("{}")));
        changed += usize::from(loaded.is_err());
    }
    assert!(changed > 0);
}

#[test]
fn a_hundred_mebibytes_are_not_read() {
    let error = load(&host(), &vec![0; 100 << 20]).unwrap_err();
    assert!(matches!(error, LoadError::TooLarge { bytes: 104_857_600, .. }), "{error}");
}

#[test]
fn other_versions_of_the_abi_are_refused() {
    for (major, minor) in [("2", "0"), ("0", "3"), ("-1", "0"), ("1", "-1")] {
        let error = refused(&guest(&[("major", major), ("minor", minor)]));
        assert_eq!(error, format!("ABI version {major}.{minor} is not supported, only 1.x"));
    }
}

#[test]
fn exports_must_be_there_and_of_their_types() {
    for name in [
        "opa_malloc",
        "opa_free",
        "opa_value_parse",
        "opa_value_dump",
        "opa_heap_ptr_get",
        "builtins",
        "entrypoints",
        "opa_wasm_abi_version",
    ] {
        let without = text(&[]).replace(&format!("(export \"{name}\""), "(export \"gone\"");
        assert!(refused(&wat::parse_str(without).unwrap()).contains(&format!("no export `{name}`")), "{name}");
    }
    let neither = text(&[("one_call", "")]).replace("(export \"eval\")", "");
    assert!(refused(&wat::parse_str(neither).unwrap()).contains("no export `eval`"));
    let other = text(&[]).replace("(func (export \"opa_free\") (param i32))", "(func (export \"opa_free\") (param i64))");
    let loaded = load(&host(), &wat::parse_str(other).unwrap()).and_then(|module| module.with_data(&value("{}")));
    assert!(loaded.unwrap_err().to_string().contains("another type"));
}

#[test]
fn imports_are_those_of_policies_only() {
    for import in [
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
        r#"(import "env" "opa_builtin5" (func (param i32 i32 i32 i32 i32 i32 i32) (result i32)))"#,
        r#"(import "env" "opa_builtin3" (func (param i32) (result i32)))"#,
        r#"(import "env" "g" (global i32))"#,
    ] {
        let wat = text(&[]).replacen("(import", &format!("{import} (import"), 1);
        assert!(refused(&wat::parse_str(wat).unwrap()).contains("which no policy does"), "{import}");
    }
}

#[test]
fn what_an_image_could_not_hold_is_refused() {
    let changes = [("eval", "(table.copy (i32.const 0) (i32.const 0) (i32.const 1))"), ("eval", "(elem.drop 0)")];
    for (part, code) in changes {
        assert!(refused(&guest(&[(part, code)])).contains("changes tables or segments"), "{code}");
    }
    let passive = text(&[]).replacen("(data (i32.const 64)", "(data \"x\") (data (i32.const 64)", 1);
    assert!(refused(&wat::parse_str(passive).unwrap()).contains("not there from the start"));
    let threads = text(&[]).replace("(memory 1)", "(memory 1 2 shared)");
    assert!(refused(&wat::parse_str(threads).unwrap()).contains("not a WebAssembly policy"));
}

#[test]
fn declarations_are_read_with_care() {
    for (part, bad) in [
        ("builtins", "[1]"),
        ("builtins", r"{\22a\22:\22b\22}"),
        ("builtins", "{"),
        ("entrypoints", r"{1:2}"),
        ("entrypoints", r"{\22a\22:99999999999}"),
    ] {
        assert!(refused(&guest(&[(part, bad)])).contains("that cannot be read"), "{bad}");
    }
    assert!(refused(&guest(&[("builtins_at", "-5")])).contains("outside of memory"));
}

#[test]
fn every_missing_builtin_is_named_and_traps_where_that_is_wanted() {
    let wasm = guest(&[
        ("builtins", r"{\22other.one\22:1,\22test.echo\22:7,\22other.two\22:2}"),
        (
            "eval",
            "(if (i32.eq (i32.load8_u (local.get $input)) (i32.const 48)) (then (return (call $builtin0 (i32.const 2) (i32.const 0)))))",
        ),
    ]);
    let host = host();
    let error = host.load(&wasm, known, MissingBuiltins::Refuse).unwrap_err();
    assert_eq!(error.to_string(), "the policy calls builtins that are not there: `other.one`, `other.two`");
    let snapshot = host.load(&wasm, known, MissingBuiltins::Trap).unwrap().with_data(&value("{}")).unwrap();
    assert_eq!(ask(&snapshot, "1").unwrap().text(), "{{\"result\":1}}");
    assert_eq!(ask(&snapshot, "0").unwrap_err(), EvalError::MissingBuiltin("other.two".to_owned()));
    let nobody = snapshot.evaluate(0, Some(&value("1")), Box::new(vidimus_wasm_host::NoBuiltins), soon()).unwrap();
    assert_eq!(nobody.text(), "{{\"result\":1}}");
    assert_eq!(BuiltinError("x".to_owned()).to_string(), "x");
}

/// As OPA's compiler leaves it where policies have many strings.
#[test]
fn data_may_lie_beyond_the_memory_that_is_declared() {
    let with = |data: &str| wat::parse_str(text(&[]).trim_end().strip_suffix(')').unwrap().to_owned() + data + ")").unwrap();
    let module = load(&host(), &with(r#"(data (i32.const 65530) "far beyond the first page")"#)).unwrap();
    assert!(module.with_data(&value("{}")).is_ok());
    let error = load(&host(), &with(r#"(data (i32.const -16) "at the end of all")"#)).unwrap_err();
    assert!(matches!(error, LoadError::Memory { bytes: 4_295_032_832, .. }), "{error:?}");
}
