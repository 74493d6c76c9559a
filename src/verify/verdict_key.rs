//! `VerdictKey`: everything that an answer depends on. Compared member by member, never as text.

use std::sync::Arc;

use super::{IdentityMatcher, LogRequirement, Matcher, Question, Signer, Verified, VerifyRequest};
use crate::memo::{EncodeKey, KeyEncoding, Prepared};
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

/// A change here is a new kind of record: see [`super::verdict_codec`].
impl EncodeKey for VerdictKey {
    fn encode(&self, encoding: &mut KeyEncoding) {
        let Self { request, scope } = self;
        let VerifyRequest { image, question, signer, log } = &**request;
        encoding.text(image.repository().registry()).text(image.repository().path()).bytes(image.digest().as_bytes());
        encoding.variant(match question {
            Question::Image => 0,
            Question::Attestation => 1,
        });
        match signer {
            Signer::Key(key) => {
                encoding.variant(0).bytes(key.spki());
            }
            Signer::Identity(IdentityMatcher { identity, issuer }) => {
                encoding.variant(1);
                encode_matchers(identity, encoding);
                encode_matchers(issuer, encoding);
            }
        }
        match log {
            LogRequirement::Ignored => encoding.variant(0),
            LogRequirement::Required { log_key, search } => {
                encoding.variant(1);
                match log_key {
                    None => encoding.variant(0),
                    Some(key) => encoding.variant(1).bytes(key.spki()),
                };
                match search {
                    None => encoding.variant(0),
                    Some(address) => encoding.variant(1).text(address),
                }
            }
        };
        let Scope { epoch, credentials } = &**scope;
        encoding.bytes(epoch.as_bytes()).text(credentials);
    }
}

fn encode_matchers(matchers: &[Matcher], encoding: &mut KeyEncoding) {
    encoding.list(matchers.len());
    for matcher in matchers {
        match matcher {
            Matcher::Exact(text) => encoding.variant(0).text(text),
            Matcher::Pattern(text) => encoding.variant(1).text(text),
        };
    }
}

/// Bytes that an entry of the memo holds.
pub(super) fn weigh(key: &Prepared<VerdictKey>, verified: &Arc<Verified>) -> u64 {
    let repository = key.request.image.repository();
    let signer = match &key.request.signer {
        Signer::Key(key) => key.weight(),
        Signer::Identity(IdentityMatcher { identity, issuer }) => identity.iter().chain(issuer).map(of_matcher).sum(),
    };
    let log = match &key.request.log {
        LogRequirement::Ignored => 0,
        LogRequirement::Required { log_key, search } => {
            log_key.as_ref().map_or(0, |key| key.spki().len()) + search.as_ref().map_or(0, String::len)
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
    use std::collections::{HashMap, HashSet};

    use super::super::PublicKey;
    use super::*;
    use crate::memo::KeyName;

    fn key(change: impl FnOnce(&mut VerifyRequest, &mut Scope)) -> VerdictKey {
        let image = format!("registry.example/acme/web@{}", Digest::of(b"image")).parse().unwrap();
        let signer = Signer::Key(PublicKey::of_spki(*b"key"));
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
        let log_key = PublicKey::of_spki(*b"log");
        let keys = [
            key(|_, _| {}),
            key(|r, _| r.image = format!("registry.example/acme/web@{}", Digest::of(b"other")).parse().unwrap()),
            key(|r, _| r.image = format!("registry.example/acme/api@{}", Digest::of(b"image")).parse().unwrap()),
            key(|r, _| r.image = format!("other.example/acme/web@{}", Digest::of(b"image")).parse().unwrap()),
            key(|r, _| r.question = Question::Attestation),
            key(|r, _| r.signer = Signer::Key(PublicKey::of_spki(*b"rogue"))),
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
        assert_eq!(keys.iter().map(name).collect::<HashSet<_>>().len(), keys.len(), "nor do two share a name on disk");
    }

    fn name(key: &VerdictKey) -> KeyName {
        let mut encoding = KeyEncoding::new("test");
        key.encode(&mut encoding);
        encoding.name()
    }

    /// Every combination of parts that are easily taken for each other.
    #[test]
    fn keys_are_equal_exactly_if_their_encodings_are() {
        let texts = ["", "a", "ab", "b", "a\0"];
        let lists: Vec<Vec<Matcher>> = texts
            .iter()
            .flat_map(|text| [Matcher::Exact((*text).to_owned()), Matcher::Pattern((*text).to_owned())])
            .flat_map(|matcher| [vec![matcher.clone()], vec![matcher.clone(), Matcher::Exact("a".to_owned())]])
            .chain([Vec::new()])
            .collect();
        let mut keys = Vec::new();
        for identity in &lists {
            for issuer in &lists {
                let signer = Signer::Identity(IdentityMatcher { identity: identity.clone(), issuer: issuer.clone() });
                keys.push(key(|request, _| request.signer = signer));
            }
        }
        for bytes in texts {
            let public = || PublicKey::of_spki(bytes.as_bytes());
            keys.push(key(|request, _| request.signer = Signer::Key(public())));
            for search in [None, Some(String::new()), Some(bytes.to_owned())] {
                for log_key in [None, Some(public())] {
                    let log = LogRequirement::Required { log_key, search: search.clone() };
                    for credentials in texts {
                        keys.push(key(|request, scope| {
                            request.log = log.clone();
                            credentials.clone_into(&mut scope.credentials);
                        }));
                    }
                }
            }
        }
        let mut names = HashMap::new();
        for key in &keys {
            assert_eq!(*names.entry(name(key)).or_insert(key), key, "two keys of one name");
        }
        assert_eq!(names.len(), keys.iter().collect::<HashSet<_>>().len());
        assert!(names.len() > 400, "{}", names.len());
    }

    /// What was written down is found again by the next release: whoever changes the encoding changes the codec's kind.
    #[test]
    fn the_encoding_is_pinned() {
        assert_eq!(name(&key(|_, _| {})).to_string(), "582323289ba4ee613dc3a2be06437ddba628e75f09fa61d9a42dfed0a16d3a2c");
    }

    #[test]
    fn a_tag_beside_the_digest_makes_no_other_key() {
        let tagged = key(|r, _| r.image = format!("registry.example/acme/web:v1@{}", Digest::of(b"image")).parse().unwrap());
        assert_eq!(tagged, key(|_, _| {}));
    }
}
