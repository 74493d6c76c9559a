//! Semantic versions; a leading `v` is allowed.

use std::cmp::Ordering;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family};

pub(super) const FAMILY: Family = &[
    ("semver.compare", Availability::Pure(compare)),
    (
        "semver.is_valid",
        Availability::Pure(|operands| Ok(Value::from(operand::string(operands, 1).is_ok_and(|text| Version::parse(text).is_some())))),
    ),
];

/// A version without its build metadata, which does not order.
#[derive(Debug)]
struct Version<'a> {
    numbers: [i64; 3],
    prerelease: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let (core, prerelease) = rest.split_once('-').map_or((rest, None), |(core, prerelease)| (core, Some(prerelease)));
        if !build.is_none_or(|build| identifiers(build, false)) || !prerelease.is_none_or(|prerelease| identifiers(prerelease, true)) {
            return None;
        }
        let mut numbers = core.split('.').map(number);
        let version = Version { numbers: [numbers.next()??, numbers.next()??, numbers.next()??], prerelease };
        numbers.next().is_none().then_some(version)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.prerelease, other.prerelease) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => prereleases(left, right),
        })
    }
}

fn number(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Dots between identifiers that are not empty; numeric ones of a prerelease have no leading zero.
fn identifiers(text: &str, no_leading_zero: bool) -> bool {
    text.split('.').all(|part| {
        let numeric = part.bytes().all(|byte| byte.is_ascii_digit());
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !(no_leading_zero && numeric && part.len() > 1 && part.starts_with('0'))
    })
}

fn prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match (digits(left), digits(right)) {
                // Without leading zeros, the longer number is the larger one.
                (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn compare(operands: &[Value]) -> Answer {
    let texts = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    let read = |position: usize, text| {
        let shown = super::term_text::of(operand::any(operands, position));
        Version::parse(text).ok_or_else(|| Fault::failed(format!("operand {position}: string {shown} is not a valid SemVer")))
    };
    let (left, right) = (read(1, texts.0)?, read(2, texts.1)?);
    Ok(Value::from(match left.compare(&right) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}
