//! `Evaluation`: what a policy decided about one component, and why it could not where it could not.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::explanation::{Detail, Explanation};
use crate::profile::Profile;
use crate::verify::VerdictReceipt;

/// The decision about one component.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    name: String,
    #[serde(rename = "containerImage", skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    success: bool,
    violations: Vec<Finding>,
    warnings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<EvaluationError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<Vec<VerdictReceipt>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
    #[serde(skip)]
    profile: Option<Profile>,
    #[serde(skip)]
    prints: Vec<String>,
}

/// One result of a `deny`, `violation` or `warn` rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What the rule says.
    pub msg: String,
    /// Whatever else the rule says, such as `code`.
    pub metadata: Map<String, Value>,
    /// Path of the rule, without `data.`.
    pub rule: String,
    /// Where the rule is first defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl Location {
    /// Where a query stands, which is in no file.
    pub(crate) const fn of_query() -> Self {
        Self { file: String::new(), line: 1, column: 1 }
    }

    /// As `opa eval --profile` and `--explain` write it.
    pub(crate) fn as_opa<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::json!({ "file": self.file, "row": self.line, "col": self.column }).serialize(serializer)
    }
}

/// Why a component has no decision, or none to rely on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct EvaluationError {
    /// What kind of trouble.
    pub kind: ErrorKind,
    /// What happened.
    pub message: String,
}

/// Kinds of [`EvaluationError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A registry, log or trust root could not be asked; trying again may help.
    Unavailable,
    /// The document is not one.
    InvalidInput,
    /// The policy failed while it ran.
    Evaluation,
    /// The policy ran past its deadline.
    Timeout,
    /// Our own fault.
    Internal,
}

/// What the rules of a policy gave for a component.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) violations: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
    pub(crate) result: Option<Value>,
}

impl Findings {
    /// Adds what another part of the policy gave.
    pub(crate) fn append(&mut self, other: Self) {
        self.violations.extend(other.violations);
        self.warnings.extend(other.warnings);
        self.result = self.result.take().or(other.result);
    }
}

impl Evaluation {
    pub(crate) fn decided(name: &str, image: Option<&str>, findings: Findings) -> Self {
        let Findings { violations, warnings, result } = findings;
        let success = violations.is_empty();
        let (name, image) = (name.to_owned(), image.map(str::to_owned));
        Self {
            name,
            image,
            success,
            violations,
            warnings,
            result,
            error: None,
            receipts: None,
            explanation: None,
            profile: None,
            prints: Vec::new(),
        }
    }

    /// A component about which nothing can be decided, such as a file that cannot be read.
    #[must_use]
    pub fn undecided(name: &str, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::decided(name, None, Findings::default()).failing(EvaluationError { kind, message: message.into() })
    }

    /// Sets the error: what was found stays, success does not.
    pub(crate) fn failing(mut self, error: EvaluationError) -> Self {
        self.success = false;
        self.error.get_or_insert(error);
        self
    }

    pub(crate) fn with_image(mut self, image: Option<&str>) -> Self {
        self.image = image.map(str::to_owned);
        self
    }

    pub(crate) fn with_receipts(mut self, receipts: Option<Vec<VerdictReceipt>>) -> Self {
        self.receipts = receipts;
        self
    }

    pub(crate) fn with_prints(mut self, prints: Vec<String>) -> Self {
        self.prints = prints;
        self
    }

    pub(crate) fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    pub(crate) fn with_explanation(mut self, explanation: Explanation) -> Self {
        self.explanation = Some(explanation);
        self
    }

    /// Keeps this much of the explanation.
    #[must_use]
    pub fn explaining(mut self, detail: Detail) -> Self {
        self.explanation = self.explanation.map(|explanation| explanation.only(detail));
        self
    }

    /// Lets warnings decide as violations do.
    #[must_use]
    pub fn failing_on_warnings(mut self) -> Self {
        self.success &= self.warnings.is_empty();
        self
    }

    /// Name of the component.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The image, where the component was given as one.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Whether the component passes: no violation and no error.
    #[must_use]
    pub fn success(&self) -> bool {
        self.success
    }

    /// Results of `deny` and `violation` rules.
    #[must_use]
    pub fn violations(&self) -> &[Finding] {
        &self.violations
    }

    /// Results of `warn` rules.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Value of the query, where one was asked and it is defined.
    #[must_use]
    pub fn result(&self) -> Option<&Value> {
        self.result.as_ref()
    }

    /// Why the decision is none, or none to rely on.
    #[must_use]
    pub fn error(&self) -> Option<&EvaluationError> {
        self.error.as_ref()
    }

    /// Which verdicts were asked for and where they came from, in order; none unless
    /// [`crate::EvaluateOptions::receipts`] asks for them.
    #[must_use]
    pub fn receipts(&self) -> &[VerdictReceipt] {
        self.receipts.as_deref().unwrap_or_default()
    }

    /// How it went, where the policy was compiled to tell ([`crate::Observed::Steps`]).
    #[must_use]
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    /// What its rules cost, where the policy was compiled to tell ([`crate::Observed::Costs`]).
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// What the policy printed.
    #[must_use]
    pub fn prints(&self) -> &[String] {
        &self.prints
    }
}

impl ErrorKind {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::InvalidInput => "invalid_input",
            Self::Evaluation => "evaluation",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_leaves_success_standing() {
        let passed = Evaluation::decided("a", None, Findings::default());
        assert!(passed.success());
        let error = EvaluationError { kind: ErrorKind::Unavailable, message: "down".to_owned() };
        let failed = passed.failing(error);
        assert!(!failed.success());
        assert_eq!(serde_json::to_value(&failed).unwrap()["error"]["kind"], "unavailable");
    }

    #[test]
    fn the_first_error_is_kept() {
        let second = EvaluationError { kind: ErrorKind::Unavailable, message: "down".to_owned() };
        let failed = Evaluation::undecided("a", ErrorKind::Timeout, "late").failing(second);
        assert_eq!(failed.error().map(|error| error.kind), Some(ErrorKind::Timeout));
    }
}
