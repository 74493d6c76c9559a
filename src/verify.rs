//! Who signed an image: `Verifier`, the questions it answers and the proof it gives.
//!
//! Knows nothing of Rego and nothing of policies. A [`Verified`] can be made here only, and only by a check that
//! succeeded: nothing else can reach the memo.

mod error;
mod evidence;
mod logged;
mod request;
mod trust;
mod verified;

pub use error::VerifyError;
pub use request::{IdentityMatcher, LogRequirement, Matcher, PublicKey, Question, Signer, VerifyRequest};
pub use trust::{Trust, TrustError};
pub use verified::{Attestation, Receipt, ReceiptKind, Signature, Verified};
