//! What one evaluation carries beside its input, and how a builtin finds it.
//!
//! regorus tells an extension its operands and nothing else, so the evaluation that runs on a thread is kept in a
//! thread-local for as long as it runs: the one thread-local of the project (docs/adr/0001).

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::answers::{Answers, MAX_REMEMBERED, Told};
use super::lasting::Lasting;
use super::observer::Observer;
use super::outside::Outside;
use super::permits::{Lent, Permits};
use super::recall::Recall;
use super::trail::Trail;
use crate::builtins::{Asked, Builtin, Call, Failure, Host, Recent, Value};
use crate::oci::{Descriptor, Digest, Manifest, Pointer, Repository, SourceError};
use crate::rego::Observed;
use crate::verify::{KeyReferences, PreparedRequest, VerdictReceipt, Verified, VerifyError};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
}

/// What a pass that only finds out tells a builtin; nobody hears of it.
const NOT_ASKED: &str = "not asked yet";

/// The state of one evaluation.
#[derive(Debug)]
pub(crate) struct Scope {
    deadline: Instant,
    now_ns: i64,
    strict: bool,
    isolated: bool,
    outside: Arc<Outside>,
    permits: Option<Arc<Permits>>,
    lasting: Option<Arc<Lasting>>,
    unavailable: RefCell<Vec<String>>,
    /// Where verdicts came from, where that is to be told.
    receipts: Option<RefCell<Vec<VerdictReceipt>>>,
    answers: Answers,
    recent: Recent,
    recall: RefCell<Recall>,
    trail: RefCell<Trail>,
    /// Where the evaluation is under observation.
    observer: Option<RefCell<Observer>>,
    /// The cases of a test that were tried, each with its names.
    cases: RefCell<Vec<Value>>,
}

/// What an evaluation is given.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// When it must have ended.
    pub(crate) deadline: Instant,
    /// The time that policies see, nanoseconds since 1970.
    pub(crate) now_ns: i64,
    /// Whether a builtin that fails ends it.
    pub(crate) strict: bool,
    /// Whether builtins that reach outside are undefined, and noted: in tests.
    pub(crate) isolated: bool,
    /// Whether it is to be told where verdicts came from.
    pub(crate) receipts: bool,
    /// Who verifies signatures and fetches.
    pub(crate) outside: Arc<Outside>,
    /// The right to use a core, given back while the network is waited for.
    pub(crate) permits: Option<Arc<Permits>>,
    /// What rules of the policy gave in other evaluations, where that is to be used.
    pub(crate) lasting: Option<Arc<Lasting>>,
    /// What the evaluation is watched for.
    pub(crate) observed: Observed,
}

/// Makes a scope current for as long as it lives.
#[derive(Debug)]
pub(crate) struct Entered {
    outer: Option<Rc<Scope>>,
}

impl Scope {
    pub(crate) fn new(terms: Terms) -> Rc<Self> {
        let Terms { deadline, now_ns, strict, isolated, receipts, outside, permits, lasting, observed } = terms;
        Rc::new(Self {
            deadline,
            now_ns,
            strict,
            isolated,
            outside,
            permits,
            lasting,
            unavailable: RefCell::default(),
            receipts: receipts.then(RefCell::default),
            answers: Answers::default(),
            recent: Recent::default(),
            recall: RefCell::default(),
            trail: RefCell::default(),
            observer: (observed != Observed::Nothing).then(|| RefCell::new(Observer::new(observed))),
            cases: RefCell::default(),
        })
    }

    /// Lets builtins on this thread find the scope until the guard is dropped, unwinding included.
    pub(crate) fn enter(self: &Rc<Self>) -> Entered {
        Entered { outer: CURRENT.replace(Some(Rc::clone(self))) }
    }

    /// What could not be asked, in the order in which it was noted.
    pub(crate) fn unavailable(&self) -> Vec<String> {
        self.unavailable.borrow().clone()
    }

    /// Where verdicts came from, in the order in which they were asked for; at most so many as are remembered.
    pub(crate) fn receipts(&self) -> Vec<VerdictReceipt> {
        self.receipts.as_ref().map(|receipts| receipts.borrow().clone()).unwrap_or_default()
    }

