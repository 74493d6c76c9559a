//! Reading a text in a layout, with Go's leniencies and its words for what is wrong.

use super::calendar;
use super::layout::{self, Offset, Part, Width};

/// A text that is not of the layout.
struct Bad;

/// What has been read. What is not there stays at its beginning.
#[derive(Debug, Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    afternoon: Option<bool>,
    /// Seconds east of Greenwich.
    east: i64,
    /// What is outside of its range, if anything is.
    range: Option<&'static str>,
}

/// Seconds since 1970, and nanoseconds.
///
/// # Errors
/// What is wrong, as Go says it.
pub(super) fn read(layout: &str, text: &str) -> Result<(i64, i64), String> {
    let mut fields = Fields::default();
    let (mut rest_of_layout, mut value) = (layout, text);
    loop {
        let (before, part, after) = layout::next(rest_of_layout);
        value = skip(value, before).map_err(|at| cannot(layout, text, before, at))?;
        let Some((part, part_text)) = part else {
            if value.is_empty() {
                break;
            }
            return Err(message(text, &format!(": extra text: {}", quote(value))));
        };
        let hold = value;
        let read = fields.part(part, value, after);
        if let Some(range) = fields.range {
            return Err(message(text, &format!(": {range} out of range")));
        }
        value = read.map_err(|Bad| cannot(layout, text, part_text, hold))?;
        rest_of_layout = after;
    }
    fields.seconds().map(|seconds| (seconds, fields.nanosecond)).map_err(|why| message(text, why))
}

fn message(text: &str, why: &str) -> String {
    format!("parsing time {}{why}", quote(text))
}

fn cannot(layout: &str, text: &str, part: &str, at: &str) -> String {
    format!("parsing time {} as {}: cannot parse {} as {}", quote(text), quote(layout), quote(at), quote(part))
}

fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            other => other.to_string().bytes().for_each(|byte| out.extend(format!("\\x{byte:02x}").chars())),
        }
    }
    out.push('"');
    out
}

/// Goes behind literal text; a space stands for any number of them.
fn skip<'a>(value: &'a str, prefix: &str) -> Result<&'a str, &'a str> {
    let (mut value, mut prefix) = (value, prefix);
    while let Some(c) = prefix.chars().next() {
        if c == ' ' {
            if !value.is_empty() && !value.starts_with(' ') {
                return Err(value);
            }
            (prefix, value) = (prefix.trim_start_matches(' '), value.trim_start_matches(' '));
            continue;
        }
        value = value.strip_prefix(c).ok_or(value)?;
        prefix = prefix.strip_prefix(c).unwrap_or_default();
    }
    Ok(value)
}

/// One or two digits; exactly two where `fixed`.
fn two_digits(text: &str, fixed: bool) -> Result<(i64, &str), Bad> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (fixed && digits == 1) {
        return Err(Bad);
    }
    number(text, digits)
}

fn number(text: &str, length: usize) -> Result<(i64, &str), Bad> {
    let digits = text.get(..length).filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).ok_or(Bad)?;
    Ok((digits.parse().map_err(|_| Bad)?, text.get(length..).unwrap_or_default()))
}

/// Which of these names a text begins with, whatever its case.
fn named<'a>(text: &'a str, names: &[&str], length: Option<usize>) -> Result<(i64, &'a str), Bad> {
    for (at, name) in (0..).zip(names) {
        let name = length.and_then(|length| name.get(..length)).unwrap_or(name);
        if text.get(..name.len()).is_some_and(|front| front.eq_ignore_ascii_case(name)) {
            return Ok((at, text.get(name.len()..).unwrap_or_default()));
        }
    }
    Err(Bad)
}

