//! `Levers`: the ways of being quick, each of which can be turned off; `Observed`: what an evaluation is watched for.

/// Ways of being quick. None of them changes an answer: they are turned off to compare, and to look for faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each lever is pulled by itself")]
pub struct Levers {
    /// A function is evaluated once in an evaluation for the same operands.
    pub functions: bool,
    /// A rule that reads no input is evaluated once for a policy.
    pub lasting: bool,
    /// Rules that nothing asked for reaches are left out.
    pub pruning: bool,
    /// Documents that are data and no rules are looked up once in an evaluation.
    pub documents: bool,
    /// All rules that decide are asked in one query.
    pub aggregation: bool,
}

/// What evaluations are watched for. It takes its time, and changes no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Observed {
    /// Nothing.
    #[default]
    Nothing,
    /// What each rule costs.
    Costs,
    /// Each rule that is entered, and each expression that is evaluated.
    Steps,
}

impl Levers {
    /// Every lever is pulled.
    pub const ALL: Self = Self { functions: true, lasting: true, pruning: true, documents: true, aggregation: true };
    /// None is.
    pub const NONE: Self = Self { functions: false, lasting: false, pruning: false, documents: false, aggregation: false };
}

impl Default for Levers {
    fn default() -> Self {
        Self::ALL
    }
}
