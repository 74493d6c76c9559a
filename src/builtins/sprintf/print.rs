//! Printing one argument under one verb.

use std::fmt::Write as _;

use num_bigint::BigInt;

use super::Argument;
use super::float;
use crate::builtins::operand::Fault;
use crate::builtins::term_text;

/// Longest text that is made.
const LONGEST: usize = 1 << 26;

/// What stands between `%` and the verb.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag character")]
pub(super) struct Flags {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%#v`: Go syntax.
    sharp_v: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

impl Flags {
    /// `%v` has its own meaning of `#` and `+`.
    pub(super) fn default_format(&mut self) {
        self.sharp_v = self.sharp;
        self.sharp = false;
        self.plus = false;
    }
}

/// The text so far, and the flags of the directive at hand.
#[derive(Debug, Default)]
pub(super) struct Printer {
    out: String,
    pub(super) flags: Flags,
}

impl Printer {
    pub(super) fn literal(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.out.len() > LONGEST { Err(Fault::failed("result too large")) } else { Ok(()) }
    }

    pub(super) fn finish(self) -> Result<String, Fault> {
        self.check().map(|()| self.out)
    }

    /// `%!verb(..)`.
    pub(super) fn complain(&mut self, verb: char, what: &str) {
        self.out.push_str("%!");
        self.out.push(verb);
        self.out.push_str(what);
    }

    pub(super) fn extra(&mut self, arguments: &[Argument]) {
        self.out.push_str("%!(EXTRA ");
        for (at, argument) in arguments.iter().enumerate() {
            self.out.push_str(if at == 0 { "" } else { ", " });
            self.out.push_str(argument.type_name());
            self.out.push('=');
            self.argument(argument, 'v');
        }
        self.out.push(')');
    }

    pub(super) fn argument(&mut self, argument: &Argument, verb: char) {
        if verb == 'T' {
            return self.text(argument.type_name());
        }
        match argument {
            Argument::Text(text) => self.string(text, verb, argument),
            Argument::Integer(number) => self.integer(*number, verb, argument),
            Argument::Big(number) => self.big(number, verb),
            Argument::Float(number) => self.float(*number, verb, argument),
        }
    }

    fn bad_verb(&mut self, verb: char, argument: &Argument) {
        self.out.push_str("%!");
        self.out.push(verb);
        self.out.push('(');
        self.out.push_str(argument.type_name());
        self.out.push('=');
        self.argument(argument, 'v');
        self.out.push(')');
    }

