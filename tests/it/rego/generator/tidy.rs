//! Variables that `some .. in` or `every` declares and nothing uses: OPA refuses such programs, which then show nothing else.

use std::collections::BTreeMap;

/// The text with `_` in the place of each of them.
pub(super) fn unused(text: &str) -> String {
    let words = words(text);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (word, _) in &words {
        *counts.entry(word).or_default() += 1;
    }
    let (mut tidy, mut copied, mut declares) = (String::with_capacity(text.len()), 0, false);
    for (word, start) in words {
        match word {
            "some" | "every" => declares = true,
            "in" => declares = false,
            name if declares && counts[name] == 1 && name != "_" && !text.get(..start).unwrap().ends_with('"') => {
                tidy.push_str(text.get(copied..start).unwrap());
                tidy.push('_');
                copied = start + name.len();
            }
            _ => {}
        }
    }
    tidy.push_str(text.get(copied..).unwrap());
    tidy
}

/// The words of a text, and where each begins.
fn words(text: &str) -> Vec<(&str, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_part(c), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                found.push((text.get(first..at).unwrap(), first));
                start = None;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn what_is_declared_and_not_used_has_no_name() {
    let text = "p if {\n  some v1, [v2, _] in input.a\n  some {\"k\": v3} in v1\n  v4 := 1\n}\n";
    assert_eq!(unused(text), "p if {\n  some v1, [_, _] in input.a\n  some {\"k\": _} in v1\n  v4 := 1\n}\n");
}
