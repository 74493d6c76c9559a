//! From what an observer has seen to steps that people read: which expressions failed is seen by what came next.
//!
//! The expressions of a body are evaluated in one order. Where one is followed by a later one of its body, or by the head, it
//! held; where an earlier one comes next, or the rule is left, it did not. Of the last expression of a body that stands in a
//! term nothing follows: whether it held is not said.

use std::collections::HashMap;

use super::{ExplainedStep, Op};
use crate::engine::{Observer, Origins, Step};
use crate::evaluation::Location;
use crate::rego::{Probe, ProbeKind, Probes};

pub(super) fn read(observer: &Observer, origins: &Origins) -> Vec<ExplainedStep> {
    let Some(probes) = origins.probes() else { return Vec::new() };
    let (steps, all) = observer.steps();
    let mut reading = Reading { probes, origins, order: Order::of(probes, steps), frames: vec![Frame::default()], told: Vec::new() };
    for step in steps {
        match step {
            Step::Enter(rule) => reading.enter(*rule),
            Step::Leave(rule) => reading.leave(*rule),
            Step::Reach(probe) => reading.reach(*probe),
            Step::Note(text) => reading.note(text),
        }
    }
    if !all {
        let location = Location::of_query();
        let text = format!("more than {} steps: the others are not kept", steps.len());
        reading.told.push(ExplainedStep { op: Op::Cut, depth: 0, location, text });
    }
    reading.told
}

/// The order in which expressions of one body are evaluated: that in which they were reached first.
struct Order {
    first: HashMap<usize, usize>,
    /// How many expressions of each body are reached at all, and how many there are.
    bodies: HashMap<usize, (usize, usize)>,
}

impl Order {
    fn of(probes: &Probes, steps: &[Step]) -> Self {
        let (mut first, mut bodies): (HashMap<usize, usize>, HashMap<usize, (usize, usize)>) = (HashMap::new(), HashMap::new());
        for probe in probes.points.iter().filter(|probe| is_expression(probe)) {
            bodies.entry(probe.body).or_default().1 += 1;
        }
        for step in steps {
            let Step::Reach(number) = step else { continue };
            let Some(probe) = probes.points.get(*number).filter(|probe| is_expression(probe)) else { continue };
            let body = bodies.entry(probe.body).or_default();
            first.entry(*number).or_insert_with(|| {
                body.0 += 1;
                body.0
            });
        }
        Self { first, bodies }
    }

    fn rank(&self, probe: usize) -> usize {
        self.first.get(&probe).copied().unwrap_or_default()
    }

    /// Whether no expression of its body is evaluated behind it.
    fn is_last(&self, number: usize, probe: &Probe) -> bool {
        self.bodies.get(&probe.body).is_some_and(|(_, all)| self.rank(number) >= *all)
    }
}

fn is_expression(probe: &Probe) -> bool {
    matches!(probe.kind, ProbeKind::Expression | ProbeKind::Declaration)
}

/// A rule that was entered, and the expressions of which it is open whether they hold, innermost last.
#[derive(Default)]
struct Frame {
    rule: Option<usize>,
    open: Vec<usize>,
    /// Where it is at.
    at: Option<Location>,
}

struct Reading<'a> {
    probes: &'a Probes,
    origins: &'a Origins,
    order: Order,
    frames: Vec<Frame>,
    told: Vec<ExplainedStep>,
}

impl Reading<'_> {
    fn tell(&mut self, op: Op, depth: usize, (location, text): (Location, String)) {
        self.told.push(ExplainedStep { op, depth, location, text });
    }

    /// How deep expressions lie.
    fn depth(&self) -> usize {
        self.frames.len() - 1
    }

    fn enter(&mut self, rule: usize) {
        let (name, location) = self.origins.rule(rule);
        self.tell(Op::Enter, self.depth(), (location.clone(), name));
        self.frames.push(Frame { rule: Some(rule), open: Vec::new(), at: Some(location) });
    }

    fn leave(&mut self, rule: usize) {
        if !self.frames.iter().any(|frame| frame.rule == Some(rule)) {
            return;
        }
        loop {
            while let Some(number) = self.pop() {
                self.failed_unless_last(number);
            }
            match self.frames.pop() {
                Some(frame) if frame.rule != Some(rule) => {}
                _ => return,
            }
        }
    }

    fn reach(&mut self, number: usize) {
        let Some(probe) = self.probes.points.get(number) else { return };
        if !is_expression(probe) {
            return self.reach_head(probe);
        }
        while let Some(before) = self.pop() {
            if self.is_within(number, before) {
                self.push(before);
                break;
            }
            let Some(other) = self.probes.points.get(before) else { continue };
            if other.body == probe.body {
                if self.order.rank(number) <= self.order.rank(before) {
                    self.failed_unless_last(before);
                }
                break;
            }
            // A body in the head of the rule: that of the rule holds.
            let in_head = probe.closed && probe.within.is_none() && !other.closed;
            if !in_head {
                self.failed_unless_last(before);
            }
        }
        self.push(number);
        let shown = self.shown(probe);
        if let Some(frame) = self.frames.last_mut() {
            frame.at = Some(shown.0.clone());
        }
        self.tell(Op::Eval, self.depth(), shown);
    }

    fn reach_head(&mut self, head: &Probe) {
        while let Some(before) = self.pop() {
            if self.probes.points.get(before).is_some_and(|probe| probe.closed) {
                self.failed_unless_last(before);
            }
        }
        let (name, location) = self.origins.rule(head.rule);
        self.tell(Op::Exit, self.depth(), (location, name));
    }

    /// Of the last expression of a body in a term it is not known.
    fn failed_unless_last(&mut self, number: usize) {
        let Some(probe) = self.probes.points.get(number) else { return };
        if !probe.closed || !self.order.is_last(number, probe) {
            let shown = self.shown(probe);
            self.tell(Op::Fail, self.depth(), shown);
        }
    }

    fn note(&mut self, text: &str) {
        let at = self.frames.last().and_then(|frame| frame.at.clone());
        let at = at.unwrap_or_else(Location::of_query);
        self.tell(Op::Note, self.depth(), (at, serde_json::Value::from(text).to_string()));
    }

    fn shown(&self, probe: &Probe) -> (Location, String) {
        let (file, text) = self.probes.sources.get(probe.span.file as usize).cloned().unwrap_or_default();
        let words: Vec<&str> = probe.span.text(&text).split_whitespace().collect();
        (Location { file, line: probe.span.row, column: probe.span.column }, words.join(" "))
    }

    /// Whether an expression stands in a term of another.
    fn is_within(&self, inner: usize, outer: usize) -> bool {
        let mut around = self.probes.points.get(inner).and_then(|probe| probe.within);
        while let Some(number) = around {
            if number == outer {
                return true;
            }
            around = self.probes.points.get(number).and_then(|probe| probe.within);
        }
        false
    }

    fn push(&mut self, number: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.open.push(number);
        }
    }

    fn pop(&mut self) -> Option<usize> {
        self.frames.last_mut()?.open.pop()
    }
}
