//! `Profile`: what the rules of a policy cost, summed up over any number of evaluations.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::engine::{Cost, Observer, Origins};
use crate::evaluation::Location;

/// What rules cost, by where they stand.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    rules: BTreeMap<(String, u32, u32), ProfiledRule>,
}

/// What the evaluations of one rule cost: of one clause, where a name has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfiledRule {
    /// Time in nanoseconds, without that of the rules that it asked.
    #[serde(rename = "total_time_ns", serialize_with = "nanoseconds")]
    pub own: Duration,
    /// Time in nanoseconds, with that of the rules that it asked.
    #[serde(rename = "cumulative_time_ns", serialize_with = "nanoseconds")]
    pub whole: Duration,
    /// How often it was evaluated: what is remembered is not.
    #[serde(rename = "num_eval")]
    pub evaluations: u64,
    /// Its full name, beginning with `data`; `query` for the query.
    pub rule: String,
    /// Where it stands.
    #[serde(serialize_with = "Location::as_opa")]
    pub location: Location,
}

/// What rules are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileOrder {
    /// Most time of its own first.
    Own,
    /// Most time, with that of the rules that it asked, first.
    Whole,
    /// Most evaluations first.
    Evaluations,
    /// By the names of files.
    File,
    /// By line.
    Line,
}

impl Profile {
    pub(crate) fn of(observer: &Observer, origins: &Origins) -> Self {
        let mut profile = Self::default();
        for (number, Cost { evaluations, own, whole }) in observer.costs() {
            let (rule, location) = origins.rule(*number);
            profile.count(ProfiledRule { own: *own, whole: *whole, evaluations: *evaluations, rule, location });
        }
        profile
    }

    /// Adds what was found elsewhere.
    pub fn add(&mut self, other: &Self) {
        other.rules.values().cloned().for_each(|rule| self.count(rule));
    }

    fn count(&mut self, counted: ProfiledRule) {
        let Location { file, line, column } = counted.location.clone();
        self.rules
            .entry((file, line, column))
            .and_modify(|rule| {
                rule.own += counted.own;
                rule.whole += counted.whole;
                rule.evaluations += counted.evaluations;
            })
            .or_insert(counted);
    }

    /// The first `limit` rules (all, where that is 0) in this order: by the first criterion, then by the next.
    #[must_use]
    pub fn rules(&self, order: &[ProfileOrder], limit: usize) -> Vec<ProfiledRule> {
        let mut rules: Vec<ProfiledRule> = self.rules.values().cloned().collect();
        let order = if order.is_empty() { &[ProfileOrder::Own][..] } else { order };
        for criterion in order.iter().rev() {
            match criterion {
                ProfileOrder::Own => rules.sort_by_key(|rule| Reverse(rule.own)),
                ProfileOrder::Whole => rules.sort_by_key(|rule| Reverse(rule.whole)),
                ProfileOrder::Evaluations => rules.sort_by_key(|rule| Reverse(rule.evaluations)),
                ProfileOrder::File => rules.sort_by(|one, other| one.location.file.cmp(&other.location.file)),
                ProfileOrder::Line => rules.sort_by_key(|rule| rule.location.line),
            }
        }
        rules.truncate(if limit == 0 { rules.len() } else { limit });
        rules
    }
}

fn nanoseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, line: u32, (own, evaluations): (u64, u64)) -> ProfiledRule {
        let location = Location { file: "a.rego".to_owned(), line, column: 1 };
        ProfiledRule {
            own: Duration::from_nanos(own),
            whole: Duration::from_nanos(100 - own),
            evaluations,
            rule: name.to_owned(),
            location,
        }
    }

    #[test]
    fn costs_are_summed_up_by_place_and_ordered_as_asked() {
        let mut profile = Profile::default();
        profile.count(rule("data.a.p", 3, (10, 7)));
        profile.count(rule("data.a.q", 1, (20, 7)));
        profile.count(rule("data.a.r", 2, (5, 9)));
        let copy = profile.clone();
        profile.add(&copy);
        let lines = |order: &[ProfileOrder], limit| profile.rules(order, limit).iter().map(|rule| rule.location.line).collect::<Vec<_>>();
        assert_eq!(lines(&[], 2), [1, 3]);
        assert_eq!(lines(&[ProfileOrder::Whole], 0), [2, 3, 1]);
        assert_eq!(lines(&[ProfileOrder::Evaluations, ProfileOrder::Line], 0), [2, 1, 3]);
        assert_eq!(lines(&[ProfileOrder::File, ProfileOrder::Line], 0), [1, 2, 3]);
        let first = serde_json::to_value(&profile.rules(&[], 1)[0]).unwrap();
        assert_eq!(first["total_time_ns"], 40);
        assert_eq!((&first["num_eval"], &first["location"]["row"]), (&serde_json::json!(14), &serde_json::json!(1)));
    }
}
