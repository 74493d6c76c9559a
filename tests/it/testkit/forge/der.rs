//! As much DER as certificates need (X.690).

/// One element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        short @ 0..0x80 => der.push(u8::try_from(short).unwrap()),
        long => {
            let length: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            der.push(0x80 | u8::try_from(length.len()).unwrap());
            der.extend(length);
        }
    }
    der.extend_from_slice(content);
    der
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x31, &parts.concat())
}

pub(super) fn text(text: &str) -> Vec<u8> {
    element(0x0c, text.as_bytes())
}

pub(super) fn integer(small: u8) -> Vec<u8> {
    element(0x02, &[small])
}

/// A distinguished name of one part; the empty text makes the empty name.
pub(super) fn name(common: &str) -> Vec<u8> {
    if common.is_empty() {
        return sequence(&[]);
    }
    sequence(&[set(&[sequence(&[identifier("2.5.4.3"), text(common)])])])
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    element(0x04, bytes)
}

pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// An object identifier in dotted form.
pub(super) fn identifier(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u32> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = vec![u8::try_from(arcs[0] * 40 + arcs[1]).unwrap()];
    for arc in &arcs[2..] {
        let mut groups = vec![u8::try_from(arc & 0x7f).unwrap()];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        content.extend(groups.into_iter().rev());
    }
    element(0x06, &content)
}

/// A time before 2050, in seconds since 1970.
pub(super) fn time(seconds: i64) -> Vec<u8> {
    let time = jiff::Timestamp::from_second(seconds).unwrap().strftime("%y%m%d%H%M%SZ").to_string();
    element(0x17, time.as_bytes())
}
