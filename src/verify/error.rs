//! `VerifyError`: a fact, a maybe, a mistake.

/// Why there is no [`super::Verified`]. None of the three is ever remembered.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A fact: the evidence was seen and does not hold. The text is what cosign would say.
    #[error("{0}")]
    Rejected(String),
    /// A maybe: some evidence could not be asked for; it may be tried again.
    #[error("{0}")]
    Unavailable(String),
    /// A mistake in the question.
    #[error("{0}")]
    Invalid(String),
}
