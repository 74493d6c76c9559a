//! The key encoding is injective: whatever was encoded can be read back, and so nothing else encodes to it.

use std::collections::HashMap;

use vidimus::memo::KeyEncoding;

use super::random::Random;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Bytes(Vec<u8>),
    Number(u64),
    Variant(u64),
    List(u64),
}

/// Parts that are likely to be mistaken for each other: short, of few letters, some of them looking like frames.
fn part(random: &mut Random) -> Part {
    let content = |random: &mut Random| {
        let letters = b"tb\0\x01\x09nvl";
        (0..random.below(12)).map(|_| letters[usize::try_from(random.below(8)).unwrap()]).collect::<Vec<u8>>()
    };
    match random.below(6) {
        0 | 1 => Part::Text(String::from_utf8(content(random)).unwrap()),
        2 => Part::Bytes(content(random)),
        3 => Part::Number(random.below(3)),
        4 => Part::Variant(random.below(3)),
        _ => Part::List(random.below(3)),
    }
}

fn encode(kind: &str, parts: &[Part]) -> KeyEncoding {
    let mut encoding = KeyEncoding::new(kind);
    for part in parts {
        match part {
            Part::Text(text) => encoding.text(text),
            Part::Bytes(bytes) => encoding.bytes(bytes),
            Part::Number(number) => encoding.number(*number),
            Part::Variant(which) => encoding.variant(*which),
            Part::List(items) => encoding.list(usize::try_from(*items).unwrap()),
        };
    }
    encoding
}

/// The inverse, which is what makes the encoding injective. Knows the layout from its description only.
fn decode(mut bytes: &[u8]) -> Vec<Part> {
    let mut take = |length: usize| {
        let (head, rest) = bytes.split_at(length);
        bytes = rest;
        (head.to_vec(), rest.is_empty())
    };
    assert_eq!(take(1).0, [1], "the version comes first");
    let mut parts = Vec::new();
    loop {
        let tag = take(1).0[0];
        let (number, mut last) = take(8);
        let number = u64::from_be_bytes(number.try_into().unwrap());
        let mut content = || {
            let (content, end) = take(usize::try_from(number).unwrap());
            last = end;
            content
        };
        parts.push(match tag {
            b't' => Part::Text(String::from_utf8(content()).unwrap()),
            b'b' => Part::Bytes(content()),
            b'n' => Part::Number(number),
            b'v' => Part::Variant(number),
            b'l' => Part::List(number),
            other => panic!("no such tag: {other}"),
        });
        if last {
            return parts;
        }
    }
}

#[test]
fn whatever_was_encoded_can_be_read_back() {
    let mut random = Random::new(8);
    let mut seen: HashMap<Vec<u8>, Vec<Part>> = HashMap::new();
    for _ in 0..20_000 {
        let mut parts: Vec<Part> = (0..random.below(6)).map(|_| part(&mut random)).collect();
        let encoding = encode("verdict", &parts);
        parts.insert(0, Part::Text("verdict".to_owned()));
        assert_eq!(decode(encoding.as_bytes()), parts);
        if let Some(other) = seen.insert(encoding.as_bytes().to_vec(), parts.clone()) {
            assert_eq!(other, parts);
        }
    }
    assert!(seen.len() > 10_000, "the parts differ: {}", seen.len());
}

#[test]
fn what_concatenates_alike_is_named_apart() {
    let name = |parts: &[Part]| encode("verdict", parts).name();
    let text = |text: &str| Part::Text(text.to_owned());
    assert_ne!(name(&[text("ab"), text("c")]), name(&[text("a"), text("bc")]));
    assert_ne!(name(&[text("a")]), name(&[Part::Bytes(b"a".to_vec())]));
    assert_ne!(name(&[text("")]), name(&[]));
    assert_ne!(name(&[Part::List(2), text("a"), text("b")]), name(&[Part::List(1), text("a"), text("b")]));
    assert_ne!(encode("verdict", &[]).name(), encode("manifest", &[]).name());
}

#[test]
fn the_layout_is_pinned() {
    let encoding = encode("k", &[Part::Text("ab".to_owned()), Part::Number(258)]);
    assert_eq!(encoding.as_bytes(), b"\x01t\0\0\0\0\0\0\0\x01kt\0\0\0\0\0\0\0\x02abn\0\0\0\0\0\0\x01\x02");
    assert_eq!(encoding.name().to_string(), "c0e10ec1e6d0268b84a94cba7850d7f0c3df388cbdad4ec7dc01fb66a11d1829");
}
