//! Numbers by chance, the same for the same seed (`SplitMix64`).

use crate::builtins::Value;

/// A source of chance.
#[derive(Debug)]
pub(in crate::builtins::tried) struct Random(u64);

impl Random {
    pub(in crate::builtins::tried) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// True in so many of a hundred cases.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of<T: Copy>(&mut self, any: &[T]) -> T {
        any[self.below(any.len())]
    }

    /// A number, often one at an edge.
    pub(super) fn number(&mut self) -> Value {
        match self.below(10) {
            0..4 => Value::from(i64::try_from(self.below(13)).unwrap() - 3),
            4 => Value::from(self.of(&[i64::MAX, i64::MIN, 1 << 31, (1 << 53) + 1, -1, 255, 256, 1_700_000_000_000_000_000])),
            5 => Value::from(self.of(&[0.5, -0.5, 1.5, 2.5, 1e21, 1e-7, 3.0, 0.1, 100.25, -273.15])),
            6 => Value::from_numeric_string(self.of(&["18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"]))
                .unwrap(),
            7 => Value::from(i64::try_from(self.next() >> self.below(60).max(1)).unwrap_or(7)),
            _ => Value::from(i64::try_from(self.below(1_000)).unwrap()),
        }
    }

    fn letter(&mut self) -> char {
        let plain: Vec<char> = "abzAZ019 .,:;-_/\\*?[](){}<>|&%$#@!~^+='\"`\n\t\r".chars().collect();
        let strange = ['é', 'ß', 'İ', '\u{301}', '€', '🦀', '\u{0}', '\u{7f}', '\u{a0}', '\u{2028}', '٣', '\u{feff}', '\u{fffd}'];
        if self.chance(85) { self.of(&plain) } else { self.of(&strange) }
    }

    /// A short text.
    pub(super) fn text(&mut self) -> String {
        (0..self.below(8)).map(|_| self.letter()).collect()
    }

    /// A text with something changed.
    pub(super) fn changed_text(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.below(letters.len() + 1);
        let end = (at + self.below(4)).min(letters.len());
        match self.below(8) {
            0 => letters.insert(at, self.letter()),
            1 => {
                letters.drain(at..end);
            }
            2 => {
                let again: Vec<char> = letters[at..end].to_vec();
                letters.splice(at..at, again);
            }
            3 if at < letters.len() => letters[at] = self.letter(),
            4 => letters.truncate(at),
            5 if at < letters.len() => {
                letters[at] = if letters[at].is_lowercase() { letters[at].to_ascii_uppercase() } else { letters[at].to_ascii_lowercase() }
            }
            6 => {
                let digits: Vec<usize> = (0..letters.len()).filter(|at| letters[*at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    letters[digits[self.below(digits.len())]] = self.of(&['0', '1', '2', '9', '5']);
                }
            }
            _ => {
                letters.rotate_left(at);
            }
        }
        letters.into_iter().take(200_000).collect()
    }
}
