//! What was fetched and is kept, across verifications and evaluations: manifests and blobs by digest, hashed again whenever they
//! are used; what tags named and lists held when somebody last looked, which decides only whether to look again.
//!
//! Knows sources and the memo. No verdict lies here, and nothing here makes one: a source that lies about what has changed can
//! delay what is new, for five minutes at most.

mod item;
mod kept;
mod source;

use std::sync::Arc;
use std::time::Duration;

pub use source::KeptSource;

use crate::memo::{Clock, TimesToLive};
use crate::oci::ImageSource;
use kept::Kept;

/// How long after content was last fetched a source's word that it is unchanged stands for it.
const BELIEVED: Duration = Duration::from_mins(5);

/// How much content is kept, and how long.
#[derive(Debug, Clone)]
pub struct ContentConfig {
    /// The most that all of it may weigh, in bytes, apart from what verdicts weigh. Zero: nothing is kept.
    pub bytes: u64,
    /// How long manifests and blobs are kept, by registry and repository.
    pub times_to_live: TimesToLive,
    /// How long a list of referrers that a policy asks for is believed without asking again; verifications always ask.
    pub referrers: TimesToLive,
}

impl ContentConfig {
    /// How long a list of referrers is believed where nothing else is said.
    pub const REFERRERS: Duration = Duration::from_secs(10);
}

impl Default for ContentConfig {
    fn default() -> Self {
        let referrers = TimesToLive::new(Some(Self::REFERRERS));
        Self { bytes: 32 << 20, times_to_live: TimesToLive::default(), referrers }
    }
}

/// How it went so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ContentStats {
    /// Manifests, blobs and lists that were not fetched, since they were kept.
    pub hits: u64,
    /// Those that were fetched.
    pub misses: u64,
    /// Those that somebody else was fetching.
    pub coalesced: u64,
    /// Pieces of content kept now.
    pub entries: u64,
    /// Their weight; never above the bound.
    pub bytes: u64,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// A verification: tags and lists are asked for each time, cheaply where they were seen before.
    EachTime,
    /// A policy: a list may be as old as is configured, a tag is fetched each time.
    Seldom,
}

/// The content that is kept, for any number of sources. A clone shares it.
#[derive(Debug, Clone)]
pub struct Contents {
    kept: Arc<Kept>,
}

impl Contents {
    /// Nothing is kept yet. The time is read from `clock`.
    #[must_use]
    pub fn new(config: ContentConfig, clock: Arc<dyn Clock>) -> Self {
        Self { kept: Arc::new(Kept::new(config, clock)) }
    }

    /// A source for verifications, which fetches from `source` what is not kept.
    #[must_use]
    pub fn for_verification(&self, source: Arc<dyn ImageSource>) -> KeptSource {
        KeptSource::new(Arc::clone(&self.kept), source, Looks::EachTime)
    }

    /// A source for policies, which fetches from `source` what is not kept.
    #[must_use]
    pub fn for_policies(&self, source: Arc<dyn ImageSource>) -> KeptSource {
        KeptSource::new(Arc::clone(&self.kept), source, Looks::Seldom)
    }

    /// Forgets all that is kept.
    pub fn forget(&self) {
        self.kept.forget();
    }

    /// How it went so far.
    #[must_use]
    pub fn stats(&self) -> ContentStats {
        self.kept.stats()
    }
}
