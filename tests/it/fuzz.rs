//! A short, repeatable run of every fuzz target over mutations of its seeds: nothing panics, nothing is accepted.

#[path = "../../fuzz/src/harness.rs"]
#[expect(unreachable_pub, reason = "the harness is a library's elsewhere")]
mod harness;

use std::path::Path;

use harness::TARGETS;

/// Mutations of each target's seeds; eight targets make more than ten thousand.
const MUTATIONS: usize = 1500;

/// Texts that parsers trip over.
const TOKENS: [&[u8]; 14] = [
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e400",
    b"\\u0000",
    b"\xff\xfe",
    b"[[[[[[[[",
    b"=",
    b"\n",
    b"\"sha256\":",
];

/// A generator that gives the same numbers everywhere (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % bound.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..(start + 1 + self.below(16)).min(length)
    }
}

/// One to three changes of a seed, the other seed being there to take from.
fn mutated(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.drain(dice.range(bytes.len()))),
            2 => {
                let copy = bytes[dice.range(bytes.len())].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            3 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].iter().copied())),
            4 => {
                let token = TOKENS[dice.below(TOKENS.len())];
                drop(bytes.splice(dice.range(bytes.len()), token.iter().copied()));
            }
            5 => drop(bytes.splice(at.., other[dice.below(other.len())..].iter().copied())),
            // A letter of what is base64, hexadecimal or a word: the text stays well formed and means another thing.
            _ => {
                if let Some(letter) = bytes.get_mut(at).filter(|byte| byte.is_ascii_alphanumeric()) {
                    *letter = b"abcdef0123456789ABCDEF"[dice.below(22)];
                }
            }
        }
    }
    bytes
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs one target over its seeds and their mutations.
fn run(name: &str) {
    let (number, (_, target)) = TARGETS.iter().enumerate().find(|(_, (known, _))| *known == name).unwrap();
    let seeds = seeds(name);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 + u64::try_from(number).unwrap());
    for seed in &seeds {
        assert!(!target(seed), "a seed of `{name}` is about another image");
    }
    for round in 0..MUTATIONS {
        let other = &seeds[dice.below(seeds.len())];
        let input = mutated(&seeds[round % seeds.len()], other, &mut dice);
        assert!(!target(&input), "`{name}` accepts round {round}: {}", String::from_utf8_lossy(&input));
    }
}

#[test]
fn options_are_never_for_anybody() {
    run("options");
}

#[test]
fn a_reference_reads_as_it_prints() {
    run("reference");
}

#[test]
fn no_bundle_is_accepted() {
    run("bundle");
}

#[test]
fn no_annotations_are_accepted() {
    run("legacy");
}

#[test]
fn no_envelope_is_accepted() {
    run("dsse");
}

#[test]
fn no_payload_is_accepted() {
    run("simple_signing");
}

#[test]
fn no_manifest_is_accepted() {
    run("manifest");
}

#[test]
fn what_a_guest_hands_over_reads_as_it_is_written() {
    run("guest_text");
}

#[test]
fn the_inputs_are_more_than_ten_thousand() {
    assert!(MUTATIONS * TARGETS.len() >= 10_000);
}
