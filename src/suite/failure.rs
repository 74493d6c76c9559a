//! Why a test failed: the expression that was evaluated last, and the values of its variables.

use crate::builtins::{Value, text_of};
use crate::engine::Trail;
use crate::evaluation::Location;
use crate::rego::{Probe, ProbeKind, Probes};

/// An expression that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedExpression {
    /// Where it stands.
    pub location: Location,
    /// Its text.
    pub text: String,
    /// The variables that had a value there and their values, as Rego writes them. Long ones are cut.
    pub locals: Vec<(String, String)>,
}

/// Most characters of a value that are shown.
const MAX_SHOWN: usize = 1_000;

/// The expression of the test, then that of a rule which it asked, where the evaluation ended.
pub(super) fn read(probes: &Probes, trail: &Trail, rule: Option<usize>) -> Vec<FailedExpression> {
    let point = |number: usize| probes.points.get(number);
    let expression =
        |number: usize| point(number).is_some_and(|point| point.kind == ProbeKind::Expression || point.kind == ProbeKind::Declaration);
    let own = trail.last(|number| expression(number) && point(number).map(|point| point.rule) == rule);
    let deepest = trail.last(expression).filter(|(number, _)| own.is_none_or(|(own, _)| own != *number));
    let shown = own.into_iter().chain(deepest);
    shown.filter_map(|(number, locals)| Some(failed(probes, point(number)?, locals))).collect()
}

fn failed(probes: &Probes, point: &Probe, locals: &Value) -> FailedExpression {
    let (file, text) = probes.sources.get(point.span.file as usize).map(|(name, text)| (name.clone(), text.as_ref())).unwrap_or_default();
    let location = Location { file, line: point.span.row, column: point.span.column };
    let mut shown = Vec::new();
    if let Value::Object(members) = locals {
        for (name, value) in members.iter() {
            shown.push((name.as_string().map(ToString::to_string).unwrap_or_default(), cut(text_of(value))));
        }
    }
    FailedExpression { location, text: point.span.text(text).to_owned(), locals: shown }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
