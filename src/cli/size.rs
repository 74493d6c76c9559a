//! Sizes as people write them: `1048576`, `64MiB`, `1.5GB`; and as they read them.

/// Reads a number with a unit, of 1000 or of 1024.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size; write such as `64MiB` or `1GB`");
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let factor: u32 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(u64::from(factor)).ok_or_else(wrong);
    }
    // A fraction of a unit; what is left of a byte is let go.
    let (whole, fraction) = number.split_once('.').ok_or_else(wrong)?;
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).map_err(|_| wrong())?).ok_or_else(wrong)?;
    let (whole, fraction): (u64, u64) = (whole.parse().map_err(|_| wrong())?, fraction.parse().map_err(|_| wrong())?);
    let bytes = u128::from(factor) * (u128::from(whole) * u128::from(scale) + u128::from(fraction)) / u128::from(scale);
    u64::try_from(bytes).map_err(|_| wrong())
}

/// `812 B`, `12.3 KiB`, `1.0 GiB`.
pub(super) fn shown(bytes: u64) -> String {
    let (divisor, unit) = match bytes {
        0..=1023 => return format!("{bytes} B"),
        1024..=1_048_575 => (1_u64 << 10, "KiB"),
        1_048_576..=1_073_741_823 => (1 << 20, "MiB"),
        _ => (1 << 30, "GiB"),
    };
    let tenths = bytes.saturating_mul(10) / divisor;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_written() {
        for (text, bytes) in
            [("0", 0), ("8388608", 8 << 20), ("64MiB", 64 << 20), ("64m", 64 << 20), ("1GB", 1_000_000_000), ("1.5k", 1536)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "-1", "1 MiB", "1TiB", "1.2.3k", ".5k", "1.k", "99999999999GiB", "0.000000000000000000000001G", "é"] {
            assert!(parse(text).unwrap_err().contains("is no size"), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        assert_eq!([0, 1023, 1024, 1_600_000, 3 << 30].map(shown), ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "3.0 GiB"]);
    }
}
