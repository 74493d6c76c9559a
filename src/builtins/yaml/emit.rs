//! Writing YAML: two spaces for each level, keys in natural order, quotation marks where text would be misread.

use std::cmp::Ordering;

use super::scalar;
use crate::builtins::call::Value;
use crate::builtins::operand::Fault;
use crate::builtins::{decimal, json, number, order, strings};

pub(super) fn emit(value: &Value) -> Result<String, Fault> {
    let mut out = String::new();
    let mut emitter = Emitter { out: &mut out };
    emitter.block(value, 0, false)?;
    Ok(out)
}

/// Longest key that stands before its colon, in bytes; others stand behind `?`.
const LONGEST_KEY: usize = 128;

struct Emitter<'a> {
    out: &'a mut String,
}

/// Digits compare as numbers, letters come after everything else.
fn natural(left: &str, right: &str) -> Ordering {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut at = 0;
    while let (Some(a), Some(b)) = (left.get(at), right.get(at)) {
        if a == b {
            at += 1;
            continue;
        }
        let digits = |text: &[char]| text.iter().skip(at).take_while(|c| c.is_ascii_digit()).collect::<String>();
        let (a_digits, b_digits) = (digits(&left), digits(&right));
        if !a_digits.is_empty() && !b_digits.is_empty() {
            let numbers = (a_digits.parse::<u128>().unwrap_or(u128::MAX)).cmp(&b_digits.parse::<u128>().unwrap_or(u128::MAX));
            return numbers.then_with(|| a_digits.len().cmp(&b_digits.len())).then_with(|| a.cmp(b));
        }
        return match (a.is_alphabetic(), b.is_alphabetic()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => a.cmp(b),
        };
    }
    left.len().cmp(&right.len())
}

fn members(object: &regorus::value::Object) -> Result<Vec<(String, &Value)>, Fault> {
    let name = |key: &Value| match key {
        Value::String(text) => Ok(text.to_string()),
        other => json::marshal(other),
    };
    let members = object.iter().map(|(key, value)| Ok((name(key)?, value))).collect::<Result<Vec<_>, Fault>>()?;
    Ok(sorted(members))
}

/// Sorted by merging. The standard library's sorts may panic: this order goes in circles for names such as `0a`, `1`, `01`.
fn sorted<T>(mut items: Vec<(String, T)>) -> Vec<(String, T)> {
    if items.len() < 2 {
        return items;
    }
    let right = sorted(items.split_off(items.len() / 2));
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let (mut left, mut right) = (sorted(items).into_iter().peekable(), right.into_iter().peekable());
    while let (Some((one, _)), Some((other, _))) = (left.peek(), right.peek()) {
        let next = if natural(one, other) == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left.chain(right));
    merged
}