    /// Begins a pass: all that another gave is forgotten, but for the answers of builtins.
    pub(super) fn begin(&self, discovering: bool) {
        self.answers.begin(discovering);
        self.unavailable.take();
        self.recall.take();
        self.cases.take();
        if let Some(observer) = &self.observer {
            observer.borrow_mut().start_over();
        }
        if let Some(receipts) = &self.receipts {
            receipts.take();
        }
    }

    pub(super) fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(super) fn outside(&self) -> &Arc<Outside> {
        &self.outside
    }

    /// Whether it is to be told where verdicts came from.
    pub(super) fn tells_receipts(&self) -> bool {
        self.receipts.is_some()
    }

    /// How a builtin is called for this evaluation by somebody who waits in its place.
    pub(super) fn call_by<'a>(&self, host: &'a dyn Host) -> Call<'a> {
        Call { deadline: self.deadline, now_ns: self.now_ns, host }
    }

    /// Calls a builtin for the evaluation that runs on this thread; the text of an `Err` ends the evaluation.
    pub(crate) fn call(builtin: &'static Builtin, operands: Vec<Value>) -> Result<Value, String> {
        let Some(scope) = CURRENT.with_borrow(Clone::clone) else {
            return Err(format!("{}: called outside an evaluation", builtin.name));
        };
        if scope.isolated && builtin.reaches_outside() {
            scope.hear(Told { notes: vec![builtin.name.to_owned()], ..Told::default() });
            return Ok(Value::Undefined);
        }
        if builtin.name == "trace" {
            scope.note(&operands);
        }
        let answer = if builtin.name.starts_with("ec.") { scope.remembering(builtin, operands) } else { scope.asking(builtin, &operands) };
        match answer {
            Ok(value) => Ok(value),
            Err(_) if !scope.strict => Ok(Value::Undefined),
            Err(failure) => Err(failure.to_string()),
        }
    }

    /// Notes that a probe was reached in the evaluation that runs on this thread.
    pub(super) fn reached(call: &[Value]) -> Value {
        Self::current(|scope| {
            match &scope.observer {
                Some(observer) => observer.borrow_mut().reach(call),
                None => scope.trail.borrow_mut().note(call),
            }
            Some(())
        });
        Value::from(true)
    }

    /// Tells the observer of the evaluation that runs on this thread, if it has one.
    pub(super) fn observing(tell: impl FnOnce(&mut Observer)) {
        Self::current(|scope| {
            tell(&mut scope.observer.as_ref()?.borrow_mut());
            Some(())
        });
    }

    /// What `trace` was given.
    fn note(&self, operands: &[Value]) {
        if let (Some(observer), [Value::String(text)]) = (&self.observer, operands) {
            observer.borrow_mut().note(text);
        }
    }

    /// What the observer has seen, where there is one.
    pub(crate) fn observer(&self) -> Option<Ref<'_, Observer>> {
        self.observer.as_ref().map(RefCell::borrow)
    }

    /// Notes that a case of a test is tried: `[names]`.
    pub(super) fn trying(call: &[Value]) -> Value {
        Self::current(|scope| {
            let mut cases = scope.cases.borrow_mut();
            if cases.len() < MAX_REMEMBERED {
                cases.push(call.first()?.clone());
            }
            Some(())
        });
        Value::from(true)
    }

    /// The cases that were tried, each with its names.
    pub(crate) fn cases(&self) -> Vec<Value> {
        self.cases.take()
    }

    /// Which probes were reached.
    pub(crate) fn trail(&self) -> Trail {
        self.trail.take()
    }

    /// Uses what functions of the policy remember in the evaluation that runs on this thread: nothing outside of one.
    pub(super) fn recalling(use_it: impl FnOnce(&mut Recall) -> Value) -> Value {
        CURRENT.with_borrow(|scope| match scope {
            Some(scope) => use_it(&mut scope.recall.borrow_mut()),
            None => use_it(&mut Recall::default()),
        })
    }

    /// What a rule of the policy gave in another evaluation.
    pub(super) fn lasting(call: &[Value]) -> Value {
        Self::current(|scope| Some(scope.lasting.as_ref()?.recall(call, scope.now_ns))).unwrap_or(Value::Undefined)
    }

    /// Remembers for other evaluations what a rule gave. A builtin that was out of time was undefined, which is no value that
    /// lasts: past its deadline an evaluation leaves nothing behind.
    pub(super) fn last(call: &[Value]) -> Value {
        Self::current(|scope| {
            let lasting = scope.lasting.as_ref().filter(|_| Instant::now() < scope.deadline)?;
            lasting.keep(call, scope.now_ns);
            Some(())
        });
        Value::from(true)
    }

    fn current<T>(use_it: impl FnOnce(&Self) -> Option<T>) -> Option<T> {
        CURRENT.with_borrow(|scope| use_it(scope.as_ref()?))
    }

    /// As OPA's memoized builtins: within one evaluation the same question has the same answer, *undefined* included.
    fn remembering(&self, builtin: &'static Builtin, operands: Vec<Value>) -> Result<Value, Failure> {
        let question = (builtin.name, operands);
        if self.answers.wants(&question) {
            return Ok(Value::Undefined);
        }
        let place = self.answers.place(&question);
        let answered = self.answers.recall((place, &question)).or_else(|| {
            let answer = builtin.call(&self.call_by(self), &question.1);
            self.answers.answered((builtin, place, question), answer)
        });
        let Some((answer, told)) = answered else { return Ok(Value::Undefined) };
        self.hear(told);
        answer
    }

    fn asking(&self, builtin: &Builtin, operands: &[Value]) -> Result<Value, Failure> {
        let answer = builtin.call(&self.call_by(self), operands);
        self.hear(self.answers.told());
        answer
    }

    /// Takes in what a call told beside its answer.
    fn hear(&self, told: Told) {
        let mut notes = self.unavailable.borrow_mut();
        for note in told.notes {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        if let Some(receipts) = &self.receipts {
            let mut receipts = receipts.borrow_mut();
            let room = MAX_REMEMBERED.saturating_sub(receipts.len());
            receipts.extend(told.receipts.into_iter().take(room));
        }
    }

    /// Gives the core to others while the network is waited for.
    pub(super) fn lend(&self) -> Option<Lent<'_>> {
        self.permits.as_ref().map(|permits| permits.lend())
    }
}

