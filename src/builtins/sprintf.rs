//! `sprintf`, as Go's `fmt` prints: verbs, flags, widths, argument indexes, and what it writes where they do not fit.

mod float;
mod print;

use num_bigint::BigInt;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, number, term_text};
use print::{Flags, Printer};

pub(super) const FAMILY: Family = &[("sprintf", Availability::Pure(sprintf))];

/// Largest width and precision, as in Go.
const LARGEST: i64 = 1_000_000;

/// What an operand is in Go once it has been converted for `fmt`.
#[derive(Debug, Clone, PartialEq)]
enum Argument {
    Text(String),
    Integer(i64),
    Big(BigInt),
    Float(f64),
}

impl Argument {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Argument::Text(text.to_string()),
            Value::Number(_) if number::is_float(value) => {
                number::to_f64(value).map_or_else(|| Argument::Text(number::text(value)), Argument::Float)
            }
            Value::Number(_) => match (number::to_i64(value), number::to_big(value)) {
                (Some(small), _) => Argument::Integer(small),
                (None, Some(big)) => {
                    let text = number::text(value);
                    // OPA keeps such a literal as it was written, and hands on the text.
                    if text.contains('e') { Argument::Text(text) } else { Argument::Big(big) }
                }
                (None, None) => Argument::Text(number::text(value)),
            },
            other => Argument::Text(term_text::of(other)),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Argument::Text(_) => "string",
            Argument::Integer(_) => "int64",
            Argument::Big(_) => "*big.Int",
            Argument::Float(_) => "float64",
        }
    }
}

/// A float with the fewest digits that read back as the same number.
pub(super) fn shortest(number: f64) -> String {
    float::general(number, None, false)
}

/// A format with its arguments, for templates.
pub(super) fn formatted(operands: &[Value]) -> Result<Value, String> {
    sprintf(operands).map_err(|fault| match fault {
        Fault::Type(why) | Fault::Failed(why) => why,
    })
}

fn sprintf(operands: &[Value]) -> Answer {
    let format = operand::string(operands, 1)?;
    let arguments: Vec<Argument> = operand::array(operands, 2)?.iter().map(Argument::of).collect();
    let mut reader = Reader { rest: format, arguments: &arguments, next: 0, reordered: false, good_index: true, out: Printer::default() };
    reader.run()?;
    Ok(Value::from(reader.out.finish()?))
}

/// Walks through a format.
struct Reader<'a> {
    rest: &'a str,
    arguments: &'a [Argument],
    next: usize,
    reordered: bool,
    good_index: bool,
    out: Printer,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        while let Some((literal, after)) = self.rest.split_once('%') {
            self.out.literal(literal);
            self.rest = after;
            self.good_index = true;
            self.directive();
            self.out.check()?;
        }
        let literal = self.rest;
        self.out.literal(literal);
        if !self.reordered && self.next < self.arguments.len() {
            self.out.flags = Flags::default();
            self.out.extra(self.arguments.get(self.next..).unwrap_or_default());
        }
        Ok(())
    }

    fn eat(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn directive(&mut self) {
        self.out.flags = Flags::default();
        self.flags();
        let mut after_index = self.index();
        after_index = self.width(after_index);
        after_index = self.precision(after_index);
        if !after_index {
            self.index();
        }
        let mut characters = self.rest.chars();
        let Some(verb) = characters.next() else {
            self.out.literal("%!(NOVERB)");
            return;
        };
        self.rest = characters.as_str();
        self.verb(verb);
    }

    fn verb(&mut self, verb: char) {
        if verb == '%' {
            self.out.literal("%");
        } else if !self.good_index {
            self.out.complain(verb, "(BADINDEX)");
        } else if let Some(argument) = self.arguments.get(self.next) {
            if verb == 'v' {
                self.out.flags.default_format();
            }
            self.next += 1;
            self.out.argument(argument, verb);
        } else {
            self.out.complain(verb, "(MISSING)");
        }
    }

    fn flags(&mut self) {
        loop {
            let flags = &mut self.out.flags;
            match self.rest.chars().next() {
                Some('#') => flags.sharp = true,
                Some('0') => flags.zero = true,
                Some('+') => flags.plus = true,
                Some('-') => flags.minus = true,
                Some(' ') => flags.space = true,
                _ => return,
            }
            let mut characters = self.rest.chars();
            characters.next();
            self.rest = characters.as_str();
        }
    }

    /// `[n]`: which argument comes next. Answers whether there was one, good or bad.
    fn index(&mut self) -> bool {
        if !self.rest.starts_with('[') {
            return false;
        }
        self.reordered = true;
        let Some((inside, after)) =
            self.rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).filter(|(inside, _)| !inside.is_empty())
        else {
            self.good_index = false;
            self.eat('[');
            return false;
        };
        self.rest = after;
        let index = inside.bytes().all(|byte| byte.is_ascii_digit()).then(|| inside.parse::<i64>().ok()).flatten();
        match index.filter(|index| *index <= LARGEST).map(|index| usize::try_from(index - 1)) {
            Some(Ok(index)) if index < self.arguments.len() => {
                self.next = index;
                true
            }
            Some(_) => {
                self.good_index = false;
                true
            }
            None => {
                self.good_index = false;
                false
            }
        }
    }

    fn width(&mut self, after_index: bool) -> bool {
        if self.eat('*') {
            match self.star() {
                Some(width) => {
                    self.out.flags.minus |= width < 0;
                    self.out.flags.zero &= width >= 0;
                    self.out.flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => self.out.literal("%!(BADWIDTH)"),
            }
            return false;
        }
        self.out.flags.width = self.digits();
        if after_index && self.out.flags.width.is_some() {
            self.good_index = false;
        }
        after_index
    }

    fn precision(&mut self, mut after_index: bool) -> bool {
        if !self.eat('.') {
            return after_index;
        }
        if after_index {
            self.good_index = false;
        }
        after_index = self.index();
        if self.eat('*') {
            match self.star() {
                Some(precision) if precision >= 0 => self.out.flags.precision = usize::try_from(precision).ok(),
                _ => self.out.literal("%!(BADPREC)"),
            }
            return false;
        }
        self.out.flags.precision = Some(self.digits().unwrap_or(0));
        after_index
    }

    /// The number that an argument gives for `*`.
    fn star(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        match argument {
            Argument::Integer(number) => Some(*number).filter(|number| number.unsigned_abs() <= LARGEST.unsigned_abs()),
            _ => None,
        }
    }

    fn digits(&mut self) -> Option<usize> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = self.rest.split_at(end);
        let number = digits.parse().ok().filter(|number| i64::try_from(*number).is_ok_and(|number| number <= LARGEST));
        // Like Go, a number that is too large swallows the rest of the format.
        self.rest = if end > 0 && number.is_none() { "" } else { after };
        number
    }
}
