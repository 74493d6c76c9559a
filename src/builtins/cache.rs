//! What is costly to compile and asked for again: kept per thread, bounded.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::thread::LocalKey;

/// A bounded store. When it is full it starts anew, which costs one compilation for each entry still in use.
#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Bounded<K, V> {
    /// An empty store of at most so many entries.
    pub(super) fn new(most: usize) -> RefCell<Self> {
        RefCell::new(Bounded { entries: HashMap::new(), most })
    }
}

/// The entry of this key, made if it is not there. A failure leaves nothing behind.
pub(super) fn get_or_make<K, V, E>(
    store: &'static LocalKey<RefCell<Bounded<K, V>>>,
    key: K,
    make: impl FnOnce(&K) -> Result<V, E>,
) -> Result<V, E>
where
    K: Eq + Hash,
    V: Clone,
{
    let found = store.with_borrow(|store| store.entries.get(&key).cloned());
    if let Some(found) = found {
        return Ok(found);
    }
    let new = make(&key)?;
    store.with_borrow_mut(|store| {
        if store.entries.len() >= store.most {
            store.entries.clear();
        }
        store.entries.insert(key, new.clone());
    });
    Ok(new)
}
