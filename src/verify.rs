//! Who signed an image: `Verifier`, the questions it answers and the proof it gives.
//!
//! Knows nothing of Rego and nothing of policies. A [`Verified`] can be made here only, and only by a check that
//! succeeded: nothing else can reach the memo.

mod asker;
mod base64;
mod bundle;
mod claims;
mod dsse;
mod error;
mod evidence;
mod examine;
mod exhibit;
mod gather;
mod grounds;
mod json;
mod judge;
mod key;
mod key_reference;
mod key_server;
mod landing;
mod legacy;
mod log_search;
mod logged;
mod options;
mod pem;
mod public_key;
mod receipt;
mod recorded;
mod remembering;
mod request;
mod revocable;
mod revocation_file;
mod spki;
mod stats;
mod text_at;
mod trust;
mod unanswered;
mod verdict_codec;
mod verdict_key;
mod verified;
mod verifier;
mod wording;

pub use asker::PreparedRequest;
pub use error::VerifyError;
pub use examine::Examination;
pub use exhibit::{Exhibit, Finding};
pub use grounds::Grounds;
pub use key_reference::{KeyReference, KeyReferences, NoKeyReferences, UnreadKey};
pub use key_server::{InvalidKeyServer, KeyServer};
pub use log_search::LogSearch;
pub use options::{OptionsError, SignerOptions};
pub use public_key::{InvalidKey, PublicKey};
pub use receipt::{Source, Verdict, VerdictReceipt};
pub use recorded::RecordedVerdict;
pub use remembering::Remembering;
pub use request::{IdentityMatcher, LogRequirement, Matcher, Question, Signer, VerifyRequest};
pub use revocable::{InvalidRevocation, Revocable, revocations};
pub use revocation_file::{RevocationFile, RevocationFileError, RevocationNews};
pub use stats::Stats;
#[cfg(feature = "tuf")]
pub use trust::{RefreshError, TufRepository};
pub use trust::{Trust, TrustError};
pub use unanswered::Unanswered;
pub use verified::{Attestation, Proof, Receipt, ReceiptKind, Signature, Verified};
pub use verifier::{Answer, InvalidVerifier, Verifier, VerifierConfig};
pub(crate) use wording::PARSING_ATTESTATION;
