//! `Front`: hits close at hand. What a thread asks for again is kept in a lane of its own, where it meets other threads on no
//! lock and on no count.
//!
//! INVARIANT: a lane holds nothing that the store behind it no longer holds. Who removes something from the store clears it from
//! the lanes before anybody is told; who copies from the store into a lane gives up if anything was removed since it looked.

use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;

use super::counters::lane;
use super::entries::{Entry, Found};

/// One for each bit of [`Front::used`].
const LANES: usize = 64;
/// Groups of places in a lane, and places in a group: a key has its place in one group.
const GROUPS: usize = 128;
const WAYS: usize = 4;
/// One in so many hits asks the store as well, which is to know what is hot: the hotter it is, the more seldom. In the store all
/// threads meet.
const ASKS: u32 = 16;
const MOST_ASKS: u32 = 256;

/// What threads asked for lately. The values are the store's own: a lane holds pointers to them, and no more of these than it
/// has places.
pub(super) struct Front<K, V> {
    lanes: Box<[Lane<K, V>]>,
    /// Which lanes were ever written to.
    used: AtomicU64,
    /// How often something was removed from the store.
    removals: AtomicU64,
    seed: RandomState,
}

/// What one thread asked for (or several, where there are more threads than lanes).
#[repr(align(128))]
struct Lane<K, V> {
    groups: Mutex<Vec<Group<K, V>>>,
}

struct Group<K, V> {
    places: [Option<Place<K, V>>; WAYS],
    /// The hashes that were looked for last in vain: who is asked for a second time gets a place, who is asked for once costs none.
    candidates: [u64; WAYS],
    /// Which candidate is the next to go, and which place.
    next_candidate: usize,
    next: usize,
}

struct Place<K, V> {
    hash: u64,
    key: K,
    entry: Entry<V>,
    /// Hits until the store is asked again, and from then until it is asked once more.
    left: u32,
    interval: u32,
}

/// What a look into a lane came to.
pub(super) enum Near<V> {
    Here(Entry<V>),
    /// It is here, but the store is to be asked this time.
    Ask,
    /// Not here.
    Far(Candidacy),
}

/// Whether to keep in the lane what the store will give.
pub(super) enum Candidacy {
    /// If nothing was removed since this many removals.
    Keep {
        hash: u64,
        removals: u64,
    },
    Pass,
}

impl<K: Eq + Hash, V> Front<K, V> {
    pub(super) fn new() -> Self {
        let lanes = (0..LANES).map(|_| Lane { groups: Mutex::default() }).collect();
        Self { lanes, used: AtomicU64::new(0), removals: AtomicU64::new(0), seed: RandomState::default() }
    }

    /// What this thread's lane has of a key.
    pub(super) fn look(&self, key: &K) -> Near<V> {
        let hash = self.seed.hash_one(key);
        let own = lane() % LANES;
        let Some(mut groups) = self.lanes.get(own).map(Lane::lock) else { return Near::Far(Candidacy::Pass) };
        let Some(group) = groups.get_mut(group_of(hash)) else {
            // The first look of this lane makes room in it. Marked under its lock: nobody keeps anything in a lane that is not.
            self.used.fetch_or(1 << own, Ordering::SeqCst);
            groups.resize_with(GROUPS, Group::empty);
            return Near::Far(Candidacy::Pass);
        };
        let Some(place) = group.places.iter_mut().flatten().find(|place| place.hash == hash && place.key == *key) else {
            let again = group.is_second(hash);
            // Read before the store is: what is removed from it after that is seen when it comes to a place.
            let removals = self.removals.load(Ordering::SeqCst);
            return Near::Far(if again { Candidacy::Keep { hash, removals } } else { Candidacy::Pass });
        };
        place.left = place.left.saturating_sub(1);
        if place.left == 0 {
            place.left = place.interval;
            place.interval = (place.interval * 2).min(MOST_ASKS);
            return Near::Ask;
        }
        Near::Here(place.entry.clone())
    }

    /// Gives a place in this thread's lane to what the store gave after [`Front::look`].
    pub(super) fn keep(&self, candidacy: &Candidacy, (key, entry): (&K, &Entry<V>))
    where
        K: Clone,
        V: Clone,
    {
        let Candidacy::Keep { hash, removals } = *candidacy else { return };
        let Some(mut groups) = self.lanes.get(lane() % LANES).map(Lane::lock) else { return };
        let Some(group) = groups.get_mut(group_of(hash)) else { return };
        if self.removals.load(Ordering::SeqCst) != removals {
            return;
        }
        // A pointer of the lane's own: its count is nobody else's.
        let entry = Entry { found: Arc::new(Found::clone(&entry.found)), ..entry.clone() };
        let place = Place { hash, key: key.clone(), entry, left: ASKS, interval: ASKS * 2 };
        group.next = (group.next + 1) % WAYS;
        let free = group.places.iter().position(Option::is_none).unwrap_or(group.next);
        if let Some(slot) = group.places.get_mut(free) {
            *slot = Some(place);
        }
    }

