//! `Unanswered`: why a question has no answer, and what it cost to find that out.

use super::VerifyError;

/// A question without an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{error}")]
pub struct Unanswered {
    /// Why.
    pub error: VerifyError,
    /// HTTP requests that it cost whoever found that out; `None` where nobody has yet, since the caller was out of time, say.
    pub registry_requests: Option<u64>,
}

impl From<VerifyError> for Unanswered {
    /// At a cost that is not known.
    fn from(error: VerifyError) -> Self {
        Self { error, registry_requests: None }
    }
}

impl From<Unanswered> for VerifyError {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.error
    }
}
