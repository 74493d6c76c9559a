//! `Examination`: the evidence beside an image, looked at for its own sake; and what is remembered, without asking for more.

use std::sync::Arc;
use std::time::Instant;

use super::exhibit::Exhibit;
use super::verdict_codec;
use super::{Answer, Verifier, VerifyError, VerifyRequest};
use crate::memo::{KeyName, Selector};
use crate::oci::{Budget, Digest};

/// What an examination found.
#[derive(Debug, Clone)]
pub struct Examination {
    /// What the evidence comes to now.
    pub verdict: Result<(), VerifyError>,
    /// Each piece that was looked at; of many, the first.
    pub exhibits: Vec<Exhibit>,
    /// HTTP requests that it cost.
    pub registry_requests: u64,
}

impl Verifier {
    /// Looks at the evidence for `request` anew, and tells of each piece. It uses no memory and leaves none.
    #[must_use]
    pub fn examine(&self, request: &VerifyRequest, deadline: Instant) -> Examination {
        let (verifier, asked) = (self.clone(), request.clone());
        let done = self.shared.blocking.run(deadline, async move { verifier.examined(&asked).await });
        done.unwrap_or_else(|_| {
            let late = VerifyError::Unavailable(format!("{}: no answer within the deadline", request.image));
            Examination { verdict: Err(late), exhibits: Vec::new(), registry_requests: 0 }
        })
    }

    async fn examined(&self, request: &VerifyRequest) -> Examination {
        let budget = Budget::lasting(self.shared.time);
        let place = self.shared.place(request, (&*self.asker.source, &budget)).telling();
        let verdict = self.shared.judged(request, &place).await.map(drop);
        let exhibits = place.exhibits();
        Examination { verdict, exhibits, registry_requests: budget.requests() }
    }

    /// The answer to `request` where it is remembered, in memory or in the vault. Asks no source.
    #[must_use]
    pub fn recall(&self, request: &VerifyRequest) -> Option<Answer> {
        self.heed();
        // The flight that would find it out is dropped, and so fails for this caller.
        let key = self.asker.key(Arc::new(request.clone()));
        self.shared.memo.get_or_start(&key, Instant::now(), drop).ok().map(|answer| self.told(answer))
    }

    /// The trust epoch: a digest over everything that is believed, and over the rules by which it is.
    #[must_use]
    pub fn epoch(&self) -> Digest {
        self.asker.epoch
    }

    /// What answers to `request` are called in a vault.
    #[must_use]
    pub fn entry(&self, request: &VerifyRequest) -> KeyName {
        verdict_codec::name(&self.asker.key(Arc::new(request.clone())))
    }

    /// Looks, now and then, for what was revoked elsewhere.
    pub(super) fn heed(&self) {
        let Some(watch) = self.shared.watch.as_ref().filter(|watch| watch.is_due()) else { return };
        self.shared.memo.catch_up();
        self.revoke_listed(watch.news());
        self.shared.forget_content();
    }

    pub(super) fn revoke_listed(&self, selectors: Vec<Selector>) {
        let Some(watch) = &self.shared.watch else { return };
        for selector in selectors {
            watch.tell(self.revoke(selector));
        }
    }
}
