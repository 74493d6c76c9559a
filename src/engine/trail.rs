//! Which probes an evaluation reached, and what the user's variables were there the last time.

use std::collections::HashMap;

use crate::builtins::Value;

/// The probes that were reached.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    steps: u64,
    last: HashMap<usize, (u64, Value)>,
}

impl Trail {
    /// Notes a call of the probe's function: `[number, variables]`.
    pub(super) fn note(&mut self, call: &[Value]) {
        let [number, locals] = call else { return };
        let Some(number) = number.as_u64().ok().and_then(|number| usize::try_from(number).ok()) else { return };
        self.steps += 1;
        self.last.insert(number, (self.steps, locals.clone()));
    }

    /// The numbers of the probes.
    pub(crate) fn reached(&self) -> impl Iterator<Item = usize> {
        self.last.keys().copied()
    }

    /// Of the probes that are `wanted`, the one that was reached last, and the variables there.
    pub(crate) fn last(&self, wanted: impl Fn(usize) -> bool) -> Option<(usize, &Value)> {
        let found = self.last.iter().filter(|(number, _)| wanted(**number)).max_by_key(|(_, (step, _))| *step);
        found.map(|(number, (_, locals))| (*number, locals))
    }
}
