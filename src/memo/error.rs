//! `Missed`: why a caller got no answer. None of it is ever remembered.

/// Why there is no answer for this caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missed<E> {
    /// The flight failed; everybody who waited for it gets its error, and the next caller starts anew.
    #[error("{0}")]
    Failed(E),
    /// This caller's deadline passed. The flight goes on for the others, and what it finds is remembered.
    #[error("no answer within the deadline")]
    TimedOut,
    /// The flight was dropped before it landed (a panic, or a runtime that shut down).
    #[error("the work was abandoned before it finished")]
    Abandoned,
    /// What was being found out was revoked meanwhile. Asking again finds it out anew.
    #[error("the answer was revoked before it was found")]
    Revoked,
}
