//! Fuzzes `guest_text` of the harness.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!(!vidimus_fuzz::harness::guest_text(data)));
