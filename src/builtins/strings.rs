//! Strings. Positions and lengths count characters.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number};

pub(super) const FAMILY: Family = &[
    ("concat", Availability::Pure(concat)),
    ("contains", Availability::Pure(|operands| pair(operands, |text, part| text.contains(part)))),
    ("endswith", Availability::Pure(|operands| pair(operands, |text, end| text.ends_with(end)))),
    ("format_int", Availability::Pure(format_int)),
    ("indexof", Availability::Pure(indexof)),
    ("indexof_n", Availability::Pure(indexof_n)),
    ("lower", Availability::Pure(|operands| mapped(operands, lower))),
    ("replace", Availability::Pure(replace)),
    ("split", Availability::Pure(split)),
    ("startswith", Availability::Pure(|operands| pair(operands, |text, start| text.starts_with(start)))),
    ("strings.any_prefix_match", Availability::Pure(|operands| any_affix(operands, ToOwned::to_owned))),
    ("strings.any_suffix_match", Availability::Pure(|operands| any_affix(operands, |text| text.chars().rev().collect()))),
    ("strings.count", Availability::Pure(count)),
    ("strings.replace_n", Availability::Pure(replace_n)),
    ("strings.reverse", Availability::Pure(|operands| Ok(Value::from(operand::string(operands, 1)?.chars().rev().collect::<String>())))),
    ("strings.split_n", Availability::Pure(split_n)),
    ("substring", Availability::Pure(substring)),
    ("trim", Availability::Pure(|operands| trimmed(operands, |text, of| text.trim_matches(|c| of.contains(c))))),
    ("trim_left", Availability::Pure(|operands| trimmed(operands, |text, of| text.trim_start_matches(|c| of.contains(c))))),
    ("trim_prefix", Availability::Pure(|operands| trimmed(operands, |text, of| text.strip_prefix(of).unwrap_or(text)))),
    ("trim_right", Availability::Pure(|operands| trimmed(operands, |text, of| text.trim_end_matches(|c| of.contains(c))))),
    ("trim_space", Availability::Pure(|operands| Ok(Value::from(operand::string(operands, 1)?.trim())))),
    ("trim_suffix", Availability::Pure(|operands| trimmed(operands, |text, of| text.strip_suffix(of).unwrap_or(text)))),
    ("upper", Availability::Pure(|operands| mapped(operands, upper))),
];

/// Longest text that is made.
pub(super) const LONGEST: usize = 1 << 26;

fn too_long() -> Fault {
    Fault::failed("result too large")
}

fn pair(operands: &[Value], holds: fn(&str, &str) -> bool) -> Answer {
    Ok(Value::from(holds(operand::string(operands, 1)?, operand::string(operands, 2)?)))
}

fn trimmed(operands: &[Value], trim: for<'a> fn(&'a str, &str) -> &'a str) -> Answer {
    Ok(Value::from(trim(operand::string(operands, 1)?, operand::string(operands, 2)?)))
}

fn mapped(operands: &[Value], map: fn(char) -> char) -> Answer {
    Ok(Value::from(operand::string(operands, 1)?.chars().map(map).collect::<String>()))
}

/// One character for one, as Go maps case.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// One character for one: those that only have a longer capital form stay as they are.
fn upper(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => match u32::from(c) {
            0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => char::from_u32(u32::from(c) + 8).unwrap_or(c),
            0x1fb3 | 0x1fc3 | 0x1ff3 => char::from_u32(u32::from(c) + 9).unwrap_or(c),
            _ => c,
        },
    }
}

fn concat(operands: &[Value]) -> Answer {
    let separator = operand::string(operands, 1)?;
    let parts = match operand::any(operands, 2) {
        Value::Array(_) | Value::Set(_) => operand::strings(operands, 2)?,
        other => return Err(Fault::operand(2, other, &["set", "array"])),
    };
    let length = parts.iter().map(|part| part.len()).sum::<usize>().saturating_add(separator.len().saturating_mul(parts.len()));
    if length > LONGEST { Err(too_long()) } else { Ok(Value::from(parts.join(separator))) }
}

fn format_int(operands: &[Value]) -> Answer {
    let value = operand::number(operands, 1)?;
    let radix = match number::to_i64(operand::number(operands, 2)?) {
        Some(radix @ (2 | 8 | 10 | 16)) => u32::try_from(radix).unwrap_or(10),
        _ => return Err(Fault::Type("operand 2 must be one of {2, 8, 10, 16}".to_owned())),
    };
    let integer = match number::to_big(value) {
        Some(integer) => integer,
        None => super::decimal::Decimal::of(value).ok_or_else(|| Fault::failed("number too large"))?.truncated(),
    };
    Ok(Value::from(integer.to_str_radix(radix)))
}

/// Where `part` begins in `text`, in characters, overlaps included.
fn positions<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = usize> + 'a {
    let (mut at, mut from) = (0, 0);
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let offset = rest.find(part)?;
        at += rest.get(..offset)?.chars().count();
        let found = at;
        at += 1;
        from += offset + rest.get(offset..)?.chars().next().map_or(1, char::len_utf8);
        Some(found)
    })
}

fn search(operands: &[Value]) -> Result<(&str, &str), Fault> {
    let (text, part) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    if part.is_empty() { Err(Fault::failed("empty search character")) } else { Ok((text, part)) }
}

fn indexof(operands: &[Value]) -> Answer {
    let (text, part) = search(operands)?;
    let position = positions(text, part).next().and_then(|position| i64::try_from(position).ok());
    Ok(Value::from(position.unwrap_or(-1)))
}

