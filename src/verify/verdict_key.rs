//! `VerdictKey`: everything that an answer depends on. Compared member by member, never as text.

use std::sync::Arc;

use super::{IdentityMatcher, LogRequirement, Matcher, Signer, Verified, VerifyRequest};
use crate::memo::Prepared;
use crate::oci::Digest;

/// What an answer depends on beside the question.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// Digest of the resolved trust material, and of the version that judges by it.
    pub(super) epoch: Digest,
    /// Names the credentials with which the source asks.
    pub(super) credentials: String,
}

/// The question, with the key's own bytes or the matchers in it, and its scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct VerdictKey {
    pub(super) request: Arc<VerifyRequest>,
    pub(super) scope: Arc<Scope>,
}

/// Bytes that an entry of the memo holds.
pub(super) fn weigh(key: &Prepared<VerdictKey>, verified: &Arc<Verified>) -> u64 {
    let repository = key.request.image.repository();
    let signer = match &key.request.signer {
        Signer::Key(key) => key.spki.len(),
        Signer::Identity(IdentityMatcher { identity, issuer }) => identity.iter().chain(issuer).map(of_matcher).sum(),
    };
    let log = match &key.request.log {
        LogRequirement::Ignored => 0,
        LogRequirement::Required { log_key, search } => {
            log_key.as_ref().map_or(0, |key| key.spki.len()) + search.as_ref().map_or(0, String::len)
        }
    };
    (size_of::<VerdictKey>() + size_of::<VerifyRequest>() + repository.registry().len() + repository.path().len() + signer + log) as u64
        + verified.weight()
}

fn of_matcher(matcher: &Matcher) -> usize {
    let (Matcher::Exact(text) | Matcher::Pattern(text)) = matcher;
    size_of::<Matcher>() + text.len()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::{PublicKey, Question};
    use super::*;

    fn key(change: impl FnOnce(&mut VerifyRequest, &mut Scope)) -> VerdictKey {
        let image = format!("registry.example/acme/web@{}", Digest::of(b"image")).parse().unwrap();
        let signer = Signer::Key(PublicKey { spki: Arc::from(&b"key"[..]) });
        let mut request = VerifyRequest { image, question: Question::Image, signer, log: LogRequirement::Ignored };
        let mut scope = Scope { epoch: Digest::of(b"epoch"), credentials: String::new() };
        change(&mut request, &mut scope);
        VerdictKey { request: Arc::new(request), scope: Arc::new(scope) }
    }

    fn identity(identity: Matcher, issuer: Matcher) -> Signer {
        Signer::Identity(IdentityMatcher { identity: vec![identity], issuer: vec![issuer] })
    }

    #[test]
    fn whatever_the_answer_depends_on_makes_another_key() {
        let exact = |text: &str| Matcher::Exact(text.to_owned());
        let required = || LogRequirement::Required { log_key: None, search: None };
        let log_key = PublicKey { spki: Arc::from(&b"log"[..]) };
        let keys = [
            key(|_, _| {}),
            key(|r, _| r.image = format!("registry.example/acme/web@{}", Digest::of(b"other")).parse().unwrap()),
            key(|r, _| r.image = format!("registry.example/acme/api@{}", Digest::of(b"image")).parse().unwrap()),
            key(|r, _| r.image = format!("other.example/acme/web@{}", Digest::of(b"image")).parse().unwrap()),
            key(|r, _| r.question = Question::Attestation),
            key(|r, _| r.signer = Signer::Key(PublicKey { spki: Arc::from(&b"rogue"[..]) })),
            key(|r, _| r.signer = identity(exact("a"), exact("b"))),
            key(|r, _| r.signer = identity(exact("ab"), exact(""))),
            key(|r, _| r.signer = identity(Matcher::Pattern("a".to_owned()), exact("b"))),
            key(|r, _| r.log = required()),
            key(|r, _| r.log = LogRequirement::Required { log_key: Some(log_key), search: None }),
            key(|r, _| r.log = LogRequirement::Required { log_key: None, search: Some("https://log.example".to_owned()) }),
            key(|_, s| s.epoch = Digest::of(b"other epoch")),
            key(|_, s| "ci".clone_into(&mut s.credentials)),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_tag_beside_the_digest_makes_no_other_key() {
        let tagged = key(|r, _| r.image = format!("registry.example/acme/web:v1@{}", Digest::of(b"image")).parse().unwrap());
        assert_eq!(tagged, key(|_, _| {}));
    }
}
