//! `Answers`: what the builtins of one evaluation have answered, and what its present pass would have to wait for.
//!
//! What a call tells beside its answer (what could not be asked, where verdicts came from) is kept with the answer: a pass hears
//! of it if it makes the call, whichever pass made it first.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use super::known::{Known, Place, Question};
use crate::builtins::{Builtin, Failure, Value};
use crate::verify::VerdictReceipt;

/// Most answers that one evaluation remembers; what is asked beyond them is asked again. As many are wanted at once at most.
pub(super) const MAX_REMEMBERED: usize = 100_000;

/// Calls that a pass could not answer.
pub(super) type Wanted = BTreeMap<Question, &'static Builtin>;

/// What a call tells beside its answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// What could not be asked.
    pub(super) notes: Vec<String>,
    /// Where verdicts came from.
    pub(super) receipts: Vec<VerdictReceipt>,
}

/// What a call gave.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) answer: Result<Value, Failure>,
    /// Where something is told: mostly nothing is, and answers are kept by the hundred.
    told: Option<Box<Told>>,
    /// The pass that heard last what is told; none before the first.
    heard: Cell<usize>,
}

/// All answers of one evaluation.
#[derive(Debug, Default)]
pub(super) struct Answers {
    known: RefCell<Known<Answered>>,
    wanted: RefCell<Wanted>,
    /// The number of the present pass, from 1.
    pass: Cell<usize>,
    /// Whether the present pass only finds out what is asked: nothing is waited for.
    discovering: Cell<bool>,
    /// Whether the call that runs would have had to wait.
    missed: Cell<bool>,
    /// What the call that runs tells.
    telling: RefCell<Told>,
    seed: OnceCell<[u8; 16]>,
}

impl Answered {
    pub(super) fn new(answer: Result<Value, Failure>, told: Told) -> Self {
        let told = (!told.notes.is_empty() || !told.receipts.is_empty()).then(|| Box::new(told));
        Self { answer, told, heard: Cell::new(0) }
    }
}

impl Answers {
    /// Begins a pass, which forgets what another wanted.
    pub(super) fn begin(&self, discovering: bool) {
        self.pass.set(self.pass.get() + 1);
        self.discovering.set(discovering);
        self.wanted.take();
    }

    /// Where the answer to a question is, or will be.
    pub(super) fn place(&self, question: &Question) -> Place {
        self.known.borrow().place(question)
    }

    /// The answer to a question, and what it tells if this pass has not heard it yet.
    pub(super) fn recall(&self, (place, question): (Place, &Question)) -> Option<(Result<Value, Failure>, Told)> {
        let known = self.known.borrow();
        let answered = known.get(place, question)?;
        let is_news = answered.heard.replace(self.pass.get()) != self.pass.get();
        let told = answered.told.as_deref().filter(|_| is_news).cloned().unwrap_or_default();
        Some((answered.answer.clone(), told))
    }

    /// Whether this pass wants the answer to a question already.
    pub(super) fn wants(&self, question: &Question) -> bool {
        self.wanted.borrow().contains_key(question)
    }

    /// What a call that this pass made gave; `None` where it would have had to wait, and is wanted now.
    pub(super) fn answered(
        &self,
        (builtin, place, question): (&'static Builtin, Place, Question),
        answer: Result<Value, Failure>,
    ) -> Option<(Result<Value, Failure>, Told)> {
        let told = self.told();
        if self.missed.take() {
            let mut wanted = self.wanted.borrow_mut();
            if wanted.len() < MAX_REMEMBERED {
                wanted.insert(question, builtin);
            }
            return None;
        }
        let answered = Answered::new(answer.clone(), told.clone());
        answered.heard.set(self.pass.get());
        let mut known = self.known.borrow_mut();
        if known.len() < MAX_REMEMBERED {
            known.insert(place, question, answered);
        }
        Some((answer, told))
    }

    /// Takes in what was asked elsewhere.
    pub(super) fn learn(&self, learned: impl IntoIterator<Item = (Question, Answered)>) {
        let mut known = self.known.borrow_mut();
        for (question, answered) in learned {
            if known.len() < MAX_REMEMBERED {
                let place = known.place(&question);
                known.insert(place, question, answered);
            }
        }
    }

    /// What this pass could not answer.
    pub(super) fn wanted(&self) -> Wanted {
        self.wanted.take()
    }

    /// Whether the call that runs would have to wait, and must not.
    pub(super) fn misses(&self) -> bool {
        let discovering = self.discovering.get();
        self.missed.set(discovering || self.missed.get());
        discovering
    }

    /// Tells something beside the answer of the call that runs.
    pub(super) fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut self.telling.borrow_mut());
    }

    /// What the call that ran has told.
    pub(super) fn told(&self) -> Told {
        self.telling.take()
    }

    /// What random answers are drawn from: the same in every pass.
    pub(super) fn seed(&self) -> [u8; 16] {
        *self.seed.get_or_init(|| {
            let mut seed = [0; 16];
            // Without randomness of the system nothing is random; what is asked is still the same throughout.
            let _ = aws_lc_rs::rand::fill(&mut seed);
            seed
        })
    }
}
