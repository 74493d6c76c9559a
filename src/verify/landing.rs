//! How long an answer may be remembered, and by what it can be revoked.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::judge::Finding;
use super::remembering::EPOCH;
use super::verdict_key::VerdictKey;
use super::{Grounds, IdentityMatcher, LogRequirement, Matcher, Signature, Signer, Verified, VerifyRequest};
use crate::memo::{Label, Landing, Level, NotAfter, TimeToLive, TimesToLive};

/// Remembered by nobody, told to all who wait.
const NOT_AT_ALL: TimeToLive = TimeToLive { duration: Duration::ZERO, level: Level::Engine };

/// Everything that ends with its evidence, as expiries name it.
pub(super) const EVIDENCE: [&str; 1] = [CERTIFICATE];
const CERTIFICATE: &str = "certificate";

/// How a conforma entry calls the end of its certificate.
const NOT_AFTER: &str = "Not After";

/// What is known of an answer before the work begins: the image's digest, its repository, the key or the identities, the
/// trust.
pub(super) fn labels(key: &VerdictKey) -> Vec<Label> {
    let request = &*key.request;
    let mut labels =
        vec![Label::new("digest", request.image.digest().to_string()), Label::new("repository", request.image.repository().to_string())];
    match &request.signer {
        Signer::Key(key) => labels.push(Label::new("key", key.fingerprint().to_string())),
        Signer::Identity(IdentityMatcher { identity, issuer }) => {
            labels.extend(exact("identity", identity));
            labels.extend(exact("issuer", issuer));
        }
    }
    labels.push(Label::new(EPOCH, key.scope.epoch.to_string()));
    labels
}

fn exact(name: &'static str, matchers: &[Matcher]) -> impl Iterator<Item = Label> {
    matchers.iter().filter_map(move |matcher| match matcher {
        Matcher::Exact(text) => Some(Label::new(name, text.as_str())),
        Matcher::Pattern(_) => None,
    })
}

/// A success as the memo takes it.
pub(super) fn of(request: &VerifyRequest, finding: Finding, times: &TimesToLive) -> Landing<Arc<Verified>> {
    let Finding { verified, complete } = finding;
    let configured = times.of(request.image.repository());
    let (not_after, ttl) = match evidence(request, &verified) {
        Evidence::Holds if complete => (None, configured),
        Evidence::HoldsUntil(at) if complete => (Some(NotAfter { at, why: CERTIFICATE }), configured),
        _ => (None, Some(NOT_AT_ALL)),
    };
    let Grounds { identities, issuers, log_indexes } = verified.grounds();
    let mut labels: Vec<Label> = identities.into_iter().map(|name| Label::new("identity", name)).collect();
    labels.extend(issuers.into_iter().map(|issuer| Label::new("issuer", issuer)));
    labels.extend(log_indexes.into_iter().map(|index| Label::new("log-index", index.to_string())));
    Landing { labels, ttl, not_after, ..Landing::new(Arc::new(verified)) }
}

/// How long what was seen proves anything.
enum Evidence {
    Holds,
    HoldsUntil(SystemTime),
    /// Now, and nobody can tell until when.
    HoldsNow,
}

/// A certificate is checked at the time that a log vouches for; without a log it is checked now, and tomorrow it may have
/// ended.
fn evidence(request: &VerifyRequest, verified: &Verified) -> Evidence {
    if request.log != LogRequirement::Ignored {
        return Evidence::Holds;
    }
    let certified: Vec<_> = verified.entries().filter(|entry| !entry.certificate.is_empty()).collect();
    if certified.is_empty() {
        return if matches!(request.signer, Signer::Key(_)) { Evidence::Holds } else { Evidence::HoldsNow };
    }
    let ends: Option<Vec<_>> = certified.into_iter().map(end).collect();
    ends.and_then(|ends| ends.into_iter().min()).map_or(Evidence::HoldsNow, Evidence::HoldsUntil)
}

