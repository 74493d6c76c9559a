//! What one evaluation carries beside its input, and how a builtin finds it.
//!
//! regorus tells an extension its operands and nothing else, so the evaluation that runs on a thread is kept in a
//! thread-local for as long as it runs: the one thread-local of the project (docs/adr/0001).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::pending::Verifier;
use super::permits::Permits;
use crate::builtins::{Builtin, Call, Failure, Host, Value};
use crate::verify::{Receipt, Verified, VerifyError, VerifyRequest};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
}

/// Most answers that one evaluation remembers; what is asked beyond them is asked again.
const MAX_REMEMBERED: usize = 100_000;

/// The state of one evaluation.
#[derive(Debug)]
pub(crate) struct Scope {
    deadline: Instant,
    now_ns: i64,
    strict: bool,
    verifier: Option<Arc<Verifier>>,
    permits: Option<Arc<Permits>>,
    unavailable: RefCell<Vec<String>>,
    remembered: RefCell<BTreeMap<(&'static str, Vec<Value>), Value>>,
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
    /// Who verifies signatures.
    pub(crate) verifier: Option<Arc<Verifier>>,
    /// The right to use a core, given back while the network is waited for.
    pub(crate) permits: Option<Arc<Permits>>,
}

/// Makes a scope current for as long as it lives.
#[derive(Debug)]
pub(crate) struct Entered {
    outer: Option<Rc<Scope>>,
}

impl Scope {
    pub(crate) fn new(terms: Terms) -> Rc<Self> {
        let Terms { deadline, now_ns, strict, verifier, permits } = terms;
        let (unavailable, remembered) = (RefCell::default(), RefCell::default());
        Rc::new(Self { deadline, now_ns, strict, verifier, permits, unavailable, remembered })
    }

    /// Lets builtins on this thread find the scope until the guard is dropped, unwinding included.
    pub(crate) fn enter(self: &Rc<Self>) -> Entered {
        Entered { outer: CURRENT.replace(Some(Rc::clone(self))) }
    }

    /// What could not be asked, in the order in which it was noted.
    pub(crate) fn unavailable(&self) -> Vec<String> {
        self.unavailable.borrow().clone()
    }

    /// Calls a builtin for the evaluation that runs on this thread; the text of an `Err` ends the evaluation.
    pub(crate) fn call(builtin: &Builtin, operands: Vec<Value>) -> Result<Value, String> {
        let Some(scope) = CURRENT.with_borrow(Clone::clone) else {
            return Err(format!("{}: called outside an evaluation", builtin.name));
        };
        let answer = if builtin.name.starts_with("ec.") { scope.remembering(builtin, operands) } else { scope.asking(builtin, &operands) };
        match answer {
            Ok(value) => Ok(value),
            Err(_) if !scope.strict => Ok(Value::Undefined),
            Err(failure) => Err(failure.to_string()),
        }
    }

    /// As OPA's memoized builtins: within one evaluation the same question has the same answer, *undefined* included.
    fn remembering(&self, builtin: &Builtin, operands: Vec<Value>) -> Result<Value, Failure> {
        let key = (builtin.name, operands);
        if let Some(value) = self.remembered.borrow().get(&key) {
            return Ok(value.clone());
        }
        let value = self.asking(builtin, &key.1)?;
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() < MAX_REMEMBERED {
            remembered.insert(key, value.clone());
        }
        Ok(value)
    }

    fn asking(&self, builtin: &Builtin, operands: &[Value]) -> Result<Value, Failure> {
        builtin.call(&Call { deadline: self.deadline, now_ns: self.now_ns, host: self }, operands)
    }
}

impl Host for Scope {
    fn verify(&self, request: &VerifyRequest, deadline: Instant) -> Result<(Arc<Verified>, Receipt), VerifyError> {
        let Some(verifier) = &self.verifier else {
            return Err(VerifyError::Unavailable("no image source is configured".to_owned()));
        };
        let _waiting = self.permits.as_ref().map(|permits| permits.lend());
        verifier.verify(request, deadline).map(|answer| (answer.verified, answer.receipt))
    }

    fn note_unavailable(&self, why: &str) {
        let mut notes = self.unavailable.borrow_mut();
        if !notes.iter().any(|note| note == why) {
            notes.push(why.to_owned());
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
    }
}
