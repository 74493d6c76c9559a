//! What a builtin is given and what it gives back.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A Rego value.
pub(crate) use regorus::Value;

use super::{Asked, Recent};
use crate::oci::{Descriptor, Digest, Manifest, Pointer, Repository, SourceError, no_source};
use crate::verify::{KeyReferences, NoKeyReferences, PreparedRequest, Verified, VerifyError};

/// The shape of every builtin. `Ok(Value::Undefined)` is undefined in Rego.
pub(crate) type Function = fn(&Call<'_>, &[Value]) -> Result<Value, Failure>;

/// What a builtin may use beside its operands: its answer is a function of these.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// When the evaluation must have ended.
    pub(crate) deadline: Instant,
    /// The time of the evaluation, nanoseconds since 1970, the same for all its calls.
    pub(crate) now_ns: i64,
    /// The way out of the evaluation.
    pub(crate) host: &'a dyn Host,
}

/// What lies outside an evaluation: signatures, images, and the note that something could not be asked.
pub(crate) trait Host: fmt::Debug {
    /// Asks the verifier, and shows what it found as `show` does.
    fn verify(&self, request: &PreparedRequest, deadline: Instant, show: &dyn Fn(&Verified) -> Value) -> Result<Value, VerifyError>;

    /// Manifests, in the order asked for; several are fetched together (see [`crate::oci::ImageSource::manifest`]).
    fn manifests(&self, wanted: &[(Repository, Pointer)], _deadline: Instant) -> Vec<Result<Option<Manifest>, SourceError>> {
        wanted.iter().map(|(repository, _)| Err(no_source(repository))).collect()
    }

    /// The blob with `digest`, of at most `max` bytes (see [`crate::oci::ImageSource::blob`]).
    #[expect(clippy::too_many_arguments, reason = "what, where, how much, how long: as the source takes them")]
    fn blob(&self, repository: &Repository, _digest: &Digest, _max: u64, _deadline: Instant) -> Result<Arc<[u8]>, SourceError> {
        Err(no_source(repository))
    }

    /// What refers to `subject` (see [`crate::oci::ImageSource::referrers`]).
    fn referrers(&self, repository: &Repository, _subject: &Digest, _deadline: Instant) -> Result<Vec<Descriptor>, SourceError> {
        Err(no_source(repository))
    }

    /// Notes that an answer was *unavailable*: the evaluation is then never reported as passed.
    fn note_unavailable(&self, why: &str);

    /// What random answers of the evaluation are drawn from: the same throughout it.
    fn seed(&self) -> [u8; 16] {
        [0; 16]
    }

    /// Where questions are kept that were asked before, if anywhere.
    fn asked(&self) -> Option<&Asked> {
        None
    }

    /// Where the options that the evaluation asked with last are kept, if anywhere.
    fn recent(&self) -> Option<&Recent> {
        None
    }

    /// Reads the keys that options name by reference: none, unless the caller allows it.
    fn key_references(&self) -> &dyn KeyReferences {
        &NoKeyReferences
    }
}

/// Why a builtin gave no value: undefined in Rego, an error under strict builtin errors. The text is OPA's, without
/// position and code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// An operand of another type (OPA: `eval_type_error`), such as `operand 1 must be string but got number`.
    #[error("{name}: {message}")]
    Type {
        /// Name of the builtin.
        name: &'static str,
        /// What is wrong with the operand.
        message: String,
    },
    /// Anything else (OPA: `eval_builtin_error`).
    #[error("{name}: {message}")]
    Failed {
        /// Name of the builtin.
        name: &'static str,
        /// What went wrong.
        message: String,
    },
}