impl Emitter<'_> {
    /// A value at this level. `inline`: something stands on the line already.
    fn block(&mut self, value: &Value, level: usize, inline: bool) -> Result<(), Fault> {
        if self.out.len() > strings::LONGEST {
            return Err(Fault::failed("result too large"));
        }
        match value {
            Value::Object(object) if !object.is_empty() => {
                for (at, (name, member)) in members(object)?.into_iter().enumerate() {
                    if at > 0 || !inline {
                        self.indent(level);
                    }
                    if name.contains('\n') || name.len() > LONGEST_KEY {
                        self.out.push_str("? ");
                        self.scalar_text(&name, level + 1);
                        self.end_line();
                        self.indent(level);
                        self.out.push_str(": ");
                        self.block(member, level + 1, true)?;
                        continue;
                    }
                    self.scalar_text(&name, level);
                    self.out.push(':');
                    self.member(member, level)?;
                }
            }
            Value::Array(array) if !array.is_empty() => self.sequence(&array.iter().collect::<Vec<_>>(), level, inline)?,
            Value::Set(set) if !set.is_empty() => self.sequence(&order::of_set(set), level, inline)?,
            scalar => {
                self.scalar(scalar, level);
                self.end_line();
            }
        }
        Ok(())
    }

    fn sequence(&mut self, elements: &[&Value], level: usize, inline: bool) -> Result<(), Fault> {
        for (at, element) in elements.iter().enumerate() {
            if at > 0 || !inline {
                self.indent(level);
            }
            self.out.push_str("- ");
            self.block(element, level + 1, true)?;
        }
        Ok(())
    }

    fn member(&mut self, member: &Value, level: usize) -> Result<(), Fault> {
        let nested = match member {
            Value::Object(object) => !object.is_empty(),
            Value::Array(array) => !array.is_empty(),
            Value::Set(set) => !set.is_empty(),
            _ => false,
        };
        if nested {
            self.out.push('\n');
            return self.block(member, level + 1, false);
        }
        self.out.push(' ');
        self.scalar(member, level + 1);
        self.end_line();
        Ok(())
    }

    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    /// Literal text has ended its line itself.
    fn end_line(&mut self) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn scalar(&mut self, value: &Value, level: usize) {
        match value {
            Value::String(text) => self.scalar_text(text, level),
            Value::Number(_) => self.out.push_str(&number_text(value)),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Object(_) => self.out.push_str("{}"),
            Value::Array(_) | Value::Set(_) => self.out.push_str("[]"),
            Value::Null | Value::Undefined => self.out.push_str("null"),
        }
    }

    fn scalar_text(&mut self, text: &str, level: usize) {
        let printable = text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c));
        if text.contains('\n') && printable && !text.starts_with([' ', '\n']) && !text.contains(" \n") && !text.ends_with(' ') {
            return self.literal(text, level.max(1));
        }
        if !printable || text.contains(['\n', '\t']) || (text.is_empty() || scalar::is_ambiguous(text)) {
            return self.double_quoted(text);
        }
        if is_plain(text) {
            self.out.push_str(text);
        } else {
            self.out.push('\'');
            self.out.push_str(&text.replace('\'', "''"));
            self.out.push('\'');
        }
    }

    fn double_quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '\0' => self.out.push_str("\\0"),
                '\u{7}' => self.out.push_str("\\a"),
                '\u{8}' => self.out.push_str("\\b"),
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\u{b}' => self.out.push_str("\\v"),
                '\u{c}' => self.out.push_str("\\f"),
                '\r' => self.out.push_str("\\r"),
                '\u{1b}' => self.out.push_str("\\e"),
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\u{85}' => self.out.push_str("\\N"),
                '\u{2028}' => self.out.push_str("\\L"),
                '\u{2029}' => self.out.push_str("\\P"),
                plain if is_printable(plain) => self.out.push(plain),
                other => self.out.push_str(&escaped(other)),
            }
        }
        self.out.push('"');
    }

    fn literal(&mut self, text: &str, level: usize) {
        let kept = text.trim_end_matches('\n');
        self.out.push_str(match text.len() - kept.len() {
            0 => "|-\n",
            1 => "|\n",
            _ => "|+\n",
        });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(level);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }
}

/// A number. Integers that no machine word holds are floats here.
fn number_text(value: &Value) -> String {
    let text = number::text(value);
    let is_word = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
    match number::to_f64(value) {
        Some(float) if !is_word && number::to_big(value).is_some() => decimal::exponent_form(float),
        _ => text,
    }
}

fn escaped(c: char) -> String {
    match u32::from(c) {
        small @ ..=0xff => format!("\\x{small:02X}"),
        middle @ ..=0xffff => format!("\\u{middle:04X}"),
        large => format!("\\U{large:08X}"),
    }
}

/// Whether Go's YAML writer leaves a character as it is: those of YAML 1.1, section 5.1, but for what needs two units of UTF-16.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether text may stand without quotation marks.
fn is_plain(text: &str) -> bool {
    let starts_badly = text.starts_with(|c: char| "#,[]{}&*!|>'\"%@`".contains(c)) || text.starts_with("---") || text.starts_with("...");
    let mut after = text.chars().skip(1);
    let followed = after.next().is_some_and(|c| c != ' ');
    let indicator = text.starts_with(['-', '?', ':']) && !followed;
    let spaces = text.starts_with(' ') || text.ends_with(' ');
    !starts_badly && !indicator && !spaces && !text.contains(": ") && !text.contains(" #") && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_an_order_are_sorted_without_a_panic() {
        let names = ["0a", "1", "01", "00", "1a", "0b", "10", "a", "001", "0:"];
        let object: regorus::value::Object = (0..2_000)
            .map(|at| (Value::from(format!("{}{}", names[at % 10], names[at / 10 % 10].repeat(at / 100))), Value::from(1)))
            .collect();
        assert_eq!(emit(&object.clone().into_value()).unwrap().lines().count(), object.len());
    }
}
