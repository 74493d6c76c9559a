//! `Prepared`: a key hashed once, for callers who ask with it often.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use super::encoding::{EncodeKey, KeyEncoding};

/// Drawn once for the process: prepared keys are hashed alike everywhere in it, and nobody outside can make them collide.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A key with its hash. Cheap to clone; equal if the keys are, whoever prepared them.
#[derive(Debug)]
pub struct Prepared<K> {
    hash: u64,
    key: Arc<K>,
}

impl<K: Hash> Prepared<K> {
    /// Hashes a key, once.
    #[must_use]
    pub fn new(key: K) -> Self {
        Self { hash: SEED.hash_one(&key), key: Arc::new(key) }
    }
}

impl<K> Deref for Prepared<K> {
    type Target = K;

    fn deref(&self) -> &K {
        &self.key
    }
}

impl<K: EncodeKey> EncodeKey for Prepared<K> {
    fn encode(&self, encoding: &mut KeyEncoding) {
        self.key.encode(encoding);
    }
}

impl<K> Clone for Prepared<K> {
    fn clone(&self) -> Self {
        Self { hash: self.hash, key: Arc::clone(&self.key) }
    }
}

impl<K: PartialEq> PartialEq for Prepared<K> {
    fn eq(&self, other: &Self) -> bool {
        // The hash is not trusted to tell keys apart: it only spares most comparisons that would fail.
        self.hash == other.hash && (Arc::ptr_eq(&self.key, &other.key) || self.key == other.key)
    }
}

impl<K: Eq> Eq for Prepared<K> {}

impl<K> Hash for Prepared<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes alike whatever it holds.
    #[derive(Debug, PartialEq, Eq)]
    struct Colliding(u8);

    impl Hash for Colliding {
        fn hash<H: Hasher>(&self, _state: &mut H) {}
    }

    #[test]
    fn equality_is_that_of_the_keys() {
        assert_eq!(Prepared::new("a".to_owned()), Prepared::new("a".to_owned()));
        assert_ne!(Prepared::new("a"), Prepared::new("b"));
        assert_eq!(Prepared::new(Colliding(1)).hash, Prepared::new(Colliding(2)).hash);
        assert_ne!(Prepared::new(Colliding(1)), Prepared::new(Colliding(2)));
    }
}
