//! Sources of images: what they answer, and what they refuse.

mod layout;
mod reference;

use std::time::{Duration, Instant};

use vidimus::oci::{Blocking, Budget, Digest, Repository};

/// Far enough for a slow machine; no test gets there.
const LONG: Duration = Duration::from_secs(30);

fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    Blocking::new().unwrap().run(Instant::now() + LONG, work).unwrap()
}

fn budget() -> Budget {
    Budget::lasting(LONG)
}

fn repository(text: &str) -> Repository {
    text.parse().unwrap()
}

fn digest(text: &str) -> Digest {
    text.parse().unwrap()
}
