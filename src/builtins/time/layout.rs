//! Layouts: a text that shows how Go's reference time, `Mon Jan 2 15:04:05 MST 2006`, would look.

pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub(super) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// How wide a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As it is.
    Plain,
    /// With a leading zero.
    Zero,
    /// With a leading space.
    Space,
}

/// How an offset from Greenwich is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// UTC is `Z`.
    pub(super) zulu: bool,
    pub(super) colon: bool,
    /// 1: hours; 2: and minutes; 3: and seconds.
    pub(super) parts: u8,
}

/// One part of a layout that stands for a part of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    MonthNumber(Width),
    LongWeekday,
    Weekday,
    Day(Width),
    DayOfYear(Width),
    Hour,
    Hour12(Width),
    Minute(Width),
    Second(Width),
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Abbreviation,
    Offset(Offset),
    /// Exactly so many digits behind this sign.
    Fraction(char, usize),
    /// At most so many digits, without zeros at the end.
    Trimmed(char, usize),
}

const OFFSETS: [(&str, u8, bool); 5] =
    [("070000", 3, false), ("07:00:00", 3, true), ("0700", 2, false), ("07:00", 2, true), ("07", 1, false)];

/// The text before the next part, the part, and the text behind it.
pub(super) fn next(layout: &str) -> (&str, Option<(Part, &str)>, &str) {
    for (at, c) in layout.char_indices() {
        let rest = layout.get(at..).unwrap_or_default();
        let Some((part, skip, length)) = part_at(rest, c) else { continue };
        let before = layout.get(..at + skip).unwrap_or_default();
        let text = layout.get(at + skip..at + length).unwrap_or_default();
        return (before, Some((part, text)), layout.get(at + length..).unwrap_or_default());
    }
    (layout, None, "")
}

/// The part at the front of a text: the part, the bytes before it that are text after all, and the end.
fn part_at(rest: &str, c: char) -> Option<(Part, usize, usize)> {
    let lower_after = |length: usize| rest.get(length..).is_some_and(|after| after.starts_with(|c: char| c.is_ascii_lowercase()));
    let found = |part: Part, text: &str| rest.starts_with(text).then_some((part, 0, text.len()));
    match c {
        'J' => found(Part::LongMonth, "January").or_else(|| found(Part::Month, "Jan").filter(|_| !lower_after(3))),
        'M' => found(Part::LongWeekday, "Monday")
            .or_else(|| found(Part::Weekday, "Mon").filter(|_| !lower_after(3)))
            .or_else(|| found(Part::Abbreviation, "MST")),
        '0' => found(Part::DayOfYear(Width::Zero), "002").or_else(|| zero_padded(rest)),
        '1' => found(Part::Hour, "15").or(Some((Part::MonthNumber(Width::Plain), 0, 1))),
        '2' => found(Part::LongYear, "2006").or(Some((Part::Day(Width::Plain), 0, 1))),
        '_' if rest.starts_with("_2006") => Some((Part::LongYear, 1, 5)),
        '_' => found(Part::Day(Width::Space), "_2").or_else(|| found(Part::DayOfYear(Width::Space), "__2")),
        '3' => Some((Part::Hour12(Width::Plain), 0, 1)),
        '4' => Some((Part::Minute(Width::Plain), 0, 1)),
        '5' => Some((Part::Second(Width::Plain), 0, 1)),
        'P' => found(Part::UpperHalf, "PM"),
        'p' => found(Part::LowerHalf, "pm"),
        '-' | 'Z' => {
            let after = rest.get(1..)?;
            let (text, parts, colon) = OFFSETS.into_iter().find(|(text, ..)| after.starts_with(text))?;
            Some((Part::Offset(Offset { zulu: c == 'Z', colon, parts }), 0, 1 + text.len()))
        }
        '.' | ',' => fraction(rest, c),
        _ => None,
    }
}

fn zero_padded(rest: &str) -> Option<(Part, usize, usize)> {
    let part = match rest.as_bytes().get(1)? {
        b'1' => Part::MonthNumber(Width::Zero),
        b'2' => Part::Day(Width::Zero),
        b'3' => Part::Hour12(Width::Zero),
        b'4' => Part::Minute(Width::Zero),
        b'5' => Part::Second(Width::Zero),
        b'6' => Part::Year,
        _ => return None,
    };
    Some((part, 0, 2))
}

/// `.000` or `.999`, with no other digit behind.
fn fraction(rest: &str, sign: char) -> Option<(Part, usize, usize)> {
    let digits = rest.get(1..)?;
    let digit = digits.chars().next().filter(|digit| matches!(digit, '0' | '9'))?;
    let count = digits.chars().take_while(|c| *c == digit).count();
    if digits.chars().nth(count).is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let part = if digit == '0' { Part::Fraction(sign, count) } else { Part::Trimmed(sign, count) };
    Some((part, 0, 1 + count))
}
