//! Distinguished encoding rules: tags, lengths and the few types that certificates and keys are made of.

use num_bigint::{BigInt, BigUint};

/// Tags that are read here.
pub(super) mod tag {
    pub(in crate::builtins::crypto) const BOOLEAN: u8 = 0x01;
    pub(in crate::builtins::crypto) const INTEGER: u8 = 0x02;
    pub(in crate::builtins::crypto) const BIT_STRING: u8 = 0x03;
    pub(in crate::builtins::crypto) const OCTET_STRING: u8 = 0x04;
    pub(in crate::builtins::crypto) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(in crate::builtins::crypto) const UTC_TIME: u8 = 0x17;
    pub(in crate::builtins::crypto) const GENERALIZED_TIME: u8 = 0x18;
    pub(in crate::builtins::crypto) const SEQUENCE: u8 = 0x30;
    pub(in crate::builtins::crypto) const SET: u8 = 0x31;
}

/// One element: its tag, its content, and all of its bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::builtins) struct Element<'a> {
    pub(in crate::builtins) tag: u8,
    pub(in crate::builtins) body: &'a [u8],
    pub(in crate::builtins) raw: &'a [u8],
}

/// Elements one after the other.
#[derive(Debug, Clone, Copy)]
pub(in crate::builtins) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(in crate::builtins) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    pub(in crate::builtins) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(in crate::builtins) fn next(&mut self) -> Option<Element<'a>> {
        let (tag, after) = self.rest.split_first()?;
        let (first, after) = after.split_first()?;
        let (length, after) = match first {
            0..=0x7f => (usize::from(*first), after),
            0x81..=0x84 => {
                let count = usize::from(first & 0x0f);
                let digits = after.get(..count)?;
                let length = digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
                // The shortest form is the only one.
                if length < 0x80 || digits.first() == Some(&0) {
                    return None;
                }
                (length, after.get(count..)?)
            }
            _ => return None,
        };
        // Tags of several bytes do not occur.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let body = after.get(..length)?;
        let rest = after.get(length..)?;
        let raw = self.rest.get(..self.rest.len() - rest.len())?;
        self.rest = rest;
        Some(Element { tag: *tag, body, raw })
    }

    /// The next element, if it has this tag.
    pub(in crate::builtins) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The next element, taken only if it has this tag.
    pub(in crate::builtins) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.expect(tag)?;
        *self = ahead;
        Some(element)
    }

    /// All that are left; nothing where one of them is broken.
    pub(in crate::builtins) fn all(mut self) -> Option<Vec<Element<'a>>> {
        let mut elements = Vec::new();
        while !self.is_empty() {
            elements.push(self.next()?);
        }
        Some(elements)
    }
}

impl<'a> Element<'a> {
    /// What is inside.
    pub(in crate::builtins) fn inside(&self) -> Reader<'a> {
        Reader::new(self.body)
    }

    pub(in crate::builtins) fn integer(&self) -> BigInt {
        BigInt::from_signed_bytes_be(self.body)
    }

    pub(in crate::builtins) fn small(&self) -> Option<i64> {
        i64::try_from(&self.integer()).ok()
    }

    /// The numbers of an object identifier.
    pub(in crate::builtins) fn identifier(&self) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        let mut number: u64 = 0;
        for byte in self.body {
            number = number.checked_mul(128)? | u64::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                continue;
            }
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
        (!numbers.is_empty() && self.body.last()? & 0x80 == 0).then_some(numbers)
    }

    /// The bytes of a bit string, shifted so that its last bit is the last one.
    pub(in crate::builtins) fn bits(&self) -> Option<Vec<u8>> {
        let (unused, bytes) = self.body.split_first()?;
        if *unused == 0 {
            return Some(bytes.to_vec());
        }
        let length = bytes.len();
        let shifted = (BigUint::from_bytes_be(bytes) >> u32::from(*unused)).to_bytes_be();
        Some(std::iter::repeat_n(0, length.saturating_sub(shifted.len())).chain(shifted).collect())
    }
}

/// Writes an element.
pub(in crate::builtins) fn write(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(body.len()) {
        Ok(length) if length < 0x80 => out.push(length),
        _ => {
            let digits: Vec<u8> = body.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend_from_slice(body);
    out
}

/// Writes a positive integer.
pub(in crate::builtins) fn write_integer(magnitude: &[u8]) -> Vec<u8> {
    write(tag::INTEGER, &BigInt::from(BigUint::from_bytes_be(magnitude)).to_signed_bytes_be())
}
