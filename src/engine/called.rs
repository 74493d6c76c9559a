//! `Called`: which functions modules could call, by their text. The engine copies each function that it is given with every
//! evaluation, so it is given no others.

use aho_corasick::AhoCorasick;

/// Names that occur in texts.
pub(super) struct Called(Vec<bool>);

impl Called {
    /// Which of `names` stand somewhere in the modules. More than are called, never fewer: modules are printed, and a name is printed
    /// in one way.
    pub(super) fn of<'t>(names: &[impl AsRef<str>], modules: impl Iterator<Item = &'t str>) -> Result<Self, String> {
        let search = AhoCorasick::new(names.iter().map(AsRef::as_ref)).map_err(|error| error.to_string())?;
        let mut called = vec![false; names.len()];
        for found in modules.flat_map(|text| search.find_overlapping_iter(text)) {
            if let Some(called) = called.get_mut(found.pattern().as_usize()) {
                *called = true;
            }
        }
        Ok(Self(called))
    }

    /// Of as many items as there were names, those whose name could be called.
    pub(super) fn only<T>(self, items: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        items.into_iter().zip(self.0).filter_map(|(item, called)| called.then_some(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_wherever_it_stands() {
        let names = ["count", "__vidimus_strings_count", "__vidimus_bits_or", "__vidimus_json_match_schema", "floor"];
        let texts = ["p := __vidimus_bits_or(1, 2)", "q := __vidimus_strings_count(input.x, \"y\")"];
        let called: Vec<_> = Called::of(&names, texts.into_iter()).unwrap().only(names).collect();
        assert_eq!(called, names[..3], "`count` ends another name, and is taken for called");
        assert_eq!(Called::of(&names, std::iter::empty()).unwrap().only(names).count(), 0);
    }
}
