//! Floats as Go prints them: `%e`, `%f`, `%g`, `%b`, `%x`.

/// `%e`: an exponent of at least two digits, with its sign.
pub(super) fn exponent(number: f64, precision: usize, sharp: bool) -> String {
    let text = go_exponent(&format!("{number:.precision$e}"));
    if sharp && precision == 0 { text.replacen('e', ".e", 1) } else { text }
}

/// `%f`.
pub(super) fn fixed(number: f64, precision: usize, sharp: bool) -> String {
    let point = if sharp && precision == 0 { "." } else { "" };
    format!("{number:.precision$}{point}")
}

/// `%g`: the shorter of both; without precision, the fewest digits that read back as the same number.
pub(super) fn general(number: f64, precision: Option<usize>, sharp: bool) -> String {
    let shortest = precision.is_none();
    let significant = precision.map(|precision| precision.max(1));
    let scientific = match significant {
        Some(digits) => format!("{number:.*e}", digits - 1),
        None => format!("{number:e}"),
    };
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i64>() else { return scientific };
    let mut digits = mantissa.replace(['.', '-'], "");
    if shortest && sharp {
        digits = format!("{digits:0<6}");
    } else if !sharp {
        digits.truncate(digits.trim_end_matches('0').len().max(1));
    }
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // Go decides on six digits where it prints the shortest text, and never counts zeros behind the last digit.
    let limit = match significant.and_then(|digits| i64::try_from(digits).ok()) {
        None => 6.max(if count > exponent && sharp { count } else { 0 }),
        Some(digits) if digits > count && count > exponent => count,
        Some(digits) => digits,
    };
    let limit = if shortest { 21.min(limit) } else { limit };
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if exponent < -4 || exponent >= limit {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return go_exponent(&format!("{sign}{first}{point}{rest}e{exponent}"));
    }
    format!("{sign}{}", plain(&digits, exponent))
}

/// Digits with the point behind the place of `exponent`.
fn plain(digits: &str, exponent: i64) -> String {
    match usize::try_from(exponent) {
        Err(_) => format!("0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0))),
        Ok(exponent) if digits.len() <= exponent + 1 => format!("{digits}{}", "0".repeat(exponent + 1 - digits.len())),
        Ok(exponent) => {
            let (whole, fraction) = digits.split_at(exponent + 1);
            format!("{whole}.{fraction}")
        }
    }
}

fn go_exponent(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// Mantissa and exponent to the base of two.
fn parts(number: f64) -> (u64, i64) {
    let bits = number.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) }
}

/// `%b`.
pub(super) fn binary(number: f64) -> String {
    let (mantissa, exponent) = parts(number);
    format!("{}{mantissa}p{exponent:+}", if number.is_sign_negative() { "-" } else { "" })
}

/// `%x`.
pub(super) fn hexadecimal(number: f64, precision: Option<usize>) -> String {
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let (mut mantissa, mut exponent) = parts(number);
    if mantissa == 0 {
        let fraction = precision.filter(|precision| *precision > 0).map(|precision| format!(".{}", "0".repeat(precision)));
        return format!("{sign}0x0{}p+00", fraction.unwrap_or_default());
    }
    exponent += 52;
    while mantissa >> 52 == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if let Some(precision) = precision.filter(|precision| *precision < 13) {
        let drop = 52 - 4 * precision;
        let (half, rest) = (1u64 << (drop - 1), mantissa & ((1 << drop) - 1));
        mantissa >>= drop;
        mantissa += u64::from(rest > half || (rest == half && mantissa & 1 == 1));
        mantissa <<= drop;
        if mantissa >> 53 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut fraction = format!("{:013x}", mantissa & ((1 << 52) - 1));
    match precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(precision) if precision <= 13 => fraction.truncate(precision),
        Some(precision) => fraction.push_str(&"0".repeat(precision - 13)),
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let sign_of_exponent = if exponent < 0 { '-' } else { '+' };
    format!("{sign}0x1{point}{fraction}p{sign_of_exponent}{:02}", exponent.unsigned_abs())
}