impl Fields {
    fn part<'a>(&mut self, part: Part, value: &'a str, after: &str) -> Result<&'a str, Bad> {
        let mut value = value;
        match part {
            Part::LongMonth | Part::Month => {
                let short = if part == Part::Month { Some(3) } else { None };
                let (month, rest) = named(value, &layout::MONTHS, short)?;
                self.month = Some(month + 1);
                Ok(rest)
            }
            Part::LongWeekday => named(value, &layout::WEEKDAYS, None).map(|(_, rest)| rest),
            Part::Weekday => named(value, &layout::WEEKDAYS, Some(3)).map(|(_, rest)| rest),
            Part::MonthNumber(width) => {
                let (month, rest) = self.ranged(two_digits(value, width == Width::Zero)?, 1..=12, "month");
                self.month = Some(month);
                Ok(rest)
            }
            Part::Day(width) => {
                if width == Width::Space {
                    value = value.strip_prefix(' ').unwrap_or(value);
                }
                let (day, rest) = two_digits(value, width == Width::Zero)?;
                self.day = Some(day);
                Ok(rest)
            }
            Part::DayOfYear(width) => self.day_of_year(value, width),
            Part::Hour | Part::Hour12(_) | Part::Minute(_) | Part::Second(_) => self.clock(part, value, after),
            Part::LongYear => {
                let (year, rest) = number(value, 4)?;
                self.year = year;
                Ok(rest)
            }
            Part::Year => {
                let (year, rest) = number(value, 2)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                Ok(rest)
            }
            Part::UpperHalf => self.half(value, "AM", "PM"),
            Part::LowerHalf => self.half(value, "am", "pm"),
            Part::Abbreviation => self.abbreviation(value),
            Part::Offset(offset) => self.offset(value, offset),
            Part::Fraction(_, digits) => self.fraction(value, digits),
            Part::Trimmed(..) => match value.bytes().skip(1).take_while(u8::is_ascii_digit).count() {
                digits if digits > 0 && value.starts_with(['.', ',']) => self.fraction(value, digits),
                _ => Ok(value),
            },
        }
    }

    fn ranged<'a>(&mut self, (number, rest): (i64, &'a str), range: std::ops::RangeInclusive<i64>, what: &'static str) -> (i64, &'a str) {
        if !range.contains(&number) {
            self.range = Some(what);
        }
        (number, rest)
    }

    fn clock<'a>(&mut self, part: Part, value: &'a str, after: &str) -> Result<&'a str, Bad> {
        let fixed = matches!(part, Part::Hour12(Width::Zero) | Part::Minute(Width::Zero) | Part::Second(Width::Zero));
        let read = two_digits(value, fixed)?;
        let (most, what) = match part {
            Part::Hour => (23, "hour"),
            Part::Hour12(_) => (12, "hour"),
            Part::Minute(_) => (59, "minute"),
            _ => (59, "second"),
        };
        let (number, rest) = self.ranged(read, 0..=most, what);
        match part {
            Part::Hour | Part::Hour12(_) => self.hour = number,
            Part::Minute(_) => self.minute = number,
            _ => {
                self.second = number;
                // A fraction may follow the seconds even where the layout has none.
                let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
                let in_layout = matches!(layout::next(after).1, Some((Part::Fraction(..) | Part::Trimmed(..), _)));
                if digits > 0 && rest.starts_with(['.', ',']) && !in_layout {
                    return self.fraction(rest, digits);
                }
            }
        }
        Ok(rest)
    }

    fn fraction<'a>(&mut self, value: &'a str, digits: usize) -> Result<&'a str, Bad> {
        let text = value.strip_prefix(['.', ',']).ok_or(Bad)?;
        let all = text.get(..digits).ok_or(Bad)?;
        let (kept, _) = number(all, digits.min(9))?;
        self.nanosecond = kept * 10_i64.pow(9 - u32::try_from(digits.min(9)).unwrap_or(9));
        Ok(text.get(digits..).unwrap_or_default())
    }

    fn day_of_year<'a>(&mut self, value: &'a str, width: Width) -> Result<&'a str, Bad> {
        let mut value = value;
        if width == Width::Space {
            let spaces = value.bytes().take(2).take_while(|byte| *byte == b' ').count();
            value = value.get(spaces..).unwrap_or_default();
        }
        let digits = value.bytes().take(3).take_while(u8::is_ascii_digit).count();
        if width == Width::Zero && digits != 3 {
            return Err(Bad);
        }
        let (day, rest) = number(value, digits)?;
        self.day_of_year = Some(day);
        Ok(rest)
    }

    fn half<'a>(&mut self, value: &'a str, morning: &str, afternoon: &str) -> Result<&'a str, Bad> {
        self.afternoon = Some(value.starts_with(afternoon));
        value.strip_prefix(afternoon).or_else(|| value.strip_prefix(morning)).ok_or(Bad)
    }

    fn offset<'a>(&mut self, value: &'a str, offset: Offset) -> Result<&'a str, Bad> {
        if offset.zulu && value.starts_with('Z') {
            return Ok(value.get(1..).unwrap_or_default());
        }
        let colon = usize::from(offset.colon);
        let mut parts = [0; 3];
        let sign = value.chars().next().ok_or(Bad)?;
        let mut at = 1;
        for (index, part) in parts.iter_mut().enumerate().take(usize::from(offset.parts)) {
            if index > 0 && offset.colon && value.as_bytes().get(at) != Some(&b':') {
                return Err(Bad);
            }
            at += if index > 0 { colon } else { 0 };
            *part = two_digits(value.get(at..at + 2).ok_or(Bad)?, true)?.0;
            at += 2;
        }
        let [hours, minutes, seconds] = parts;
        // Some people do write offsets of 24 hours, 60 minutes or 60 seconds.
        let names = ["time zone offset hour", "time zone offset minute", "time zone offset second"];
        let outside = [hours > 24, minutes > 60, seconds > 60].into_iter().zip(names).rfind(|(outside, _)| *outside);
        self.range = outside.map(|(_, name)| name);
        let east = (hours * 60 + minutes) * 60 + seconds;
        self.east = match sign {
            '+' => east,
            '-' => -east,
            _ => return Err(Bad),
        };
        Ok(value.get(at..).unwrap_or_default())
    }

    /// Letters do not say how far from Greenwich a zone is: the time is taken as UTC.
    #[expect(clippy::unused_self, reason = "beside the parts that do change what has been read")]
    fn abbreviation<'a>(&mut self, value: &'a str) -> Result<&'a str, Bad> {
        let length = zone_length(value).ok_or(Bad)?;
        Ok(value.get(length..).unwrap_or_default())
    }

    fn seconds(&self) -> Result<i64, &'static str> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (month, day) = match self.day_of_year {
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
            Some(day_of_year) => {
                let most = if calendar::is_leap(self.year) { 366 } else { 365 };
                if !(1..=most).contains(&day_of_year) {
                    return Err(": day-of-year out of range");
                }
                let (_, month, day) = calendar::date_of(calendar::days_from(self.year, 1, day_of_year));
                if self.month.is_some_and(|given| given != month) {
                    return Err(": day-of-year does not match month");
                }
                if self.day.is_some_and(|given| given != day) {
                    return Err(": day-of-year does not match day");
                }
                (month, day)
            }
        };
        if day < 1 || day > calendar::days_in(self.year, month) {
            return Err(": day out of range");
        }
        Ok(calendar::days_from(self.year, month, day) * 86_400 + hour * 3600 + self.minute * 60 + self.second - self.east)
    }
}

/// How long the abbreviation of a zone at the front of a text is.
fn zone_length(text: &str) -> Option<usize> {
    if text.starts_with("UTC") {
        return Some(3);
    }
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_length(rest));
    }
    if text.len() >= 3 && text.starts_with(['+', '-']) {
        return Some(signed_length(text)).filter(|length| *length > 0);
    }
    let letters = text.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    let ends_in_t = |at: usize| text.as_bytes().get(at) == Some(&b'T');
    match letters {
        3 => Some(3),
        4 if ends_in_t(3) || text.starts_with("WITA") => Some(4),
        5 if ends_in_t(4) => Some(5),
        _ => None,
    }
}

fn signed_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return 0 };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let hours = rest.get(..digits).and_then(|digits| digits.parse::<u64>().ok());
    if hours.is_some_and(|hours| hours <= 23) { 1 + digits } else { 0 }
}
