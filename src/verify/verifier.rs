//! `Verifier`: answers questions, each once at a time, and remembers the answers that are successes.
//!
//! A hit touches neither runtime nor registry. A miss is worked on by one leader, detached from whoever asked first.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::gather::Place;
use super::judge::{Finding, Judge};
use super::landing;
use super::log_search::{LogSearch, Search};
use super::verdict_codec::VerdictCodec;
use super::verdict_key::{Scope, VerdictKey, weigh};
use super::{Receipt, ReceiptKind, Trust, Verified, VerifyError, VerifyRequest};
use crate::memo::{
    Archive, Bound, Clock, Flight, How, Label, Landing, Memo, Missed, Mode, Revocation, Selector, SystemClock, TimesToLive, Tuning, Vault,
};
use crate::oci::{Blocking, Budget, ImageSource, InvalidRegistry, Web};

/// How a [`Verifier`] works.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The most that all remembered answers may weigh together, in bytes.
    pub memo_bytes: u64,
    /// How long one verification may take, whoever waits for it.
    pub time: Duration,
    /// Names the credentials that the source uses: answers are not shared between credentials.
    pub credential_scope: String,
    /// How long answers are remembered, by registry and repository; the evidence may end sooner.
    pub times_to_live: TimesToLive,
    /// Whether entries that are not attached are searched at the `rekor_url` of a question.
    pub log_search: LogSearch,
    /// Whether answers are remembered, and served from memory.
    pub mode: Mode,
    /// Where answers outlive the process; nowhere if there is none.
    pub vault: Option<Arc<Vault>>,
    /// Where the time is read by which answers expire.
    pub clock: Arc<dyn Clock>,
}

impl Default for VerifierConfig {
    fn default() -> Self {
        Self {
            memo_bytes: 64 << 20,
            time: Duration::from_mins(1),
            credential_scope: String::new(),
            times_to_live: TimesToLive::default(),
            mode: Mode::On,
            vault: None,
            log_search: LogSearch::Off,
            clock: Arc::new(SystemClock::default()),
        }
    }
}

/// Why there is no [`Verifier`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifier {
    /// The threads that fetch could not be started.
    #[error("cannot start the verifier's threads")]
    Threads(#[source] std::io::Error),
    /// There is no client to ask logs with.
    #[error(transparent)]
    Client(#[from] InvalidRegistry),
}

/// An answer: the proof, and where it came from.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The proof.
    pub verified: Arc<Verified>,
    /// Where it came from.
    pub receipt: Receipt,
}

/// How a [`Verifier`] did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Verifications done, whatever came of them.
    pub verifications: u64,
    /// Answers that were remembered.
    pub hits: u64,
    /// Questions that nobody was working on and that were not remembered.
    pub misses: u64,
    /// Questions that somebody else was working on.
    pub coalesced: u64,
    /// Answers remembered now.
    pub entries: u64,
    /// Their weight.
    pub bytes: u64,
    /// HTTP requests that verifications sent, tokens included.
    pub registry_requests: u64,
}

/// Answers who signed an image. A clone shares source, trust and memory.
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn ImageSource>,
    trust: Trust,
    scope: Arc<Scope>,
    time: Duration,
    times_to_live: TimesToLive,
    memo: Memo<VerdictKey, Arc<Verified>, VerifyError>,
    blocking: Blocking,
    requests: AtomicU64,
    /// Where logs may be searched.
    web: Option<Web>,
}

