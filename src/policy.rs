//! `Policy`: compiled and prepared once, then asked about any number of components from any number of threads.

mod decisions;
pub(crate) mod document;
mod entrypoints;
mod results;

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use regorus::utils::limits::ExecutionTimerConfig;

use crate::builtins::Value;
use crate::component::Component;
use crate::engine::{Failing, Lasting, Origins, Outside, Pace, Place, STACK, Scope, Terms};
use crate::evaluation::{ErrorKind, Evaluation, EvaluationError, Findings};
use crate::explanation::Explanation;
use crate::profile::Profile;
use crate::rego::Observed;

pub(crate) use decisions::{Deciding, Decisions, GENERATED, Question, path, reference};
pub(crate) use entrypoints::{CompiledPolicy, Entrypoints};

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
    rego: Option<RegoPolicy>,
    compiled: Vec<CompiledPolicy>,
    around: Circumstances,
    lasting: Arc<Lasting>,
    pace: Pace,
}

/// Rego, prepared to be asked.
pub(crate) struct RegoPolicy {
    pub(crate) engine: regorus::Engine,
    pub(crate) question: Question,
    /// Where its modules come from.
    pub(crate) origins: Origins,
}

/// What evaluations need beside a policy.
#[derive(Debug)]
pub(crate) struct Circumstances {
    /// Whether a builtin that fails ends an evaluation.
    pub(crate) strict: bool,
    /// What evaluations are watched for.
    pub(crate) observed: Observed,
    /// What lies outside evaluations.
    pub(crate) outside: Arc<Outside>,
}

/// What one pass over a policy gave.
#[derive(Default)]
struct Pass {
    findings: Findings,
    failing: Option<Failing>,
    prints: Vec<String>,
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
    pub(crate) fn new(rego: Option<RegoPolicy>, compiled: Vec<CompiledPolicy>, around: Circumstances) -> Self {
        Self { inner: Arc::new(Prepared { rego, compiled, around, lasting: Arc::default(), pace: Pace::default() }) }
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
        let input = component.input();
        let pass = scope.settle(&self.pace, || self.pass(&input, deadline));
        let receipts = options.receipts.then(|| scope.receipts());
        let evaluation = decided(component, pass.findings).with_prints(pass.prints).with_receipts(receipts);
        let evaluation = match pass.failing {
            None => evaluation,
            Some(failing) => evaluation.failing(error(&failing, deadline, options.timeout)),
        };
        let evaluation = match (scope.observer(), self.rego.as_ref(), self.around.observed) {
            (Some(observer), Some(rego), Observed::Costs) => evaluation.with_profile(Profile::of(&observer, &rego.origins)),
            (Some(observer), Some(rego), Observed::Steps) => evaluation.with_explanation(Explanation::of(&observer, &rego.origins)),
            _ => evaluation,
        };
        match scope.unavailable().as_slice() {
            [] => evaluation,
            notes => evaluation.failing(EvaluationError { kind: ErrorKind::Unavailable, message: notes.join("; ") }),
        }
    }

    /// Asks every part once. The first that fails ends it; what others found before stays.
    fn pass(&self, input: &Value, deadline: Instant) -> Pass {
        let mut pass = Pass::default();
        if let Some(rego) = &self.rego {
            rego.ask(input, deadline, &mut pass);
        }
        for policy in &self.compiled {
            if pass.failing.is_none() {
                let printed = match policy.ask(input, deadline) {
                    (Ok(findings), printed) => {
                        pass.findings.append(findings);
                        printed
                    }
                    (Err(failing), printed) => {
                        pass.failing = Some(failing);
                        printed
                    }
                };
                pass.prints.extend(printed);
            }
        }
        pass
    }
}

impl RegoPolicy {
    fn ask(&self, input: &Value, deadline: Instant, pass: &mut Pass) {
        let mut engine = self.engine.clone();
        let limit = deadline.saturating_duration_since(Instant::now());
        engine.set_execution_timer_config(ExecutionTimerConfig { limit, check_interval: CHECK_INTERVAL });
        engine.set_input(input.clone());
        match self.question.ask(&mut engine, &self.origins) {
            Ok(findings) => pass.findings = findings,
            Err(failing) => pass.failing = Some(failing),
        }
        pass.prints = Origins::printed(&engine.take_prints().unwrap_or_default());
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
        let question = self.inner.rego.as_ref().map(|rego| &rego.question);
        f.debug_struct("Policy").field("question", &question).field("compiled", &self.inner.compiled).finish_non_exhaustive()
    }
}
