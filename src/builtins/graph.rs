//! What can be reached in a graph given as an object of neighbours.

use std::collections::VecDeque;

use super::call::Value;
use super::operand::{self, Answer, Fault};
use super::{Availability, Family, order};
use regorus::value::{Object, Set};

pub(super) const FAMILY: Family =
    &[("graph.reachable", Availability::Pure(reachable)), ("graph.reachable_paths", Availability::Pure(reachable_paths))];

/// Most path elements that are made: the number of paths grows exponentially with a graph's edges.
const MOST_STEPS: usize = 4_000_000;

fn neighbours(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(array) => array.iter().collect(),
        Value::Set(set) => order::of_set(set),
        _ => Vec::new(),
    }
}

fn operands_of(operands: &[Value]) -> Result<(&Object, Vec<&Value>), Fault> {
    let graph = operand::object(operands, 1)?;
    match operand::any(operands, 2) {
        initial @ (Value::Array(_) | Value::Set(_)) => Ok((graph, neighbours(initial))),
        other => Err(Fault::operand(2, other, &["{array, set}"])),
    }
}

fn reachable(operands: &[Value]) -> Answer {
    let (graph, initial) = operands_of(operands)?;
    let mut queue: VecDeque<&Value> = initial.into();
    let mut reached = Set::new();
    while let Some(node) = queue.pop_front() {
        let Some(edges) = graph.get(node) else { continue };
        if reached.insert(node.clone()) {
            queue.extend(neighbours(edges).into_iter().filter(|next| !reached.contains(next)));
        }
    }
    Ok(reached.into_value())
}

fn reachable_paths(operands: &[Value]) -> Answer {
    let (graph, initial) = operands_of(operands)?;
    let mut walk = Walk { graph, path: Vec::new(), found: Set::new(), steps: 0 };
    for node in initial {
        let Some(edges) = graph.get(node) else { continue };
        walk.path.push(node);
        let neighbours = neighbours(edges);
        if neighbours.is_empty() {
            walk.commit()?;
        }
        // The first step may lead back to where it began.
        neighbours.into_iter().try_for_each(|next| walk.from(next))?;
        walk.path.pop();
    }
    Ok(walk.found.into_value())
}

/// A walk through a graph that never visits a node twice.
struct Walk<'a> {
    graph: &'a Object,
    path: Vec<&'a Value>,
    found: Set,
    steps: usize,
}

impl<'a> Walk<'a> {
    fn commit(&mut self) -> Result<(), Fault> {
        self.steps += self.path.len();
        if self.steps > MOST_STEPS {
            return Err(Fault::failed("too many paths"));
        }
        self.found.insert(Value::from(self.path.iter().map(|node| (*node).clone()).collect::<Vec<_>>()));
        Ok(())
    }

    fn from(&mut self, node: &'a Value) -> Result<(), Fault> {
        let Some(edges) = self.graph.get(node) else { return self.commit() };
        // A path longer than this would exhaust the stack.
        if self.path.len() > 2_000 {
            return Err(Fault::failed("path too long"));
        }
        self.path.push(node);
        let neighbours = neighbours(edges);
        if neighbours.is_empty() {
            self.commit()?;
        }
        for next in neighbours {
            if self.path.contains(&next) { self.commit()? } else { self.from(next)? }
        }
        self.path.pop();
        Ok(())
    }
}
