//! `VerdictCodec`: a verdict as it is written down, every member of it, and read back. Sealing is the archive's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::verdict_key::VerdictKey;
use super::{Attestation, Grounds, Question, Signature, Verified, landing};
use crate::memo::{Codec, EncodeKey as _, KeyEncoding, KeyName, Prepared, TimeToLive, TimesToLive};

/// Names the key's encoding and the layout below, and with them every record: one of another version is never found.
const KIND: &str = "vidimus verdict 1";
/// The layout, once more: a reader of values alone (`vidimus cache show`) does not know the kind.
const VERSION: u32 = 1;
/// Most bytes of a value. A verdict with more attestation than this is remembered in memory alone.
const MAX_BYTES: usize = 16 << 20;

/// How verdicts are written down.
#[derive(Debug)]
pub(super) struct VerdictCodec {
    /// As configured now: what was written down lives no longer.
    pub(super) times_to_live: TimesToLive,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    version: u32,
    #[serde(borrow)]
    signatures: Vec<WrittenSignature<'a>>,
    #[serde(borrow)]
    attestations: Vec<WrittenAttestation<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAttestation<'a> {
    /// As text of its own: a statement may nest as deep as any document.
    statement: Box<RawValue>,
    #[serde(borrow)]
    signatures: Vec<WrittenSignature<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSignature<'a> {
    keyid: Cow<'a, str>,
    signature: Cow<'a, str>,
    certificate: Cow<'a, str>,
    chain: Cow<'a, [String]>,
    metadata: Cow<'a, BTreeMap<String, String>>,
    identities: Cow<'a, [String]>,
    issuers: Cow<'a, [String]>,
    log_indexes: Cow<'a, [u64]>,
}

/// What a question is called in a store.
pub(super) fn name(key: &VerdictKey) -> KeyName {
    let mut encoding = KeyEncoding::new(KIND);
    key.encode(&mut encoding);
    encoding.name()
}

/// A value as bytes; `None` where it is too large.
pub(super) fn encode(verified: &Verified) -> Option<Vec<u8>> {
    let attestations = verified.attestations().iter().map(WrittenAttestation::of).collect::<Option<_>>()?;
    let bytes = serde_json::to_vec(&Written { version: VERSION, signatures: written(verified.signatures()), attestations }).ok()?;
    (bytes.len() <= MAX_BYTES).then_some(bytes)
}

/// The verdict that these bytes are; `None`: they are none of this version.
pub(super) fn decode(bytes: &[u8]) -> Option<Verified> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let written: Written<'_> = serde_json::from_slice(bytes).ok()?;
    let attestation = |written: WrittenAttestation<'_>| {
        let statement = serde_json::from_str::<serde_json::Value>(written.statement.get()).ok()?;
        Some(Attestation { statement: statement.into(), signatures: read(written.signatures) })
    };
    let attestations = written.attestations.into_iter().map(attestation).collect::<Option<_>>()?;
    (written.version == VERSION).then(|| Verified::new(read(written.signatures), attestations))
}

fn written(signatures: &[Signature]) -> Vec<WrittenSignature<'_>> {
    signatures.iter().map(WrittenSignature::of).collect()
}

fn read(written: Vec<WrittenSignature<'_>>) -> Vec<Signature> {
    written.into_iter().map(WrittenSignature::read).collect()
}

/// Which question a verdict answers: one with signatures the one, one with attestations the other; never both, never none.
pub(super) fn question(verified: &Verified) -> Option<Question> {
    match (verified.signatures(), verified.attestations()) {
        ([_, ..], []) => Some(Question::Image),
        ([], [_, ..]) => Some(Question::Attestation),
        _ => None,
    }
}

impl<'a> WrittenAttestation<'a> {
    fn of(attestation: &'a Attestation) -> Option<Self> {
        let statement = RawValue::from_string(serde_json::to_string(&attestation.statement).ok()?).ok()?;
        Some(Self { statement, signatures: written(&attestation.signatures) })
    }
}

impl<'a> WrittenSignature<'a> {
    fn of(signature: &'a Signature) -> Self {
        let Signature { keyid, signature, certificate, chain, metadata, grounds } = signature;
        Self {
            keyid: keyid.into(),
            signature: signature.into(),
            certificate: certificate.into(),
            chain: chain.into(),
            metadata: Cow::Borrowed(metadata),
            identities: (&grounds.identities).into(),
            issuers: (&grounds.issuers).into(),
            log_indexes: (&grounds.log_indexes).into(),
        }
    }

    fn read(self) -> Signature {
        let grounds = Grounds {
            identities: self.identities.into_owned(),
            issuers: self.issuers.into_owned(),
            log_indexes: self.log_indexes.into_owned(),
        };
        Signature {
            keyid: self.keyid.into_owned(),
            signature: self.signature.into_owned(),
            certificate: self.certificate.into_owned(),
            chain: self.chain.into_owned(),
            metadata: self.metadata.into_owned(),
            grounds,
        }
    }
}

impl Codec<Prepared<VerdictKey>, Arc<Verified>> for VerdictCodec {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn encode(&self, value: &Arc<Verified>) -> Option<Vec<u8>> {
        encode(value)
    }

    fn decode(&self, key: &Prepared<VerdictKey>, bytes: &[u8]) -> Option<Arc<Verified>> {
        let verified = decode(bytes)?;
        (question(&verified) == Some(key.request.question)).then(|| Arc::new(verified))
    }

    fn ttl(&self, key: &Prepared<VerdictKey>) -> Option<TimeToLive> {
        self.times_to_live.of(key.request.image.repository())
    }

    fn evidence(&self, name: &str) -> &'static str {
        landing::EVIDENCE.into_iter().find(|known| *known == name).unwrap_or("evidence")
    }
}

#[cfg(test)]
mod tests;
