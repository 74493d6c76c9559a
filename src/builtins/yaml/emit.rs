//! Writing YAML: two spaces for each level, keys in natural order, quotation marks where text would be misread.

use std::cmp::Ordering;

use super::scalar;
use crate::builtins::call::Value;
use crate::builtins::operand::Fault;
use crate::builtins::{json, number, order, strings, term_text};

pub(super) fn emit(value: &Value) -> Result<String, Fault> {
    let mut out = String::new();
    let mut emitter = Emitter { out: &mut out };
    emitter.block(value, 0, false)?;
    Ok(out)
}

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
    let mut members = object.iter().map(|(key, value)| Ok((name(key)?, value))).collect::<Result<Vec<_>, Fault>>()?;
    members.sort_by(|left, right| natural(&left.0, &right.0));
    Ok(members)
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
                    self.scalar_text(&name, level, true);
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
            Value::String(text) => self.scalar_text(text, level, false),
            Value::Number(_) => self.out.push_str(&number::text(value)),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Object(_) => self.out.push_str("{}"),
            Value::Array(_) | Value::Set(_) => self.out.push_str("[]"),
            Value::Null | Value::Undefined => self.out.push_str("null"),
        }
    }

    fn scalar_text(&mut self, text: &str, level: usize, is_key: bool) {
        let printable = text.chars().all(|c| c == '\n' || c == '\t' || term_text::is_printable(c));
        if text.contains('\n') && !is_key && printable && !text.starts_with([' ', '\n']) && !text.contains(" \n") && !text.ends_with(' ') {
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
                '\u{1b}' => self.out.push_str("\\e"),
                '\u{85}' => self.out.push_str("\\N"),
                '\u{a0}' => self.out.push_str("\\_"),
                '\u{feff}' => self.out.push_str("\\uFEFF"),
                other => {
                    let mut escaped = String::new();
                    term_text::escape(other, '"', false, &mut escaped);
                    self.out.push_str(&escaped);
                }
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

/// Whether text may stand without quotation marks.
fn is_plain(text: &str) -> bool {
    let starts_badly = text.starts_with(|c: char| "#,[]{}&*!|>'\"%@`".contains(c)) || text.starts_with("---") || text.starts_with("...");
    let mut after = text.chars().skip(1);
    let followed = after.next().is_some_and(|c| c != ' ');
    let indicator = text.starts_with(['-', '?', ':']) && !followed;
    let spaces = text.starts_with(' ') || text.ends_with(' ');
    !starts_badly && !indicator && !spaces && !text.contains(": ") && !text.contains(" #") && !text.ends_with(':')
}
