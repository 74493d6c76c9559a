//! `Verifier`: answers questions, each once at a time, and remembers the answers that are successes.
//!
//! A hit touches neither runtime nor registry. A miss is worked on by one leader, detached from whoever asked first.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::asker::Asker;
use super::gather::Place;
use super::judge::{Finding, Judge};
use super::landing;
use super::log_search::{LogSearch, Search};
use super::revocation_file::Watch;
use super::verdict_codec::VerdictCodec;
use super::verdict_key::{VerdictKey, weigh};
use super::{
    PreparedRequest, Proof, Receipt, ReceiptKind, Remembering, RevocationFile, RevocationFileError, Stats, Trust, Unanswered, Verified,
    VerifyError, VerifyRequest,
};
use crate::content::{ContentConfig, Contents};
use crate::memo::{
    Archive, Bound, Clock, Flight, How, Landing, Memo, Missed, Mode, Prepared, Revocation, Selector, SystemClock, TimesToLive, Vault,
};
use crate::oci::{Blocking, Budget, ImageSource, InvalidRegistry, Web};

/// How a [`Verifier`] works.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The most that all remembered answers may weigh together, in bytes.
    pub memo_bytes: u64,
    /// How long one verification may take, whoever waits for it.
    pub time: Duration,
    /// Names the credentials that the source uses, beside what the source itself says of them
    /// ([`ImageSource::credential_scope`]): answers are not shared between credentials.
    pub credential_scope: String,
    /// How long answers are remembered, by registry and repository; the evidence may end sooner.
    pub times_to_live: TimesToLive,
    /// Whether answers are remembered, and served from memory.
    pub mode: Mode,
    /// How far its memory may go.
    pub remembering: Remembering,
    /// How much of what is fetched is kept, apart from answers.
    pub content: ContentConfig,
    /// Where answers outlive the process; nowhere if there is none.
    pub vault: Option<Arc<Vault>>,
    /// Where the time is read by which answers expire.
    pub clock: Arc<dyn Clock>,
    /// Whether entries that are not attached are searched at the `rekor_url` of a question.
    pub log_search: LogSearch,
    /// What is revoked in a file, now and whenever it changes.
    pub revocations: Option<RevocationFile>,
}

