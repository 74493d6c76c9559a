//! `--profile` and `--explain`: what a policy does and what it takes, as tables and traces.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use vidimus::{Detail, Evaluation, Explanation, Location, Observed, Profile, ProfileOrder, ProfiledRule};

use super::style::harmless;

/// What rules cost.
#[derive(Debug, Args)]
pub(super) struct ProfileArguments {
    /// Tell which rules cost most: their own time, that with the rules they ask, and how often they were evaluated
    #[arg(long)]
    profile: bool,
    /// Most rules that the profile shows, 0 for all; implies --profile
    #[arg(long, value_name = "N")]
    profile_limit: Option<usize>,
    /// What the profile is ordered by, and by what next where given again; implies --profile
    #[arg(long, value_name = "CRITERION")]
    profile_sort: Vec<Criterion>,
}

/// How an evaluation went.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// Trace the evaluation of one component: every step, what the policy notes by `trace` and `print`, or what failed
    #[arg(long, value_name = "DETAIL")]
    explain: Option<Explained>,
}

/// In the words of `opa eval --profile-sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Criterion {
    #[value(name = "total_time_ns")]
    Own,
    #[value(name = "cumulative_time_ns")]
    Whole,
    #[value(name = "num_eval")]
    Evaluations,
    File,
    Line,
}

/// In the words of `opa eval --explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Explained {
    Off,
    Full,
    Notes,
    Fails,
}

/// How many rules a profile shows where nothing is said, as `opa eval` does.
const LIMIT: usize = 10;

impl ProfileArguments {
    /// Whether there is to be a profile.
    pub(super) const fn is_wanted(&self) -> bool {
        self.profile || self.profile_limit.is_some() || !self.profile_sort.is_empty()
    }

    /// What evaluations are watched for.
    pub(super) const fn observed(&self) -> Observed {
        if self.is_wanted() { Observed::Costs } else { Observed::Nothing }
    }

    /// The rules that are to be shown, where some are.
    pub(super) fn rules<'a>(&self, profiles: impl Iterator<Item = &'a Profile>) -> Option<Vec<ProfiledRule>> {
        let order = |criterion: &Criterion| match criterion {
            Criterion::Own => ProfileOrder::Own,
            Criterion::Whole => ProfileOrder::Whole,
            Criterion::Evaluations => ProfileOrder::Evaluations,
            Criterion::File => ProfileOrder::File,
            Criterion::Line => ProfileOrder::Line,
        };
        let order: Vec<ProfileOrder> = self.profile_sort.iter().map(order).collect();
        let mut all = Profile::default();
        profiles.for_each(|profile| all.add(profile));
        self.is_wanted().then(|| all.rules(&order, self.profile_limit.unwrap_or(LIMIT)))
    }
}

impl ExplainArguments {
    /// How much is to be told, where anything is.
    pub(super) const fn detail(&self) -> Option<Detail> {
        match self.explain {
            None | Some(Explained::Off) => None,
            Some(Explained::Full) => Some(Detail::Full),
            Some(Explained::Notes) => Some(Detail::Notes),
            Some(Explained::Fails) => Some(Detail::Fails),
        }
    }
}

/// File and line; a query is in no file.
fn place(location: &Location) -> String {
    let file = if location.file.is_empty() { "query" } else { &location.file };
    format!("{file}:{}", location.line)
}

/// A table: own time, time with the rules asked, evaluations, place, rule.
pub(super) fn table(rules: &[ProfiledRule]) -> String {
    let row = |rule: &ProfiledRule| {
        let place = harmless(&place(&rule.location));
        [format!("{:.3?}", rule.own), format!("{:.3?}", rule.whole), rule.evaluations.to_string(), place, harmless(&rule.rule)]
    };
    let heading = ["TIME", "CUMULATIVE", "NUM EVAL", "LOCATION", "RULE"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(heading).chain(rules.iter().map(row)).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for [own, whole, evaluations, place, rule] in &rows {
        let (own_width, whole_width, evaluations_width, place_width) = (width(0), width(1), width(2), width(3));
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "{own:>own_width$}  {whole:>whole_width$}  {evaluations:>evaluations_width$}  {place:<place_width$}  {rule}");
    }
    text
}

/// The trace of a component, a line a step, as `opa eval --explain` writes it.
pub(super) fn trace(evaluation: &Evaluation) -> String {
    let Some(Explanation { steps }) = evaluation.explanation() else { return String::new() };
    let width = steps.iter().map(|step| place(&step.location).chars().count()).max().unwrap_or(0) + 5;
    let mut text = String::new();
    for step in steps {
        let _ = writeln!(text, "{:<width$}{}{} {}", place(&step.location), "| ".repeat(step.depth), step.op.name(), step.text);
    }
    text.lines().map(|line| harmless(line) + "\n").collect()
}
