//! Writing a moment in a layout.

use std::fmt::Write as _;

use super::layout::{self, Offset, Part, Width};
use super::moment::Moment;

pub(super) fn write(moment: &Moment, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    loop {
        let (before, part, after) = layout::next(rest);
        out.push_str(before);
        let Some((part, _)) = part else { return out };
        write_part(moment, part, &mut out);
        rest = after;
    }
}

fn padded(number: i64, width: Width, out: &mut String) {
    let _ = match width {
        Width::Plain => write!(out, "{number}"),
        Width::Zero => write!(out, "{number:02}"),
        Width::Space => write!(out, "{number:2}"),
    };
}

fn name<'a>(names: &[&'a str], at: i64) -> &'a str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

fn write_part(moment: &Moment, part: Part, out: &mut String) {
    let hour12 = (moment.hour + 11) % 12 + 1;
    match part {
        Part::LongMonth => out.push_str(name(&layout::MONTHS, moment.month - 1)),
        Part::Month => out.push_str(short(name(&layout::MONTHS, moment.month - 1))),
        Part::MonthNumber(width) => padded(moment.month, width, out),
        Part::LongWeekday => out.push_str(layout::WEEKDAYS.get(moment.weekday()).copied().unwrap_or_default()),
        Part::Weekday => out.push_str(short(layout::WEEKDAYS.get(moment.weekday()).copied().unwrap_or_default())),
        Part::Day(width) => padded(moment.day, width, out),
        Part::DayOfYear(width) => {
            let zero = width == Width::Zero;
            let _ = if zero { write!(out, "{:03}", moment.day_of_year()) } else { write!(out, "{:3}", moment.day_of_year()) };
        }
        Part::Hour => padded(moment.hour, Width::Zero, out),
        Part::Hour12(width) => padded(hour12, width, out),
        Part::Minute(width) => padded(moment.minute, width, out),
        Part::Second(width) => padded(moment.second, width, out),
        Part::LongYear => {
            let _ = write!(out, "{:04}", moment.year);
        }
        Part::Year => padded(moment.year.rem_euclid(100), Width::Zero, out),
        Part::UpperHalf => out.push_str(if moment.hour >= 12 { "PM" } else { "AM" }),
        Part::LowerHalf => out.push_str(if moment.hour >= 12 { "pm" } else { "am" }),
        Part::Abbreviation => out.push_str(&moment.abbreviation),
        Part::Offset(offset) => write_offset(moment.east, offset, out),
        Part::Fraction(sign, digits) => write_fraction(moment.nanosecond, sign, digits, out),
        Part::Trimmed(sign, digits) => {
            let mut text = String::new();
            write_fraction(moment.nanosecond, sign, digits, &mut text);
            out.push_str(text.trim_end_matches('0').trim_end_matches(sign));
        }
    }
}

fn write_fraction(nanosecond: i64, sign: char, digits: usize, out: &mut String) {
    let all = format!("{nanosecond:09}");
    let shown = all.get(..digits).map_or_else(|| format!("{all:0<digits$}"), ToOwned::to_owned);
    out.push(sign);
    out.push_str(&shown);
}

fn write_offset(east: i64, offset: Offset, out: &mut String) {
    if offset.zulu && east == 0 {
        out.push('Z');
        return;
    }
    out.push(if east < 0 { '-' } else { '+' });
    let east = east.abs();
    let colon = if offset.colon { ":" } else { "" };
    let _ = write!(out, "{:02}", east / 3600);
    if offset.parts >= 2 {
        let _ = write!(out, "{colon}{:02}", east / 60 % 60);
    }
    if offset.parts >= 3 {
        let _ = write!(out, "{colon}{:02}", east % 60);
    }
}
