//! Sizes as people write them: `0`, `4096`, `64MiB`, `1GiB`.

/// Reads a number of bytes, with or without a unit.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size; write such as `65536`, `64MiB` or `1GiB`");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(wrong()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_written() {
        for (text, bytes) in [("0", 0), ("17", 17), ("4KiB", 4096), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("5B", 5)] {
            assert_eq!(parse(text), Ok(bytes));
        }
        for text in ["", "MiB", "-1", "1MB", "1 MiB", "1.5MiB", "99999999999999999999", "99999999999GiB", "é"] {
            assert!(parse(text).unwrap_err().contains("is no size"), "{text}");
        }
    }
}
