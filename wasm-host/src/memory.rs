//! Reading and writing guest memory: every address and every length is the guest's word, and checked.

use wasmtime::{AsContextMut, Memory};

use crate::error::EvalError;
use crate::limits::PAGE;

/// The bytes of a text that ends with NUL, without it.
///
/// # Errors
/// An address outside of memory; no NUL before the end of memory; more than `limit` bytes.
pub(crate) fn terminated<'a>(memory: &'a [u8], address: i32, (what, limit): (&'static str, usize)) -> Result<&'a [u8], EvalError> {
    let malformed = |why: &str| EvalError::Malformed { what, why: format!("{why} (address {})", address.cast_unsigned()) };
    let start = usize::try_from(address.cast_unsigned()).map_err(|_| malformed("outside of memory"))?;
    if start == 0 {
        return Err(malformed("a null pointer"));
    }
    let rest = memory.get(start..).filter(|rest| !rest.is_empty()).ok_or_else(|| malformed("outside of memory"))?;
    let window = rest.get(..limit.saturating_add(1)).unwrap_or(rest);
    match window.iter().position(|byte| *byte == 0) {
        Some(end) => window.get(..end).ok_or_else(|| malformed("outside of memory")),
        None if window.len() < rest.len() || rest.len() > limit => Err(EvalError::TooLarge { what, limit }),
        None => Err(malformed("no end before the end of memory")),
    }
}

/// The same, as UTF-8.
///
/// # Errors
/// As [`terminated`], and for bytes that are not UTF-8.
pub(crate) fn text<'a>(memory: &'a [u8], address: i32, bounds: (&'static str, usize)) -> Result<&'a str, EvalError> {
    let bytes = terminated(memory, address, bounds)?;
    std::str::from_utf8(bytes).map_err(|error| EvalError::Malformed { what: bounds.0, why: error.to_string() })
}

/// Writes `bytes` at `address`, which the guest gave.
///
/// # Errors
/// Where they do not fit into memory there.
pub(crate) fn write(mut store: impl AsContextMut, memory: Memory, (address, bytes): (i32, &[u8])) -> Result<(), EvalError> {
    let place = usize::try_from(address.cast_unsigned()).unwrap_or(usize::MAX);
    let fits = address != 0 && memory.write(store.as_context_mut(), place, bytes).is_ok();
    if fits {
        Ok(())
    } else {
        Err(EvalError::Malformed { what: "an address to write to", why: format!("{place} + {} bytes", bytes.len()) })
    }
}

/// Lets memory have at least `bytes`.
///
/// # Errors
/// [`EvalError::Memory`] where it may not grow so far.
pub(crate) fn reserve(mut store: impl AsContextMut, memory: Memory, bytes: usize) -> Result<(), EvalError> {
    let there = memory.data_size(store.as_context_mut());
    if bytes <= there {
        return Ok(());
    }
    let pages = (bytes - there).div_ceil(PAGE);
    memory.grow(store.as_context_mut(), pages as u64).map(|_| ()).map_err(|_| EvalError::Memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: (&str, usize) = ("a text", 4);

    #[test]
    fn addresses_are_checked() {
        let memory = b"\0abc\0defgh\0\xff\0zz";
        assert_eq!(text(memory, 1, BOUNDS).unwrap(), "abc");
        assert_eq!(text(memory, 4, BOUNDS).unwrap(), "");
        assert_eq!(text(memory, 5, BOUNDS).unwrap_err(), EvalError::TooLarge { what: "a text", limit: 4 });
        assert_eq!(text(memory, 5, ("a text", 5)).unwrap(), "defgh");
        for (address, why) in [(0, "null"), (-1, "outside"), (15, "outside"), (11, "utf-8"), (13, "no end")] {
            assert!(text(memory, address, BOUNDS).unwrap_err().to_string().contains(why), "{address}");
        }
    }
}
