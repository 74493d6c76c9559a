//! Passes over a policy until it asks nothing that is not known: what is asked is noted, fetched together, and asked again.
//!
//! While the network is waited for, an evaluation holds neither a core nor a sandbox. It holds for both engines: a pass is
//! whatever evaluates. See docs/adr/0013.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::answers::{Answered, Told, Wanted};
use super::outside::Outside;
use super::pace::Pace;
use super::scope::Scope;
use crate::builtins::{Asked, Call, Host, Value};
use crate::oci::{Descriptor, Digest, Manifest, Pointer, Repository, SourceError};
use crate::verify::{KeyReferences, PreparedRequest, Verified, VerifyError};

/// Passes that only find out what is asked; whatever is still unknown after them is waited for where it is asked.
const MAX_PASSES: usize = 8;
/// Threads that wait for the answers of one evaluation together, and the stack of each.
const MAX_WAITING: usize = 16;
const STACK: usize = 1 << 20;

impl Scope {
    /// Runs `pass` until it finds all its answers. Only what the last one gives counts.
    pub(crate) fn settle<T>(self: &Rc<Self>, pace: &Pace, mut pass: impl FnMut() -> T) -> T {
        let _entered = self.enter();
        for _ in 0..MAX_PASSES {
            if !pace.is_cheap() {
                break;
            }
            self.begin(true);
            let started = Instant::now();
            let outcome = pass();
            pace.note(started.elapsed());
            let wanted = self.answers().wanted();
            if wanted.is_empty() {
                return outcome;
            }
            self.learn(wanted);
        }
        self.begin(false);
        pass()
    }

    /// Asks all of `wanted` together, and remembers what they gave.
    fn learn(&self, wanted: Wanted) {
        let _lent = self.lend();
        let others = wanted.len().min(MAX_WAITING).saturating_sub(1);
        let queue = Mutex::new(wanted.into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (outside, seed, receipts) = (self.outside(), self.answers().seed(), self.tells_receipts());
        let Call { deadline, now_ns, .. } = self.call_by(self);
        let work = || {
            let mut learned = Vec::new();
            while let Some((question, builtin)) = next() {
                let fetcher = Fetcher { outside, seed, receipts, told: Mutex::default() };
                let answer = builtin.call(&Call { deadline, now_ns, host: &fetcher }, &question.1);
                let told = fetcher.told.into_inner().unwrap_or_else(PoisonError::into_inner);
                learned.push((question, Answered::new(answer, told)));
            }
            learned
        };
        let learned = std::thread::scope(|scope| {
            let work = &work;
            let thread = || std::thread::Builder::new().name("waiting".to_owned()).stack_size(STACK).spawn_scoped(scope, work);
            // Where there is no thread, this one does it all.
            let threads: Vec<_> = (0..others).map_while(|_| thread().ok()).collect();
            let mut learned = work();
            learned.extend(threads.into_iter().filter_map(|thread| thread.join().ok()).flatten());
            learned
        });
        self.answers().learn(learned);
    }
}

/// The way out, for calls that are made for an evaluation that stands still.
#[derive(Debug)]
struct Fetcher<'a> {
    outside: &'a Arc<Outside>,
    seed: [u8; 16],
    receipts: bool,
    told: Mutex<Told>,
}

impl Fetcher<'_> {
    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Host for Fetcher<'_> {
    fn verify(&self, request: &PreparedRequest, deadline: Instant, show: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError> {
        let answer = self.outside.verifier.ask(request, deadline);
        if self.receipts {
            self.tell(|told| told.receipts.push(self.outside.receipt(request, &answer)));
        }
        Ok(show(&answer?.verified))
    }

    fn manifests(&self, wanted: &[(Repository, Pointer)], deadline: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        self.outside.manifests(wanted, deadline)
    }

    fn blob(&self, repository: &Repository, digest: &Digest, max: u64, deadline: Instant) -> Result<Arc<[u8]>, SourceError> {
        self.outside.blob(repository, (digest, max), deadline)
    }

    fn referrers(&self, repository: &Repository, subject: &Digest, deadline: Instant) -> Result<Vec<Descriptor>, SourceError> {
        self.outside.referrers(repository, subject, deadline)
    }

    fn note_unavailable(&self, why: &str) {
        self.tell(|told| told.notes.push(why.to_owned()));
    }

    fn seed(&self) -> [u8; 16] {
        self.seed
    }

    fn asked(&self) -> Option<&Asked> {
        Some(&self.outside.asked)
    }

    fn key_references(&self) -> &dyn KeyReferences {
        &*self.outside.key_references
    }
}
