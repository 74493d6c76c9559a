//! Fuzzes `simple_signing` of the harness.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!(!vidimus_fuzz::harness::simple_signing(data)));