impl Default for VerifierConfig {
    fn default() -> Self {
        Self {
            memo_bytes: 64 << 20,
            time: Duration::from_mins(1),
            credential_scope: String::new(),
            times_to_live: TimesToLive::default(),
            mode: Mode::On,
            remembering: Remembering::default(),
            content: ContentConfig::default(),
            vault: None,
            clock: Arc::new(SystemClock::default()),
            log_search: LogSearch::Off,
            revocations: None,
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
    /// The file of revocations is none.
    #[error(transparent)]
    Revocations(#[from] RevocationFileError),
}

/// An answer: the proof, and where it came from.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The proof.
    pub verified: Proof,
    /// Where it came from.
    pub receipt: Receipt,
}

/// Answers who signed an image. A clone shares source, trust and memory.
#[derive(Clone)]
pub struct Verifier {
    pub(super) asker: Arc<Asker>,
    pub(super) shared: Arc<Shared>,
}

/// What the memo gives.
type Known = crate::memo::Answer<Arc<Verified>>;
type Key = Prepared<VerdictKey>;
type Leader = Flight<Key, Arc<Verified>, Unanswered>;

pub(super) struct Shared {
    trust: Trust,
    contents: Contents,
    pub(super) time: Duration,
    times_to_live: TimesToLive,
    pub(super) memo: Memo<Key, Arc<Verified>, Unanswered>,
    pub(super) blocking: Blocking,
    requests: AtomicU64,
    /// How many revocations there had been when what is kept of content was last forgotten.
    heard: AtomicU64,
    /// Where logs may be searched.
    web: Option<Web>,
    /// Where something may be revoked elsewhere.
    pub(super) watch: Option<Watch>,
}

impl Verifier {
    /// A verifier that asks `source`, believes `trust` and remembers nothing yet.
    ///
    /// # Errors
    /// [`InvalidVerifier`] where its threads cannot be started, no client for logs can be made, or the file of revocations is
    /// none.
    pub fn new(source: Arc<dyn ImageSource>, trust: Trust, config: VerifierConfig) -> Result<Self, InvalidVerifier> {
        let VerifierConfig { time, times_to_live, mode, vault, clock, .. } = config;
        let contents = Contents::new(config.content, Arc::clone(&clock));
        let kept = contents.for_verification(Arc::clone(&source));
        let asker = Arc::new(Asker { source, kept, credentials: config.credential_scope, epoch: trust.epoch() });
        let (bound, tuning) = (Bound { bytes: config.memo_bytes, weigh }, config.remembering.tuning(mode));
        let (watch, revoked) = Watch::start(config.revocations, vault.as_deref(), Arc::clone(&clock))?;
        let memo = match vault {
            None => Memo::tuned(&bound, tuning, clock),
            Some(vault) => {
                let codec = VerdictCodec { times_to_live: times_to_live.clone() };
                let archive = Archive::new(vault, codec).map_err(InvalidVerifier::Threads)?;
                Memo::archived(&bound, tuning, clock, archive)
            }
        };
        let blocking = Blocking::new().map_err(InvalidVerifier::Threads)?;
        let web = match config.log_search {
            LogSearch::Off => None,
            LogSearch::Allowed => Some(Web::new()?),
        };
        let shared = Shared {
            trust,
            contents,
            time,
            times_to_live,
            memo,
            blocking,
            requests: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            web,
            watch,
        };
        let verifier = Self { asker, shared: Arc::new(shared) };
        verifier.revoke_listed(revoked);
        Ok(verifier)
    }

    /// A verifier that asks with other eyes, and shares all else. Its answers and those of this one are remembered apart
    /// unless both sources show a repository the same credentials.
    #[must_use]
    pub fn with_source(&self, source: Arc<dyn ImageSource>) -> Self {
        let Asker { credentials, epoch, .. } = &*self.asker;
        let kept = self.shared.contents.for_verification(Arc::clone(&source));
        let asker = Asker { source, kept, credentials: credentials.clone(), epoch: *epoch };
        Self { asker: Arc::new(asker), shared: Arc::clone(&self.shared) }
    }

    /// Answers `request` by `deadline`, from memory where it can. May be called from anywhere, a tokio worker included; it
    /// blocks the calling thread.
    ///
    /// # Errors
    /// [`VerifyError`]. A deadline that passes is *unavailable*, to this caller alone: the verification goes on.
    pub fn verify(&self, request: &VerifyRequest, deadline: Instant) -> Result<Answer, VerifyError> {
        Ok(self.answer(&self.asker.key(Arc::new(request.clone())), deadline)?)
    }

    /// As [`Verifier::verify`], for a question that is asked often.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_prepared(&self, request: &PreparedRequest, deadline: Instant) -> Result<Answer, VerifyError> {
        Ok(self.ask(request, deadline)?)
    }

    /// As [`Verifier::verify_prepared`], for who wants to be told what it cost to find out that there is no answer.
    ///
    /// # Errors
    /// As [`Verifier::verify`], with the cost.
    pub fn ask(&self, request: &PreparedRequest, deadline: Instant) -> Result<Answer, Unanswered> {
        self.asker.with_key_of(request, |key| self.answer(key, deadline))
    }

    /// The answer where it is remembered. Never waits.
    #[must_use]
    pub fn remembered(&self, request: &PreparedRequest) -> Option<Answer> {
        self.known(request).map(|answer| self.told(answer))
    }

    /// As [`Verifier::remembered`], for who asks for no receipt.
    pub(crate) fn known(&self, request: &PreparedRequest) -> Option<Known> {
        self.heed();
        self.asker.with_key_of(request, |key| self.shared.memo.remembered(key, self.leader(None)))
    }

    fn answer(&self, key: &Key, deadline: Instant) -> Result<Answer, Unanswered> {
        self.heed();
        let missed = match self.shared.memo.get_or_start(key, deadline, self.leader(Some(deadline))) {
            Ok(answer) => return Ok(self.told(answer)),
            Err(missed) => missed,
        };
        let why = match missed {
            Missed::Failed(unanswered) => return Err(unanswered),
            Missed::TimedOut => "no answer within the deadline",
            Missed::Revoked => "the verdict was revoked while it was awaited",
            Missed::Abandoned => "the verification was abandoned",
        };
        Err(unavailable(&key.request, why).into())
    }

    pub(crate) fn told(&self, answer: Known) -> Answer {
        let expiry = answer.expiry();
        let receipt = Receipt {
            kind: kind(answer.how, answer.value()),
            verified_at: answer.verified_at(),
            expires_at: expiry.map(|expiry| expiry.at),
            expires_why: expiry.map(|expiry| expiry.why),
            epoch: self.asker.epoch,
            registry_requests: answer.cost,
        };
        Answer { verified: answer.into(), receipt }
    }

    /// Starts the work for one key: on the thread of a caller who waits for it anyway, as far as it comes without waiting for
    /// anything; else on threads of its own.
    fn leader(&self, deadline: Option<Instant>) -> impl FnOnce(Leader) {
        move |flight| {
            let here = flight.is_awaited() && deadline.is_some_and(|deadline| Instant::now() < deadline);
            let (shared, asker) = (Arc::clone(&self.shared), Arc::clone(&self.asker));
            let work = async move {
                shared.forget_content();
                let source: &dyn ImageSource = if shared.starts_over(&flight) { &*asker.source } else { &asker.kept };
                shared.lead(source, flight).await;
            };
            if here { self.shared.blocking.begin(work) } else { self.shared.blocking.spawn(work) }
        }
    }

    /// What is kept of the content that was fetched, for others who fetch.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.shared.contents
    }