fn end(entry: &Signature) -> Option<SystemTime> {
    entry.metadata.get(NOT_AFTER)?.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use super::super::verdict_key::Scope;
    use super::super::{PublicKey, Question};
    use super::*;

    fn request(signer: Signer, log: LogRequirement) -> VerifyRequest {
        let image = format!("registry.example/acme/web@{}", crate::oci::Digest::of(b"")).parse().unwrap();
        VerifyRequest { image, question: Question::Image, signer, log }
    }

    fn asked(request: VerifyRequest) -> VerdictKey {
        let scope = Scope { epoch: crate::oci::Digest::of(b"epoch"), credentials: String::new() };
        VerdictKey { request: Arc::new(request), scope: Arc::new(scope) }
    }

    fn key() -> Signer {
        Signer::Key(PublicKey::of_spki(*b"key"))
    }

    fn identity() -> Signer {
        let matcher = |text: &str| vec![Matcher::Exact(text.to_owned())];
        Signer::Identity(IdentityMatcher { identity: matcher("dev@acme.example"), issuer: matcher("https://issuer.example") })
    }

    fn required() -> LogRequirement {
        LogRequirement::Required { log_key: None, search: None }
    }

    fn landing(signer: Signer, log: LogRequirement, entry: Signature, complete: bool) -> Landing<Arc<Verified>> {
        let finding = Finding { verified: Verified::new(vec![entry], Vec::new()), complete };
        of(&request(signer, log), finding, &TimesToLive::new(Some(Duration::from_hours(1))))
    }

    fn certified(not_after: &str) -> Signature {
        let metadata = [(NOT_AFTER.to_owned(), not_after.to_owned())].into();
        let identities = ["b@x", "a@x", "https://c"].map(str::to_owned).to_vec();
        let grounds = Grounds { identities, issuers: vec!["https://issuer".to_owned()], log_indexes: vec![7] };
        Signature { certificate: "PEM".to_owned(), metadata, grounds, ..Signature::default() }
    }

    #[test]
    fn a_key_or_a_log_holds_for_ever() {
        for landing in [
            landing(key(), LogRequirement::Ignored, Signature::default(), true),
            landing(identity(), required(), certified("2026-01-01T00:00:00Z"), true),
            landing(identity(), required(), Signature::default(), true),
        ] {
            assert_eq!(landing.not_after, None);
            assert_eq!(landing.ttl.unwrap().duration, Duration::from_hours(1), "as configured");
        }
    }

    #[test]
    fn a_certificate_without_a_log_holds_until_it_ends() {
        let landing = landing(identity(), LogRequirement::Ignored, certified("1970-01-02T00:00:00Z"), true);
        let not_after = landing.not_after.unwrap();
        assert_eq!((not_after.at, not_after.why), (SystemTime::UNIX_EPOCH + Duration::from_hours(24), "certificate"));
    }

    #[test]
    fn what_may_end_any_time_is_not_remembered() {
        for landing in [
            landing(identity(), LogRequirement::Ignored, Signature::default(), true),
            landing(identity(), LogRequirement::Ignored, certified("some day"), true),
            landing(key(), LogRequirement::Ignored, certified(""), true),
            landing(key(), LogRequirement::Ignored, Signature::default(), false),
            landing(identity(), required(), Signature::default(), false),
        ] {
            assert_eq!(landing.ttl, Some(NOT_AT_ALL));
        }
    }

    #[test]
    fn an_answer_is_labelled_by_what_it_rests_on() {
        let labels =
            |signer| labels(&asked(request(signer, required()))).iter().map(|l| format!("{}={}", l.name(), l.value())).collect::<Vec<_>>();
        let of_key = labels(key());
        assert_eq!(of_key[0], format!("digest={}", crate::oci::Digest::of(b"")));
        assert_eq!(of_key[1], "repository=registry.example/acme/web");
        assert_eq!(of_key[2], format!("key={}", crate::oci::Digest::of(b"key")));
        assert_eq!(labels(identity())[2..4], ["identity=dev@acme.example", "issuer=https://issuer.example"]);
        let found = landing(identity(), required(), certified(""), true).labels;
        let [names @ .., issuer, index] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(names, ["a@x", "b@x", "https://c"].map(|name| Label::new("identity", name)));
        assert_eq!((issuer, index), (&Label::new("issuer", "https://issuer"), &Label::new("log-index", "7")));
    }
}