impl Verifier {
    /// A verifier that asks `source`, believes `trust` and remembers nothing yet.
    ///
    /// # Errors
    /// [`InvalidVerifier`] where its threads cannot be started, or no client for logs can be made.
    pub fn new(source: Arc<dyn ImageSource>, trust: Trust, config: VerifierConfig) -> Result<Self, InvalidVerifier> {
        let VerifierConfig { memo_bytes, time, credential_scope, times_to_live, mode, vault, clock, log_search } = config;
        let scope = Arc::new(Scope { epoch: trust.epoch(), credentials: credential_scope });
        let (bound, tuning) = (Bound { bytes: memo_bytes, weigh }, Tuning { mode, ..Tuning::default() });
        let memo = match vault {
            None => Memo::tuned(&bound, tuning, clock),
            Some(vault) => {
                let codec = VerdictCodec { times_to_live: times_to_live.clone() };
                let archive = Archive::new(vault, codec).map_err(InvalidVerifier::Threads)?;
                Memo::archived(&bound, tuning, clock, archive)
            }
        };
        let blocking = Blocking::new().map_err(InvalidVerifier::Threads)?;
        let web = match log_search {
            LogSearch::Off => None,
            LogSearch::Allowed => Some(Web::new()?),
        };
        let shared = Shared { source, trust, scope, time, times_to_live, memo, blocking, requests: AtomicU64::new(0), web };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Answers `request` by `deadline`, from memory where it can. May be called from anywhere, a tokio worker included; it
    /// blocks the calling thread.
    ///
    /// # Errors
    /// [`VerifyError`]. A deadline that passes is *unavailable*, to this caller alone: the verification goes on.
    pub fn verify(&self, request: &VerifyRequest, deadline: Instant) -> Result<Answer, VerifyError> {
        let key = VerdictKey { request: request.clone(), scope: Arc::clone(&self.shared.scope) };
        let start = |flight| {
            let leader = Arc::clone(&self.shared);
            self.shared.blocking.spawn(async move { leader.lead(flight).await });
        };
        match self.shared.memo.get_or_start(&key, deadline, start) {
            Ok(answer) => Ok(self.shared.answer(answer)),
            Err(Missed::Failed(error)) => Err(error),
            Err(Missed::TimedOut) => Err(unavailable(request, "no answer within the deadline")),
            Err(Missed::Revoked) => Err(unavailable(request, "the verdict was revoked while it was awaited")),
            Err(Missed::Abandoned) => Err(unavailable(request, "the verification was abandoned")),
        }
    }

    /// The answer to `request` where it is remembered. Never waits.
    #[must_use]
    pub fn remembered(&self, request: &VerifyRequest) -> Option<Answer> {
        let key = VerdictKey { request: request.clone(), scope: Arc::clone(&self.shared.scope) };
        self.shared.memo.get(&key).map(|answer| self.shared.answer(answer))
    }

    /// Forgets every answer that the selector means: `digest`, `repository` (with all beneath it), `key` (fingerprint),
    /// `identity`, `issuer`, `log-index` or `epoch`. A verification that started before publishes none of them any more.
    #[must_use = "the record belongs in an audit trail"]
    pub fn revoke(&self, selector: Selector) -> Revocation {
        self.shared.memo.revoke(selector)
    }

    /// Waits until what was found out so far is written down; false if that takes beyond the deadline. A verifier without a
    /// vault has nothing to write.
    #[must_use]
    pub fn flush(&self, deadline: Instant) -> bool {
        self.shared.memo.flush(deadline)
    }

    /// How it went so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let memo = self.shared.memo.stats();
        Stats {
            verifications: memo.misses,
            hits: memo.hits,
            misses: memo.misses,
            coalesced: memo.coalesced,
            entries: memo.entries,
            bytes: memo.bytes,
            registry_requests: self.shared.requests.load(Ordering::Relaxed),
        }
    }
}

impl Shared {
    /// Does the work for one key, and brings home what came of it.
    async fn lead(&self, flight: Flight<VerdictKey, Arc<Verified>, VerifyError>) {
        let budget = Budget::lasting(self.time);
        let request = flight.key().request.clone();
        flight.tag(Label::new("epoch", self.scope.epoch.to_string()));
        for label in landing::labels(&request) {
            flight.tag(label);
        }
        let found = tokio::time::timeout(self.time, self.decide(&request, &budget)).await;
        let cost = budget.requests();
        self.requests.fetch_add(cost, Ordering::Relaxed);
        match found {
            Ok(Ok(finding)) => flight.land(Ok(Landing { cost, ..landing::of(&request, finding, &self.times_to_live) })),
            Ok(Err(error @ VerifyError::Unavailable(_))) => flight.unavailable(error),
            Ok(Err(error)) => flight.land(Err(error)),
            Err(_) => flight.unavailable(unavailable(&request, "the verification took too long")),
        }
    }

    fn answer(&self, answer: crate::memo::Answer<Arc<Verified>>) -> Answer {
        let receipt = Receipt {
            kind: answer.how.into(),
            verified_at: answer.verified_at,
            expires_at: answer.expiry.map(|expiry| expiry.at),
            expires_why: answer.expiry.map(|expiry| expiry.why),
            epoch: self.scope.epoch,
            registry_requests: answer.cost,
        };
        Answer { verified: answer.value, receipt }
    }

    async fn decide(&self, request: &VerifyRequest, budget: &Budget) -> Result<Finding, VerifyError> {
        let judge = Judge::new(request, &self.trust)?;
        let search = self.web.as_ref().map(|web| Search::new(web, request, &self.trust));
        let place = Place::new(&*self.source, &request.image, budget).searching(search);
        judge.decide(&place).await
    }
}

fn unavailable(request: &VerifyRequest, why: &str) -> VerifyError {
    VerifyError::Unavailable(format!("{}: {why}", request.image))
}

impl From<How> for ReceiptKind {
    fn from(how: How) -> Self {
        match how {
            How::Fresh => Self::Fresh,
            How::Hit => Self::Hit,
            How::Coalesced => Self::Coalesced,
            How::Stale => Self::Stale,
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("source", &self.shared.source).finish_non_exhaustive()
    }
}
