//! Fuzzes `bundle` of the harness.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!(!vidimus_fuzz::harness::bundle(data)));