    /// Clears what was removed from the store from every lane.
    pub(super) fn clear<'k>(&self, removed: impl Iterator<Item = &'k K>)
    where
        K: 'k,
    {
        self.removals.fetch_add(1, Ordering::SeqCst);
        let used = self.used.load(Ordering::SeqCst);
        if used == 0 {
            return;
        }
        for key in removed {
            let hash = self.seed.hash_one(key);
            for (_, lane) in self.lanes.iter().enumerate().filter(|(own, _)| used & (1 << own) != 0) {
                let mut groups = lane.lock();
                let Some(group) = groups.get_mut(group_of(hash)) else { continue };
                // Threads that share a lane may have kept it twice.
                let here = |place: &&mut Option<Place<K, V>>| place.as_ref().is_some_and(|place| place.hash == hash && place.key == *key);
                let gone: Vec<_> = group.places.iter_mut().filter(here).map(Option::take).collect();
                drop(groups);
                drop(gone);
            }
        }
    }
}

impl<K, V> Lane<K, V> {
    /// What a panic of `Eq` or `Clone` leaves behind is a lane without the key.
    fn lock(&self) -> MutexGuard<'_, Vec<Group<K, V>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Group<K, V> {
    fn empty() -> Self {
        Self { places: [const { None }; WAYS], candidates: [0; WAYS], next_candidate: 0, next: 0 }
    }

    /// Whether this hash was looked for before, not long ago.
    fn is_second(&mut self, hash: u64) -> bool {
        if self.candidates.contains(&hash) {
            return true;
        }
        if let Some(candidate) = self.candidates.get_mut(self.next_candidate % WAYS) {
            *candidate = hash;
        }
        self.next_candidate = (self.next_candidate + 1) % WAYS;
        false
    }
}

fn group_of(hash: u64) -> usize {
    // Keys that collide share the places of one group, and no more.
    usize::try_from(hash % GROUPS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::clock::SystemClock;
    use super::super::expiry::{Moment, Span};
    use super::*;

    fn entry() -> Entry<&'static str> {
        let span = Span::new(Moment::now(&SystemClock::default()), None, None);
        Entry { found: Arc::new(Found { value: "value", span }), upcoming: None, number: 0, weight: 0 }
    }

    /// Looks until a place is offered.
    fn offered(front: &Front<u32, &'static str>, key: u32) -> Candidacy {
        loop {
            match front.look(&key) {
                Near::Far(candidacy @ Candidacy::Keep { .. }) => return candidacy,
                Near::Far(Candidacy::Pass) => {}
                Near::Here(_) | Near::Ask => panic!("nothing was kept"),
            }
        }
    }

    #[test]
    fn what_two_threads_of_a_lane_kept_is_cleared_twice() {
        let front = Front::new();
        let candidacy = offered(&front, 1);
        front.keep(&candidacy, (&1, &entry()));
        front.keep(&candidacy, (&1, &entry()));
        assert!(matches!(front.look(&1), Near::Here(_)));
        front.clear([1].iter());
        assert!(matches!(front.look(&1), Near::Far(_)));
    }

    #[test]
    fn what_was_removed_since_it_was_looked_for_is_not_kept() {
        let front = Front::new();
        let candidacy = offered(&front, 1);
        front.clear([2].iter());
        front.keep(&candidacy, (&1, &entry()));
        assert!(matches!(front.look(&1), Near::Far(_)));
    }

    #[test]
    fn the_store_is_asked_now_and_then() {
        let front = Front::new();
        front.keep(&offered(&front, 1), (&1, &entry()));
        let asked = |looks: u32| (0..looks).filter(|_| matches!(front.look(&1), Near::Ask)).count();
        assert_eq!([asked(ASKS), asked(ASKS * 2), asked(ASKS * 4), asked(ASKS * 8)], [1; 4], "the hotter, the more seldom");
        assert_eq!(asked(MOST_ASKS * 10), 10, "and never more seldom than that");
    }

    #[test]
    fn keys_that_are_asked_for_in_turn_have_their_places() {
        let front = Front::new();
        for _ in 0..2 {
            for key in 0..100 {
                if let Near::Far(candidacy) = front.look(&key) {
                    front.keep(&candidacy, (&key, &entry()));
                }
            }
        }
        let here = (0..100).filter(|key| matches!(front.look(key), Near::Here(_))).count();
        assert!(here >= 90, "{here}: not those alone that share their group with no other");
    }

    #[test]
    fn a_lane_holds_no_more_than_it_has_places() {
        let front = Front::new();
        for key in 0..10_000 {
            front.keep(&offered(&front, key), (&key, &entry()));
        }
        let held: usize =
            front.lanes.iter().flat_map(|lane| lane.lock().iter().map(|g| g.places.iter().flatten().count()).collect::<Vec<_>>()).sum();
        assert!(held <= GROUPS * WAYS && held > GROUPS, "{held}");
    }
}
