//! The store on disk stays within its bound, and forgets what is oldest first.

use vidimus::memo::{EmbeddedStore, KeyName, Store as _};

use super::random::Random;

const BOUND: u64 = EmbeddedStore::LEAST_BYTES;

fn name(number: u64) -> KeyName {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    KeyName::from_bytes(bytes)
}

#[test]
fn the_file_never_grows_beyond_its_bound_and_the_oldest_go_first() {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::bounded(directory.path(), BOUND).unwrap();
    let mut random = Random::new(12);
    let (mut put, mut written) = (0, 0);
    while written < BOUND {
        let records: Vec<_> = (0..20)
            .map(|_| {
                put += 1;
                // Just over half a page and just over a page waste the most.
                let size = [100, 2_200, 4_300, 9_000].into_iter().nth(usize::try_from(random.below(4)).unwrap()).unwrap();
                (name(put), vec![7; size])
            })
            .collect();
        written += records.iter().map(|(_, sealed)| sealed.len() as u64).sum::<u64>();
        store.put(&records).unwrap();
        let file = std::fs::metadata(directory.path().join(EmbeddedStore::FILE)).unwrap().len();
        assert!(file <= BOUND, "{file}");
    }
    let present = |number| store.look(&name(number), 0).unwrap().record.is_some();
    let oldest = (1..=put).find(|number| present(*number)).unwrap();
    assert!(oldest > 1, "some had to go");
    assert!((oldest..=put).all(present), "and none that is younger than one that stayed");
    assert!(put - oldest > 100, "what fits is kept: {}", put - oldest);

    store.put(&[(name(0), vec![0; usize::try_from(BOUND).unwrap()])]).unwrap();
    assert!(!present(0) && present(put), "what would not fit alone takes nothing with it");
    let same: Vec<_> = (0..400).map(|round| (name(put), vec![1; 3_000 + round])).collect();
    store.put(&same).unwrap();
    assert!(present(oldest + 10), "what replaces itself takes no room");
}
