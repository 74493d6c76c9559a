//! Points in time, as nanoseconds since 1970; layouts and zones as Go reads and writes them.

mod calendar;
mod duration;
mod layout;
mod moment;
mod read;
mod write;

use super::call::{Call, Failure, Value};
use super::operand::{self, Answer, Fault, type_name};
use super::{Availability, Family, number};
use moment::{Moment, Zone};

pub(super) const FAMILY: Family = &[
    ("time.add_date", Availability::Pure(add_date)),
    ("time.clock", Availability::Pure(clock)),
    ("time.date", Availability::Pure(date)),
    ("time.diff", Availability::Pure(diff)),
    ("time.format", Availability::Pure(format)),
    ("time.now_ns", Availability::Calling(now)),
    (
        "time.parse_duration_ns",
        Availability::Pure(|operands| duration::parse(operand::string(operands, 1)?).map(Value::from).map_err(Fault::Failed)),
    ),
    ("time.parse_ns", Availability::Pure(parse)),
    ("time.parse_rfc3339_ns", Availability::Pure(|operands| read_with("2006-01-02T15:04:05Z07:00", operand::string(operands, 1)?))),
    ("time.weekday", Availability::Pure(weekday)),
];

#[expect(clippy::unnecessary_wraps, reason = "the shape that every builtin has")]
fn now(call: &Call<'_>, _: &[Value]) -> Result<Value, Failure> {
    Ok(Value::from(call.now_ns))
}

/// A layout by its name, or as it stands.
fn layout_named(name: &str) -> &str {
    match name {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => "2006-01-02T15:04:05Z07:00",
        "RFC3339Nano" | "" => "2006-01-02T15:04:05.999999999Z07:00",
        other => other,
    }
}

fn parse(operands: &[Value]) -> Answer {
    let (layout, text) = (operand::string(operands, 1)?, operand::string(operands, 2)?);
    read_with(if layout.is_empty() { layout } else { layout_named(layout) }, text)
}

fn read_with(layout: &str, text: &str) -> Answer {
    let (seconds, nanoseconds) = read::read(layout, text).map_err(Fault::Failed)?;
    nanoseconds_of(seconds, nanoseconds)
}

/// Whether a text is of a layout.
pub(super) fn is_of(layout: &str, text: &str) -> bool {
    read::read(layout, text).is_ok()
}

/// Seconds since 1970 of a text in a layout.
pub(super) fn seconds_of(layout: &str, text: &str) -> Option<i64> {
    read::read(layout, text).ok().map(|(seconds, _)| seconds)
}

/// A second since 1970, in UTC.
pub(super) fn rfc3339(seconds: i64) -> String {
    let (year, month, day) = calendar::date_of(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

fn nanoseconds_of(seconds: i64, nanoseconds: i64) -> Answer {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    i64::try_from(total).map(Value::from).map_err(|_| Fault::failed("time outside of valid range"))
}

/// `ns`, `[ns]`, `[ns, zone]` or `[ns, zone, layout]`.
fn moment(value: &Value) -> Result<(Moment, &str), Fault> {
    let neither =
        || Fault::Type(format!("operand 1 must be either number (ns) or [number (ns), string (tz)] but got {}", type_name(value)));
    let (nanoseconds, parts) = match value {
        Value::Array(parts) => (parts.first().ok_or_else(neither)?, parts.as_slice()),
        number @ Value::Number(_) => (number, [].as_slice()),
        _ => return Err(neither()),
    };
    let nanoseconds = operand::number(std::slice::from_ref(nanoseconds), 1)?;
    let text = |at: usize| parts.get(at).map(|part| operand::string(std::slice::from_ref(part), 1)).transpose();
    let zone = Zone::named(text(1)?.unwrap_or_default()).map_err(Fault::Failed)?;
    let layout = text(2)?.unwrap_or_default();
    let nanoseconds =
        number::to_big(nanoseconds).and_then(|big| i64::try_from(&big).ok()).ok_or_else(|| Fault::failed("timestamp too big"))?;
    Ok((Moment::at(nanoseconds, zone), layout))
}

fn numbers(numbers: &[i64]) -> Value {
    Value::from(numbers.iter().copied().map(Value::from).collect::<Vec<_>>())
}

fn date(operands: &[Value]) -> Answer {
    let (moment, _) = moment(operand::any(operands, 1))?;
    Ok(numbers(&[moment.year, moment.month, moment.day]))
}

fn clock(operands: &[Value]) -> Answer {
    let (moment, _) = moment(operand::any(operands, 1))?;
    Ok(numbers(&[moment.hour, moment.minute, moment.second]))
}

fn weekday(operands: &[Value]) -> Answer {
    let (moment, _) = moment(operand::any(operands, 1))?;
    Ok(Value::from(layout::WEEKDAYS.get(moment.weekday()).copied().unwrap_or_default()))
}

fn format(operands: &[Value]) -> Answer {
    let (moment, layout) = moment(operand::any(operands, 1))?;
    Ok(Value::from(write::write(&moment, layout_named(layout))))
}

/// Overflowing days run into the next month: 31 January and one month is 2 or 3 March.
fn add_date(operands: &[Value]) -> Answer {
    let (moment, _) = moment(operand::any(operands, 1))?;
    let (years, months, days) = (operand::integer(operands, 2)?, operand::integer(operands, 3)?, operand::integer(operands, 4)?);
    let outside = || Fault::failed("time outside of valid range");
    // Far beyond what nanoseconds count, and far below where seconds end.
    let in_bounds = [years, months, days].iter().all(|number| number.unsigned_abs() < 1 << 33);
    let seconds = Some(&moment).filter(|_| in_bounds).map(|moment| moment.shifted(years, months, days)).ok_or_else(outside)?;
    nanoseconds_of(seconds, moment.nanosecond)
}

/// Years, months, days, hours, minutes and seconds between two points, as a calendar counts them.
fn diff(operands: &[Value]) -> Answer {
    let (first, _) = moment(operand::any(operands, 1))?;
    let (second, _) = moment(operand::any(operands, 2))?;
    let second = Moment::at(second.nanoseconds(), first.zone);
    let (from, to) = if first.nanoseconds() > second.nanoseconds() { (second, first) } else { (first, second) };
    let mut parts = [
        to.year - from.year,
        to.month - from.month,
        to.day - from.day,
        to.hour - from.hour,
        to.minute - from.minute,
        to.second - from.second,
    ];
    let days = calendar::days_in(from.year, from.month);
    let sizes = [0, 12, days, 24, 60, 60];
    for at in (1..parts.len()).rev() {
        let [.., carry] = parts.get(..at).unwrap_or_default() else { continue };
        let carry = *carry;
        if let (Some(part), Some(size)) = (parts.get_mut(at), sizes.get(at))
            && *part < 0
        {
            *part += size;
            if let Some(above) = parts.get_mut(at - 1) {
                *above = carry - 1;
            }
        }
    }
    Ok(numbers(&parts))
}
