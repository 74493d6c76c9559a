//! One text out of JSON that means one thing only: a name given twice, or data after the document, is refused.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The text at `path` (names of members) in one document without repeated names, of which nothing else is kept; `None` where there
/// is no text.
pub(crate) fn strictly(bytes: &[u8], path: &[&str]) -> Result<Option<String>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let found = TextAt(Some(path)).deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// The rest of the path to the text; `None` beside it.
struct TextAt<'p>(Option<&'p [&'p str]>);

impl<'de> DeserializeSeed<'de> for TextAt<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextAt<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(self.0.is_some_and(<[_]>::is_empty).then(|| value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element_seed(TextAt(None))?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut names, mut found) = (BTreeSet::new(), None);
        while let Some(Name(name)) = members.next_key()? {
            let rest = self.0.and_then(<[_]>::split_first).filter(|(first, _)| **first == name).map(|(_, rest)| rest);
            if names.contains(&name) {
                return Err(A::Error::custom(format_args!("duplicate name `{}`", name.escape_default())));
            }
            names.insert(name);
            found = members.next_value_seed(TextAt(rest))?.or(found);
        }
        Ok(found)
    }
}

/// A member's name, borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_at_its_path_and_nowhere_else() {
        let found = |text: &str| strictly(text.as_bytes(), &["a", "b"]).unwrap();
        for text in [
            r#"{"a":{"b":"x"}}"#,
            r#"{"c":[{"a":{"b":"y"}}],"\u0061":{"n":-1.5,"\u0062":"x","m":null}}"#,
            r#"{"a":{"b":"\u0078"},"b":"y"}"#,
        ] {
            assert_eq!(found(text).as_deref(), Some("x"), "{text}");
        }
        for text in [
            r#"{"a":{"b":["x"]}}"#,
            r#"{"a":[{"b":"x"}]}"#,
            r#"[{"a":{"b":"x"}}]"#,
            r#"{"a":"x"}"#,
            r#"{"b":{"a":"x"}}"#,
            r#"{"a":{"b":{"b":"x"}}}"#,
            r#""x""#,
            "{}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    /// Two readers of one document: whatever stands in it, they agree.
    #[test]
    fn it_reads_what_the_strict_reader_reads() {
        let text = br#"{"a":{"b":"x","c":[1,-2.5e3,true,null,{"b":"y"}]},"\u0061b":{"b":{"b":"z"}},"d":"\n"}"#;
        let (mut state, mut agreed) = (7_u64, 0);
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..20_000 {
            let mut bytes = text.to_vec();
            for _ in 0..next(3) {
                let (at, from) = (next(bytes.len()), next(text.len()));
                match next(3) {
                    0 => bytes[at] = text[from],
                    1 => bytes.insert(at, text[from]),
                    _ => drop(bytes.remove(at)),
                }
            }
            let whole = crate::verify::json::strict(&bytes);
            agreed += usize::from(whole.is_ok());
            let wanted = whole.map(|value| value.pointer("/a/b").and_then(serde_json::Value::as_str).map(str::to_owned));
            let found = strictly(&bytes, &["a", "b"]);
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(found.map_err(|error| error.to_string()), wanted.map_err(|error| error.to_string()), "{shown}");
        }
        assert!(agreed > 5_000, "{agreed}: most of it should be JSON still");
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for bad in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"[{"b":{"a":1,"a":2}}]"#, "{} {}", "{}x", "", "{", "nul"] {
            strictly(bad.as_bytes(), &["a"]).unwrap_err();
        }
        strictly("[".repeat(100_000).as_bytes(), &["a"]).unwrap_err();
    }
}