impl Host for Scope {
    fn verify(&self, request: &PreparedRequest, deadline: Instant, show: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError> {
        let verifier = &self.outside.verifier;
        // A hit waits for nothing, so it keeps its core.
        let answer = match verifier.known(request) {
            Some(known) if !self.tells_receipts() => return Ok(show(known.value())),
            Some(known) => Ok(verifier.told(known)),
            None if self.answers.misses() => return Err(VerifyError::Unavailable(NOT_ASKED.to_owned())),
            None => {
                let _lent = self.lend();
                verifier.ask(request, deadline)
            }
        };
        if self.tells_receipts() {
            self.answers.tell(|told| told.receipts.push(self.outside.receipt(request, &answer)));
        }
        Ok(show(&answer?.verified))
    }

    fn manifests(&self, wanted: &[(Repository, Pointer)], deadline: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        if self.answers.misses() {
            return wanted.iter().map(|(repository, _)| Err(not_asked(repository))).collect();
        }
        let _lent = self.lend();
        self.outside.manifests(wanted, deadline)
    }

    fn blob(&self, repository: &Repository, digest: &Digest, max: u64, deadline: Instant) -> Result<Arc<[u8]>, SourceError> {
        if self.answers.misses() {
            return Err(not_asked(repository));
        }
        let _lent = self.lend();
        self.outside.blob(repository, (digest, max), deadline)
    }

    fn referrers(&self, repository: &Repository, subject: &Digest, deadline: Instant) -> Result<Vec<Descriptor>, SourceError> {
        if self.answers.misses() {
            return Err(not_asked(repository));
        }
        let _lent = self.lend();
        self.outside.referrers(repository, subject, deadline)
    }

    fn asked(&self) -> Option<&Asked> {
        Some(&self.outside.asked)
    }

    fn recent(&self) -> Option<&Recent> {
        Some(&self.recent)
    }

    fn key_references(&self) -> &dyn KeyReferences {
        &*self.outside.key_references
    }

    fn seed(&self) -> [u8; 16] {
        self.answers.seed()
    }

    fn note_unavailable(&self, why: &str) {
        self.answers.tell(|told| told.notes.push(why.to_owned()));
    }
}

fn not_asked(repository: &Repository) -> SourceError {
    SourceError::Unavailable { what: repository.to_string(), reason: NOT_ASKED.to_owned() }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
    }
}