    /// Forgets every answer that the selector means: `digest`, `repository` (with all beneath it), `key` (fingerprint),
    /// `identity`, `issuer`, `log-index` or `epoch`. A verification that started before publishes none of them any more.
    #[must_use = "the record belongs in an audit trail"]
    pub fn revoke(&self, selector: Selector) -> Revocation {
        let revocation = self.shared.memo.revoke(selector);
        self.shared.forget_content();
        revocation
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
        Stats::new(self.shared.memo.stats(), self.shared.requests.load(Ordering::Relaxed))
    }

    /// Whether answers are no longer remembered, since one did not agree with what was found anew.
    #[must_use]
    pub fn distrusts_itself(&self) -> bool {
        !self.shared.memo.distrusted().is_empty() || self.shared.memo.stats().disagreements > 0
    }
}

impl Shared {
    /// Whether to use nothing that is kept: for what is to be compared, and where nothing is to be remembered.
    fn starts_over(&self, flight: &Leader) -> bool {
        let never = self.times_to_live.of(flight.key().request.image.repository()).is_some_and(|ttl| ttl.duration.is_zero());
        never || flight.compares() || self.memo.mode() == Mode::Off || !self.memo.distrusted().is_empty()
    }

    /// Uses no content that was kept before a revocation, whichever process it came from: whoever revokes wants it looked at anew.
    pub(super) fn forget_content(&self) {
        let revocations = self.memo.revocations();
        if self.heard.load(Ordering::Acquire) < revocations {
            self.contents.forget();
            // Told when it is done: who comes meanwhile forgets once more.
            self.heard.fetch_max(revocations, Ordering::Release);
        }
    }

    /// Does the work for one key, and brings home what came of it.
    async fn lead(&self, source: &dyn ImageSource, flight: Leader) {
        let budget = Budget::lasting(self.time);
        let request = Arc::clone(&flight.key().request);
        flight.tag(|key| landing::labels(key));
        let found = tokio::time::timeout(self.time, self.decide(&request, (source, &budget))).await;
        let cost = budget.requests();
        self.requests.fetch_add(cost, Ordering::Relaxed);
        let unanswered = |error| Unanswered { error, registry_requests: Some(cost) };
        match found {
            Ok(Ok(mut finding)) => {
                finding.verified.from_kept_content = budget.was_all_kept();
                flight.land(Ok(Landing { cost, ..landing::of(&request, finding, &self.times_to_live) }));
            }
            Ok(Err(error @ VerifyError::Unavailable(_))) => flight.unavailable(unanswered(error)),
            Ok(Err(error)) => flight.land(Err(unanswered(error))),
            Err(_) => flight.unavailable(unanswered(unavailable(&request, "the verification took too long"))),
        }
    }

    async fn decide(&self, request: &VerifyRequest, (source, budget): (&dyn ImageSource, &Budget)) -> Result<Finding, VerifyError> {
        self.judged(request, &self.place(request, (source, budget))).await
    }

    /// Where the evidence for `request` is gathered.
    pub(super) fn place<'a>(&'a self, request: &'a VerifyRequest, (source, budget): (&'a dyn ImageSource, &'a Budget)) -> Place<'a> {
        let search = self.web.as_ref().map(|web| Search::new(web, request, &self.trust));
        Place::new(source, &request.image, budget).searching(search)
    }

    pub(super) async fn judged(&self, request: &VerifyRequest, place: &Place<'_>) -> Result<Finding, VerifyError> {
        Judge::new(request, &self.trust)?.decide(place).await
    }
}

fn unavailable(request: &VerifyRequest, why: &str) -> VerifyError {
    VerifyError::Unavailable(format!("{}: {why}", request.image))
}

fn kind(how: How, verified: &Verified) -> ReceiptKind {
    match how {
        How::Fresh if verified.from_kept_content => ReceiptKind::Revalidated,
        How::Fresh => ReceiptKind::Fresh,
        How::Hit => ReceiptKind::Hit,
        How::Coalesced => ReceiptKind::Coalesced,
        How::Stale => ReceiptKind::Stale,
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("source", &self.asker.source).finish_non_exhaustive()
    }
}