fn indexof_n(operands: &[Value]) -> Answer {
    let (text, part) = search(operands)?;
    Ok(Value::from(positions(text, part).map(Value::from).collect::<Vec<_>>()))
}

fn substring(operands: &[Value]) -> Answer {
    let (text, offset, length) = (operand::string(operands, 1)?, operand::integer(operands, 2)?, operand::integer(operands, 3)?);
    let offset = usize::try_from(offset).map_err(|_| Fault::failed("negative offset"))?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::from(text.chars().skip(offset).take(length).collect::<String>()))
}

fn count(operands: &[Value]) -> Answer {
    let (text, part) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    Ok(Value::from(if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() }))
}

/// All parts; without a separator, the characters.
fn parts<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    if separator.is_empty() {
        return text.char_indices().filter_map(|(at, c)| text.get(at..at + c.len_utf8())).collect();
    }
    text.split(separator).collect()
}

fn list(parts: &[&str]) -> Value {
    Value::from(parts.iter().map(|part| Value::from(*part)).collect::<Vec<_>>())
}

fn split(operands: &[Value]) -> Answer {
    Ok(list(&parts(operand::string(operands, 1)?, operand::string(operands, 2)?)))
}

/// The first `n` parts; where `n` is negative, the last ones.
fn split_n(operands: &[Value]) -> Answer {
    let parts = parts(operand::string(operands, 1)?, operand::string(operands, 2)?);
    let n = operand::integer(operands, 3)?;
    let most = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX).min(parts.len());
    let kept = if n >= 0 { parts.get(..most) } else { parts.get(parts.len() - most..) };
    Ok(list(kept.unwrap_or_default()))
}

fn replace(operands: &[Value]) -> Answer {
    let (text, old, new) = (operand::string(operands, 1)?, operand::string(operands, 2)?, operand::string(operands, 3)?);
    let count = if old.is_empty() { text.len() + 1 } else { text.matches(old).count() };
    if text.len().saturating_add(count.saturating_mul(new.len())) > LONGEST {
        return Err(too_long());
    }
    Ok(Value::from(text.replace(old, new)))
}

/// One pass over the text. At the same place the pattern that sorts first wins.
fn replace_n(operands: &[Value]) -> Answer {
    let patterns = operand::object(operands, 1)?;
    let text = operand::string(operands, 2)?;
    let (mut old, mut new, mut between) = (Vec::new(), Vec::new(), None);
    for key in super::order::keys(patterns) {
        let bad = |what: &str| Fault::Type(format!("operand 1 non-string {what} found in pattern object"));
        let Value::String(pattern) = key else { return Err(bad("key")) };
        let Some(Value::String(replacement)) = patterns.get(key) else { return Err(bad("value")) };
        if pattern.is_empty() {
            between = Some(replacement.as_ref());
        } else {
            old.push(pattern.as_ref());
            new.push(replacement.as_ref());
        }
    }
    // Long patterns must cost the sum of the lengths and not their product: a prefilter compares whole patterns at each place, and
    // a full table follows the failures of each state to the root.
    let mut finder = AhoCorasick::builder();
    let finder = finder.match_kind(MatchKind::LeftmostFirst).kind(Some(AhoCorasickKind::ContiguousNFA)).prefilter(false);
    let finder = finder.build(&old).map_err(|error| Fault::failed(error.to_string()))?;
    let mut out = String::new();
    let mut last = 0;
    // The empty pattern matches in front of every character and every match.
    let copy = |out: &mut String, literal: &str| match between {
        Some(between) => literal.chars().for_each(|c| {
            out.push_str(between);
            out.push(c);
        }),
        None => out.push_str(literal),
    };
    for found in finder.find_iter(text) {
        copy(&mut out, text.get(last..found.start()).unwrap_or_default());
        out.push_str(between.unwrap_or_default());
        out.push_str(new.get(found.pattern().as_usize()).copied().unwrap_or_default());
        last = found.end();
        if out.len() > LONGEST {
            return Err(too_long());
        }
    }
    let rest = text.get(last..).unwrap_or_default();
    if between.is_some_and(|between| between.len().saturating_mul(rest.len()).saturating_add(out.len()) > LONGEST) {
        return Err(too_long());
    }
    copy(&mut out, rest);
    out.push_str(between.unwrap_or_default());
    Ok(Value::from(out))
}

/// Whether any string begins with any affix, both turned by `direction`.
fn any_affix(operands: &[Value], direction: fn(&str) -> String) -> Answer {
    let texts = |position: usize| match operand::any(operands, position) {
        Value::String(text) => Ok(vec![direction(text)]),
        Value::Array(_) | Value::Set(_) => Ok(operand::strings(operands, position)?.into_iter().map(direction).collect()),
        other => Err(Fault::operand(position, other, &["string", "set", "array"])),
    };
    let mut searched = texts(1)?;
    let affixes = texts(2)?;
    // Texts that share a prefix stand together, right behind the prefix itself.
    searched.sort();
    Ok(Value::from(affixes.iter().any(|affix| {
        let at = searched.partition_point(|text| text < affix);
        searched.get(at).is_some_and(|text| text.starts_with(affix.as_str()))
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes where places are compared with whole patterns, and an instant where they are not.
    #[test]
    fn long_patterns_that_nearly_match_everywhere_take_no_product_of_lengths() {
        let pattern = "a".repeat(400_000) + "b";
        let patterns = Value::from_json_str(&serde_json::json!({pattern: "x", "c>/b/d": "."}).to_string()).unwrap();
        let text = "a".repeat(4_000_000);
        assert_eq!(replace_n(&[patterns, Value::from(text.clone())]).unwrap(), Value::from(text));
    }
}
