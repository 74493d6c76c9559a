//! `Index`: which entries a selector means, without looking at the others.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::entries::Entry;
use super::label::{Label, Selector};

/// What a label costs in the index beside its text: a tree slot, a set slot and a list slot.
const OVERHEAD: u64 = 128;

/// The labels of all entries, both ways. Entries are named by number.
pub(super) struct Index<K> {
    by_label: BTreeMap<Label, HashSet<u64>>,
    by_number: HashMap<u64, (Arc<K>, Vec<Label>)>,
}

impl<K> Index<K> {
    /// What indexing under these labels weighs.
    pub(super) fn weight(labels: &[Label]) -> u64 {
        labels.iter().map(|label| label.weight().saturating_add(OVERHEAD)).fold(0, u64::saturating_add)
    }

    pub(super) fn insert(&mut self, number: u64, key: &Arc<K>, labels: Vec<Label>) {
        for label in &labels {
            self.by_label.entry(label.clone()).or_default().insert(number);
        }
        self.by_number.insert(number, (Arc::clone(key), labels));
    }

    /// Forgets an entry; gives its key, if it was known.
    pub(super) fn remove(&mut self, number: u64) -> Option<Arc<K>> {
        let (key, labels) = self.by_number.remove(&number)?;
        for label in &labels {
            if let Some(numbers) = self.by_label.get_mut(label) {
                numbers.remove(&number);
                if numbers.is_empty() {
                    self.by_label.remove(label);
                }
            }
        }
        Some(key)
    }

    /// Forgets entries that are no more.
    pub(super) fn remove_all<V>(&mut self, gone: &[Entry<V>]) {
        for entry in gone {
            self.remove(entry.number);
        }
    }

    /// The labels of an entry.
    pub(super) fn labels(&self, number: u64) -> &[Label] {
        self.by_number.get(&number).map_or(&[], |(_, labels)| labels)
    }

    /// The entries that a selector means: O(log n + matches).
    pub(super) fn matching(&self, selector: &Selector) -> HashSet<u64> {
        match selector {
            Selector::Is(label) => self.by_label.get(label).cloned().unwrap_or_default(),
            Selector::Within(top) => {
                let beneath = Label::new(top.name(), format!("{}/", top.value()));
                // '0' follows '/': the range holds all that begins with the path and a slash, and nothing else.
                let past = Label::new(top.name(), format!("{}0", top.value()));
                let below = self.by_label.range(beneath..past).map(|(_, numbers)| numbers);
                self.by_label.get(top).into_iter().chain(below).flatten().copied().collect()
            }
            Selector::All => self.by_number.keys().copied().collect(),
        }
    }
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { by_label: BTreeMap::new(), by_number: HashMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(value: &str) -> Label {
        Label::new("repository", value)
    }

    #[test]
    fn matches_what_the_selector_matches_and_forgets_all() {
        let mut index = Index::default();
        let values = ["a", "a/b", "a/b/c", "a-b", "a0", "ab", "a/", "b", "a.b"];
        for (number, value) in (0..).zip(values) {
            index.insert(number, &Arc::new(()), vec![label(value), Label::new("digest", value)]);
        }
        for selector in [Selector::Within(label("a")), Selector::Within(label("a/b")), Selector::Is(label("a"))] {
            let wanted: HashSet<u64> =
                (0..).zip(values).filter(|(_, value)| selector.means(&[label(value)])).map(|(number, _)| number).collect();
            assert_eq!(index.matching(&selector), wanted, "{selector}");
            assert!(!wanted.is_empty() && wanted.len() < values.len());
        }
        for number in 0..values.len() as u64 {
            assert!(index.remove(number).is_some());
            assert!(index.remove(number).is_none());
        }
        assert!(index.by_label.is_empty() && index.by_number.is_empty());
    }
}
