//! Durations as people write them: `500ms`, `30s`, `5m`, `1h30m`.

use std::time::Duration;

/// Reads the time that something may take; none at all is refused.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let total = read(text)?;
    // A deadline must be a time that the clock can say.
    if total.is_zero() || total > Duration::from_hours(24 * 365) { Err(wrong(text)) } else { Ok(total) }
}

/// Reads how long something lives: `0` for not at all.
pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    match text {
        "0" => Ok(Duration::ZERO),
        "" => Err(wrong(text)),
        text => read(text),
    }
}

fn wrong(text: &str) -> String {
    format!("`{text}` is no duration; write such as `30s`, `5m` or `1h30m`")
}

/// Reads numbers with units, added up.
fn read(text: &str) -> Result<Duration, String> {
    let wrong = || wrong(text);
    let (mut total, mut rest) = (Duration::ZERO, text);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, behind) = rest.split_at_checked(digits).ok_or_else(wrong)?;
        let letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, behind) = behind.split_at_checked(letters).ok_or_else(wrong)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = behind;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        for (text, seconds) in [("500ms", 0.5), ("30s", 30.0), ("5m", 300.0), ("1h30m", 5400.0), ("1.5s", 1.5)] {
            assert_eq!(parse(text).map(|read| read.as_secs_f64()), Ok(seconds), "{text}");
        }
        for text in ["", "5", "m", "5 m", "-5m", "5d", "0s", "1e9h", "99999999999h", "5mm", "é"] {
            assert!(parse(text).unwrap_err().contains("is no duration"), "{text}");
        }
    }

    #[test]
    fn a_life_may_be_none() {
        for (text, seconds) in [("0", 0), ("0s", 0), ("36h", 129_600), ("20000h", 72_000_000)] {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "1", "00", "-1s", "forever"] {
            assert!(lifetime(text).unwrap_err().contains("is no duration"), "{text}");
        }
    }
}
