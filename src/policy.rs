//! `Policy`: compiled and prepared once, then asked about any number of components from any number of threads.

mod decisions;
pub(crate) mod document;
mod results;

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use regorus::utils::limits::ExecutionTimerConfig;

use crate::component::Component;
use crate::engine::{Failing, Lasting, Origins, Outside, Place, STACK, Scope, Terms};
use crate::evaluation::{ErrorKind, Evaluation, EvaluationError, Findings};
use crate::explanation::Explanation;
use crate::profile::Profile;
use crate::rego::Observed;

pub(crate) use decisions::{Deciding, Decisions, GENERATED, Question, path, reference};

/// Nanoseconds since 1970, as policies see a time.
pub(crate) fn nanoseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// How often the clock is looked at: every so many steps of the interpreter.
pub(crate) const CHECK_INTERVAL: NonZeroU32 = NonZeroU32::new(256).unwrap();

/// A compiled policy. A clone is another handle on the same.
#[derive(Clone)]
pub struct Policy {
    inner: Arc<Prepared>,
}

struct Prepared {
    engine: regorus::Engine,
    question: Question,
    around: Circumstances,
    lasting: Arc<Lasting>,
}

/// What a policy needs to know beside what it asks.
#[derive(Debug)]
pub(crate) struct Circumstances {
    /// Where its modules come from.
    pub(crate) origins: Origins,
    /// Whether a builtin that fails ends an evaluation.
    pub(crate) strict: bool,
    /// What evaluations are watched for.
    pub(crate) observed: Observed,
    /// What lies outside evaluations.
    pub(crate) outside: Arc<Outside>,
}

/// How long an evaluation may take, and when it takes place.
#[derive(Debug, Clone, Copy)]
pub struct EvaluateOptions {
    /// The evaluation ends, with an error, when this time is over.
    pub timeout: Duration,
    /// The time that policies see, the same throughout the evaluation; the time at which it begins where none is given.
    pub now: Option<SystemTime>,
    /// Whether the evaluation tells where each verdict came from.
    pub receipts: bool,
}

impl EvaluateOptions {
    /// An evaluation that takes place now and ends after `timeout`.
    #[must_use]
    pub const fn lasting(timeout: Duration) -> Self {
        Self { timeout, now: None, receipts: false }
    }
}

impl Policy {
    pub(crate) fn new(engine: regorus::Engine, question: Question, around: Circumstances) -> Self {
        Self { inner: Arc::new(Prepared { engine, question, around, lasting: Arc::default() }) }
    }

    /// Decides about `component`. Never fails and never panics: what goes wrong is the error of the evaluation.
    ///
    /// May be called from anywhere, a worker of an async runtime included, and blocks until the decision is there. It runs on a
    /// thread of its own, since rules nest as deep as a policy likes; for many components use [`crate::Workers`].
    #[must_use]
    pub fn evaluate(&self, component: &Component, options: &EvaluateOptions) -> Evaluation {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("evaluation".to_owned()).stack_size(STACK);
            let running = thread.spawn_scoped(scope, || self.guarded(component, options, None));
            match running.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(evaluation)) => evaluation,
                Ok(Err(_)) => internal(component, "the evaluation panicked"),
                Err(error) => internal(component, &format!("no thread for the evaluation: {error}")),
            }
        })
    }

    /// As [`Policy::evaluate`], on this thread, which must be that of a worker at `place`.
    #[must_use]
    pub fn evaluate_at(&self, place: &Place, component: &Component, options: &EvaluateOptions) -> Evaluation {
        self.guarded(component, options, Some(place))
    }

    fn guarded(&self, component: &Component, options: &EvaluateOptions, place: Option<&Place>) -> Evaluation {
        // Unwind safety: all that a panic can leave half done, the clone and the scope, is dropped with it.
        catch_unwind(AssertUnwindSafe(|| self.inner.evaluate(component, options, place)))
            .unwrap_or_else(|_| internal(component, "the evaluation panicked"))
    }
}

impl Prepared {
    fn evaluate(&self, component: &Component, options: &EvaluateOptions, place: Option<&Place>) -> Evaluation {
        let deadline = Instant::now() + options.timeout;
        let now = options.now.unwrap_or_else(SystemTime::now);
        let scope = Scope::new(Terms {
            deadline,
            now_ns: nanoseconds(now),
            strict: self.around.strict,
            isolated: false,
            receipts: options.receipts,
            outside: Arc::clone(&self.around.outside),
            permits: place.map(|place| Arc::clone(&place.permits)),
            lasting: Some(Arc::clone(&self.lasting)),
            observed: self.around.observed,
        });
        let mut engine = self.engine.clone();
        engine.set_execution_timer_config(ExecutionTimerConfig { limit: options.timeout, check_interval: CHECK_INTERVAL });
        engine.set_input(component.input());
        let entered = scope.enter();
        let findings = self.question.ask(&mut engine, &self.around.origins);
        drop(entered);
        let prints = Origins::printed(&engine.take_prints().unwrap_or_default());
        let evaluation = match findings {
            Ok(findings) => decided(component, findings),
            Err(failing) => decided(component, Findings::default()).failing(error(&failing, deadline, options.timeout)),
        };
        let evaluation = evaluation.with_prints(prints).with_receipts(options.receipts.then(|| scope.receipts()));
        let evaluation = match (scope.observer(), self.around.observed) {
            (Some(observer), Observed::Costs) => evaluation.with_profile(Profile::of(&observer, &self.around.origins)),
            (Some(observer), Observed::Steps) => evaluation.with_explanation(Explanation::of(&observer, &self.around.origins)),
            _ => evaluation,
        };
        match scope.unavailable().as_slice() {
            [] => evaluation,
            notes => evaluation.failing(EvaluationError { kind: ErrorKind::Unavailable, message: notes.join("; ") }),
        }
    }
}

fn decided(component: &Component, findings: Findings) -> Evaluation {
    Evaluation::decided(component.name(), component.image(), findings)
}

fn error(failing: &Failing, deadline: Instant, timeout: Duration) -> EvaluationError {
    if failing.timed_out || Instant::now() >= deadline {
        return EvaluationError { kind: ErrorKind::Timeout, message: format!("not decided within {timeout:?}") };
    }
    EvaluationError { kind: ErrorKind::Evaluation, message: failing.to_string() }
}

fn internal(component: &Component, message: &str) -> Evaluation {
    Evaluation::undecided(component.name(), ErrorKind::Internal, message).with_image(component.image())
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("question", &self.inner.question).finish_non_exhaustive()
    }
}
