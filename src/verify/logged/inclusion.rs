//! `Inclusion`: the proof that an entry is in a log's tree (RFC 6962, section 2.1.1), under a head that the log signed
//! (C2SP signed note). For what `sigstore-verify` does not see.

use jiff::Timestamp;
use sigstore_crypto::Checkpoint;
use sigstore_types::Sha256Hash;

use crate::verify::Trust;
use crate::verify::evidence::Reason;

/// A place in a tree.
pub(super) struct Inclusion<'a> {
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) hashes: &'a [Sha256Hash],
    pub(super) root: Sha256Hash,
    /// The signed head; the empty text where there is none.
    pub(super) checkpoint: &'a str,
}

/// A log at a time.
pub(super) struct LogAt<'a> {
    pub(super) id: &'a [u8],
    pub(super) time: Timestamp,
}

impl Inclusion<'_> {
    /// Checks that `body` is in the tree.
    pub(super) fn holds(&self, body: &[u8]) -> Result<(), Reason> {
        let leaf = sigstore_merkle::hash_leaf(body);
        sigstore_merkle::verify_inclusion_proof(&leaf, self.index, self.size, self.hashes, &self.root)
            .map_err(|error| format!("verifying inclusion proof: {error}"))
    }

    /// Checks that `log` signed the head of this very tree.
    pub(super) fn signed_by(&self, log: &LogAt<'_>, trust: &Trust) -> Result<(), Reason> {
        let head = Checkpoint::from_text(self.checkpoint).map_err(|error| format!("verifying checkpoint: {error}"))?;
        let signed = trust.log_key_at(log.id, log.time).is_some_and(|key| {
            let own = |hint: &[u8]| log.id.starts_with(hint);
            head.signatures().iter().any(|s| own(s.key_id.as_bytes()) && key.verify(head.signed_data(), &s.signature).is_ok())
        });
        if signed && *head.root_hash() == self.root && head.tree_size() == self.size {
            return Ok(());
        }
        Err("verifying checkpoint: it is not the log's, or of another tree".to_owned())
    }
}