    fn string(&mut self, text: &str, verb: char, argument: &Argument) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.text(text),
            'x' => self.hex(text, "0x", |byte| format!("{byte:02x}")),
            'X' => self.hex(text, "0X", |byte| format!("{byte:02X}")),
            'q' => self.quoted(text),
            _ => self.bad_verb(verb, argument),
        }
    }

    fn truncated<'t>(&self, text: &'t str) -> &'t str {
        let end = self.flags.precision.and_then(|precision| text.char_indices().nth(precision)).map_or(text.len(), |(at, _)| at);
        text.get(..end).unwrap_or(text)
    }

    fn text(&mut self, text: &str) {
        self.pad(self.truncated(text));
    }

    fn quoted(&mut self, text: &str) {
        let text = self.truncated(text);
        let raw = |c: char| c != '`' && c != '\u{7f}' && c != '\u{feff}' && (c == '\t' || !c.is_control());
        if self.flags.sharp && text.chars().all(raw) {
            return self.pad(&format!("`{text}`"));
        }
        let mut quoted = String::from("\"");
        for c in text.chars() {
            term_text::escape(c, '"', self.flags.plus, &mut quoted);
        }
        quoted.push('"');
        self.pad(&quoted);
    }

    fn hex(&mut self, text: &str, prefix: &str, digits: fn(u8) -> String) {
        let length = self.flags.precision.unwrap_or(usize::MAX).min(text.len());
        let bytes = text.as_bytes().get(..length).unwrap_or_default();
        let mut encoded = String::new();
        for (at, byte) in bytes.iter().enumerate() {
            encoded.push_str(if at > 0 && self.flags.space { " " } else { "" });
            encoded.push_str(if self.flags.sharp && (at == 0 || self.flags.space) { prefix } else { "" });
            encoded.push_str(&digits(*byte));
        }
        self.pad(&encoded);
    }

    fn integer(&mut self, number: i64, verb: char, argument: &Argument) {
        let magnitude = BigInt::from(number.unsigned_abs());
        let negative = number < 0;
        match verb {
            'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => self.radix(&magnitude, negative, verb),
            'c' => self.pad(&rune(number).to_string()),
            'q' => {
                let mut quoted = String::from("'");
                term_text::escape(rune(number), '\'', self.flags.plus, &mut quoted);
                quoted.push('\'');
                self.pad(&quoted);
            }
            'U' => self.code_point(number),
            _ => self.bad_verb(verb, argument),
        }
    }

    fn code_point(&mut self, number: i64) {
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{:0digits$X}", number.cast_unsigned());
        let printable = u32::try_from(number).ok().and_then(char::from_u32).filter(|c| term_text::is_printable(*c));
        if let Some(c) = printable.filter(|_| self.flags.sharp) {
            let _ = write!(text, " '{c}'");
        }
        self.flags.zero = false;
        self.pad(&text);
    }

    fn radix(&mut self, magnitude: &BigInt, negative: bool, verb: char) {
        let base = match verb {
            'b' => 2,
            'o' | 'O' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        let flags = self.flags;
        let zero_value = *magnitude == BigInt::ZERO;
        if flags.precision == Some(0) && zero_value {
            self.flags.zero = false;
            return self.pad("");
        }
        let signed = negative || flags.plus || flags.space;
        let zero_width = flags.width.filter(|_| flags.zero && !flags.minus).map(|width| width.saturating_sub(usize::from(signed)));
        let least = flags.precision.or(zero_width).unwrap_or(0);
        let mut digits = magnitude.to_str_radix(base);
        if verb == 'X' {
            digits = digits.to_uppercase();
        }
        let digits = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        let prefix = match (base, verb) {
            (8, 'O') if flags.sharp && !digits.starts_with('0') => "0o0",
            (8, 'O') => "0o",
            (2, _) if flags.sharp => "0b",
            (8, _) if flags.sharp && !digits.starts_with('0') => "0",
            (16, 'x') if flags.sharp => "0x",
            (16, 'X') if flags.sharp => "0X",
            _ => "",
        };
        self.flags.zero = false;
        self.pad(&format!("{}{prefix}{digits}", sign(negative, &flags)));
        self.flags.zero = flags.zero;
    }

    /// As `big.Int` formats itself.
    fn big(&mut self, number: &BigInt, verb: char) {
        let negative = number.sign() == num_bigint::Sign::Minus;
        let magnitude = BigInt::from(number.magnitude().clone());
        let flags = self.flags;
        let (base, prefix) = match verb {
            'b' => (2, if flags.sharp { "0b" } else { "" }),
            'o' => (8, if flags.sharp { "0" } else { "" }),
            'O' => (8, "0o"),
            'd' | 's' | 'v' => (10, ""),
            'x' => (16, if flags.sharp { "0x" } else { "" }),
            'X' => (16, if flags.sharp { "0X" } else { "" }),
            _ => {
                let _ = write!(self.out, "%!{verb}(big.Int={number})");
                return;
            }
        };
        let digits = magnitude.to_str_radix(base);
        let digits = if verb == 'X' { digits.to_uppercase() } else { digits };
        let sign = sign(negative, &flags);
        let zeros = flags.precision.unwrap_or(0).saturating_sub(digits.len());
        let length = sign.len() + prefix.len() + zeros + digits.len();
        let missing = flags.width.unwrap_or(0).saturating_sub(length);
        let zeros = if flags.zero && !flags.minus && flags.precision.is_none() { missing } else { zeros };
        self.flags.zero = false;
        self.pad(&format!("{sign}{prefix}{}{digits}", "0".repeat(zeros)));
    }

    fn float(&mut self, number: f64, verb: char, argument: &Argument) {
        let flags = self.flags;
        let text = match verb {
            'v' | 'g' => float::general(number, flags.precision, flags.sharp),
            'G' => float::general(number, flags.precision, flags.sharp).to_uppercase(),
            'e' => float::exponent(number, flags.precision.unwrap_or(6), flags.sharp),
            'E' => float::exponent(number, flags.precision.unwrap_or(6), flags.sharp).to_uppercase(),
            'f' | 'F' => float::fixed(number, flags.precision.unwrap_or(6), flags.sharp),
            'b' => float::binary(number),
            'x' => float::hexadecimal(number, flags.precision),
            'X' => float::hexadecimal(number, flags.precision).to_uppercase(),
            _ => return self.bad_verb(verb, argument),
        };
        let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |digits| (true, digits));
        let sign = sign(negative, &flags);
        if sign.is_empty() || !flags.zero || flags.minus {
            return self.pad(&format!("{sign}{digits}"));
        }
        let zeros = flags.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
        let _ = write!(self.out, "{sign}{}{digits}", "0".repeat(zeros));
    }

    fn pad(&mut self, text: &str) {
        let missing = self.flags.width.map_or(0, |width| width.saturating_sub(text.chars().count()));
        if self.flags.minus {
            self.out.push_str(text);
            self.out.extend(std::iter::repeat_n(' ', missing));
        } else {
            self.out.extend(std::iter::repeat_n(if self.flags.zero { '0' } else { ' ' }, missing));
            self.out.push_str(text);
        }
    }
}

fn sign(negative: bool, flags: &Flags) -> &'static str {
    match (negative, flags.plus, flags.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

fn rune(number: i64) -> char {
    u32::try_from(number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}
