//! `Explanation`: how one evaluation went, step by step, in the words of `opa eval --explain`.

mod reading;

use serde::Serialize;

use crate::engine::{Observer, Origins};
use crate::evaluation::Location;

/// How an evaluation went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Explanation {
    /// The steps, in order.
    pub steps: Vec<ExplainedStep>,
}

/// A step of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedStep {
    /// What happened.
    pub op: Op,
    /// How many rules are around.
    pub depth: usize,
    /// Where.
    #[serde(serialize_with = "Location::as_opa")]
    pub location: Location,
    /// The name of the rule, the text of the expression, or the note.
    pub text: String,
}

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Op {
    /// A rule is entered.
    Enter,
    /// An expression is evaluated.
    Eval,
    /// An expression did not hold: it was false or undefined.
    Fail,
    /// The body of a rule holds.
    Exit,
    /// The policy says something: `trace`, `print`.
    Note,
    /// There were more steps than are kept.
    Cut,
}

/// How much of an explanation is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Every step.
    Full,
    /// What the policy says, and the rules in which it does.
    Notes,
    /// What failed, and the rules in which it did.
    Fails,
}

impl Explanation {
    pub(crate) fn of(observer: &Observer, origins: &Origins) -> Self {
        Self { steps: reading::read(observer, origins) }
    }

    /// The part that is wanted.
    #[must_use]
    pub fn only(mut self, detail: Detail) -> Self {
        if detail == Detail::Full {
            return self;
        }
        let mut kept = Vec::new();
        // A rule that was entered is kept where something in it is: what is kept next lies deeper.
        let mut inner = 0;
        while let Some(step) = self.steps.pop() {
            let wanted = match step.op {
                Op::Enter => step.depth < inner,
                Op::Fail => detail == Detail::Fails,
                Op::Note => detail == Detail::Notes,
                Op::Cut => true,
                Op::Eval | Op::Exit => false,
            };
            if wanted {
                inner = step.depth;
                kept.push(step);
            }
        }
        kept.reverse();
        Self { steps: kept }
    }
}

impl Op {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enter => "Enter",
            Self::Eval => "Eval",
            Self::Fail => "Fail",
            Self::Exit => "Exit",
            Self::Note => "Note",
            Self::Cut => "Cut",
        }
    }
}
