//! What an evaluation under observation does: which rules it enters and leaves, which expressions it reaches, what it notes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::builtins::{Value, text_of};
use crate::rego::Observed;

/// Most steps that are kept of one evaluation.
const MAX_STEPS: usize = 1 << 20;

/// Most characters of a note that are kept.
const MAX_NOTE: usize = 1_000;

/// Watches one evaluation.
#[derive(Debug)]
pub(crate) struct Observer {
    observed: Observed,
    frames: Vec<Frame>,
    costs: HashMap<usize, Cost>,
    steps: Vec<Step>,
    cut: bool,
}

/// What the evaluations of a rule took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// How many there were.
    pub(crate) evaluations: u64,
    /// Their time, without that of the rules that they asked.
    pub(crate) own: Duration,
    /// Their time.
    pub(crate) whole: Duration,
}

/// Something that happened. Rules and probes are known by their numbers.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Enter(usize),
    Leave(usize),
    Reach(usize),
    Note(String),
}

/// A rule that was entered and not left yet.
#[derive(Debug)]
struct Frame {
    rule: usize,
    entered: Instant,
    /// The time of the rules that it asked.
    asked: Duration,
}

impl Observer {
    pub(super) fn new(observed: Observed) -> Self {
        Self { observed, frames: Vec::new(), costs: HashMap::new(), steps: Vec::new(), cut: false }
    }

    /// Forgets what it has seen.
    pub(super) fn start_over(&mut self) {
        *self = Self::new(self.observed);
    }

    /// `[rule]`
    pub(super) fn enter(&mut self, call: &[Value]) {
        let Some(rule) = number(call) else { return };
        match self.observed {
            Observed::Nothing => {}
            Observed::Costs => self.frames.push(Frame { rule, entered: Instant::now(), asked: Duration::ZERO }),
            Observed::Steps => self.step(Step::Enter(rule)),
        }
    }

    /// `[rule, ..]`
    pub(super) fn leave(&mut self, call: &[Value]) {
        let Some(rule) = number(call) else { return };
        match self.observed {
            Observed::Nothing => {}
            Observed::Costs => self.charge(rule),
            Observed::Steps => self.step(Step::Leave(rule)),
        }
    }

    /// `[probe, ..]`
    pub(super) fn reach(&mut self, call: &[Value]) {
        if self.observed == Observed::Steps
            && let Some(probe) = number(call)
        {
            self.step(Step::Reach(probe));
        }
    }

    /// What `print` was given: an array for each operand, empty where it is undefined.
    pub(super) fn print(&mut self, operands: &Value) {
        let Value::Array(operands) = operands else { return };
        let shown = operands.iter().map(|operand| match operand {
            Value::Array(values) => values.first().map_or_else(|| "<undefined>".to_owned(), plain),
            other => plain(other),
        });
        self.note(&shown.collect::<Vec<_>>().join(" "));
    }

    /// What `trace` was given, or `print`.
    pub(super) fn note(&mut self, text: &str) {
        if self.observed == Observed::Steps {
            let end = text.char_indices().nth(MAX_NOTE).map_or(text.len(), |(end, _)| end);
            self.step(Step::Note(text.get(..end).unwrap_or_default().to_owned()));
        }
    }

    /// What each rule took, by its number.
    pub(crate) const fn costs(&self) -> &HashMap<usize, Cost> {
        &self.costs
    }

    /// What happened, in order, and whether that is all.
    pub(crate) fn steps(&self) -> (&[Step], bool) {
        (&self.steps, !self.cut)
    }

    fn step(&mut self, step: Step) {
        if self.steps.len() < MAX_STEPS {
            self.steps.push(step);
        } else {
            self.cut = true;
        }
    }

    /// Ends the frame of a rule, and those in it that an error had left open.
    fn charge(&mut self, rule: usize) {
        if !self.frames.iter().any(|frame| frame.rule == rule) {
            return;
        }
        let now = Instant::now();
        while let Some(frame) = self.frames.pop() {
            let whole = now.saturating_duration_since(frame.entered);
            let cost = self.costs.entry(frame.rule).or_default();
            cost.evaluations += 1;
            cost.whole += whole;
            cost.own += whole.saturating_sub(frame.asked);
            if let Some(outer) = self.frames.last_mut() {
                outer.asked += whole;
            }
            if frame.rule == rule {
                return;
            }
        }
    }
}

fn number(call: &[Value]) -> Option<usize> {
    call.first()?.as_u64().ok().and_then(|number| usize::try_from(number).ok())
}

/// As `print` shows it: texts without quotes.
fn plain(value: &Value) -> String {
    value.as_string().map_or_else(|_| text_of(value), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: u64) -> Vec<Value> {
        vec![Value::from(number), Value::Null]
    }

    #[test]
    fn a_rule_pays_for_itself_and_its_asker_for_both() {
        let mut observer = Observer::new(Observed::Costs);
        observer.enter(&call(1));
        for _ in 0..2 {
            observer.enter(&call(2));
            // Left open by an error.
            observer.enter(&call(3));
            observer.leave(&call(2));
        }
        observer.leave(&call(1));
        observer.leave(&call(9));
        let of = |rule: usize| observer.costs()[&rule];
        assert_eq!([1, 2, 3].map(|rule| of(rule).evaluations), [1, 2, 2]);
        assert!(of(1).whole >= of(2).whole && of(2).whole >= of(3).whole);
        assert_eq!(of(1).whole, of(1).own + of(2).own + of(3).own);
        assert!(observer.steps().0.is_empty());
    }

    #[test]
    fn steps_are_bounded() {
        let mut observer = Observer::new(Observed::Steps);
        observer.note(&"é".repeat(MAX_NOTE + 1));
        for _ in 0..MAX_STEPS {
            observer.reach(&call(1));
        }
        let (steps, all) = observer.steps();
        assert!(!all && steps.len() == MAX_STEPS);
        assert!(matches!(&steps[0], Step::Note(text) if text.chars().count() == MAX_NOTE));
    }
}
