//! `Called`: which functions modules could call, by their text. The engine copies each function that it is given with every
//! evaluation, so it is given no others.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;

/// Names that occur in texts.
pub(super) struct Called(HashSet<&'static str>);

impl Called {
    /// Those of `names` whose last part (`b` of `a.b`) stands somewhere in the modules. More than are called, never fewer: however
    /// a call is written, that part of the name is in it.
    pub(super) fn of<'t>(names: impl Iterator<Item = &'static str>, modules: impl Iterator<Item = &'t str>) -> Result<Self, String> {
        let names: Vec<&'static str> = names.collect();
        let last_part = |name: &&'static str| name.rsplit('.').next().unwrap_or(name);
        let search = AhoCorasick::new(names.iter().map(last_part)).map_err(|error| error.to_string())?;
        let found = modules.flat_map(|text| search.find_overlapping_iter(text)).filter_map(|found| names.get(found.pattern().as_usize()));
        Ok(Self(found.copied().collect()))
    }

    /// Whether this one could be called.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let names = ["count", "strings.count", "bits.or", "json.match_schema", "io.jwt.decode", "floor"];
        let texts = ["p := bits[\"or\"](1, 2)", "q := strings.count(input.x, \"y\")"];
        let called = Called::of(names.into_iter(), texts.into_iter()).unwrap();
        let has = names.map(|name| called.has(name));
        assert_eq!(has, [true, true, true, false, false, false], "`count` ends another name, and is taken for called");
        assert!(!Called::of(names.into_iter(), std::iter::empty()).unwrap().has("count"));
    }
}
