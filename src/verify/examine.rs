//! `Examination`: the evidence beside an image, looked at for its own sake. It uses no memory and leaves none.

use std::sync::Arc;
use std::time::Instant;

use super::exhibit::Exhibit;
use super::gather::Place;
use super::verifier::Shared;
use super::{Verifier, VerifyError, VerifyRequest};
use crate::oci::Budget;

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
    /// Looks at the evidence for `request` anew, and tells of each piece. Nothing is remembered of it.
    #[must_use]
    pub fn examine(&self, request: &VerifyRequest, deadline: Instant) -> Examination {
        let (shared, asked) = (self.share(), Arc::new(request.clone()));
        let done = self.run(deadline, async move { shared.examine(&asked).await });
        done.unwrap_or_else(|| {
            let late = VerifyError::Unavailable(format!("{}: no answer within the deadline", request.image));
            Examination { verdict: Err(late), exhibits: Vec::new(), registry_requests: 0 }
        })
    }
}

impl Shared {
    async fn examine(&self, request: &VerifyRequest) -> Examination {
        let budget = Budget::lasting(self.time());
        let place = Place::new(self.source(), &request.image, &budget);
        let verdict = self.judged(request, &place).await.map(drop);
        let exhibits = place.exhibits();
        Examination { verdict, exhibits, registry_requests: budget.requests() }
    }
}
