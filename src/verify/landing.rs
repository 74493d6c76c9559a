//! How long an answer may be remembered, and by what it can be revoked.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::judge::Finding;
use super::remembering::EPOCH;
use super::verdict_key::VerdictKey;
use super::{LogRequirement, Matcher, Signature, Signer, Verified, VerifyRequest};
use crate::memo::{Label, Landing, Level, NotAfter, TimeToLive, TimesToLive};

/// Remembered by nobody, told to all who wait.
const NOT_AT_ALL: TimeToLive = TimeToLive { duration: Duration::ZERO, level: Level::Engine };

/// How a conforma entry calls the end of its certificate.
const NOT_AFTER: &str = "Not After";
const ALTERNATIVE_NAME: &str = "Subject Alternative Name";

/// What is known of an answer before the work begins: the image's digest, its repository, the key or the identities, the
/// trust.
pub(super) fn labels(key: &VerdictKey) -> Vec<Label> {
    let request = &*key.request;
    let mut labels =
        vec![Label::new("digest", request.image.digest().to_string()), Label::new("repository", request.image.repository().to_string())];
    match &request.signer {
        Signer::Key(key) => labels.push(Label::new("key", key.fingerprint().to_string())),
        Signer::Identity(matcher) => labels.extend(matcher.identity.iter().filter_map(|matcher| match matcher {
            Matcher::Exact(name) => Some(Label::new("identity", name.as_str())),
            Matcher::Pattern(_) => None,
        })),
    }
    labels.push(Label::new(EPOCH, key.scope.epoch.to_string()));
    labels
}

/// A success as the memo takes it.
pub(super) fn of(request: &VerifyRequest, finding: Finding, times: &TimesToLive) -> Landing<Arc<Verified>> {
    let Finding { verified, complete } = finding;
    let configured = times.of(&request.image.repository().to_string());
    let (not_after, ttl) = match evidence(request, &verified) {
        Evidence::Holds if complete => (None, configured),
        Evidence::HoldsUntil(at) if complete => (Some(NotAfter { at, why: "certificate" }), configured),
        _ => (None, Some(NOT_AT_ALL)),
    };
    let labels = entries(&verified).filter_map(|entry| entry.metadata.get(ALTERNATIVE_NAME)).flat_map(|names| identities(names)).collect();
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
    let certified: Vec<_> = entries(verified).filter(|entry| !entry.certificate.is_empty()).collect();
    if certified.is_empty() {
        return if matches!(request.signer, Signer::Key(_)) { Evidence::Holds } else { Evidence::HoldsNow };
    }
    let ends: Option<Vec<_>> = certified.into_iter().map(end).collect();
    ends.and_then(|ends| ends.into_iter().min()).map_or(Evidence::HoldsNow, Evidence::HoldsUntil)
}

fn end(entry: &Signature) -> Option<SystemTime> {
    entry.metadata.get(NOT_AFTER)?.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

fn entries(verified: &Verified) -> impl Iterator<Item = &Signature> {
    verified.signatures().iter().chain(verified.attestations().iter().flat_map(|attestation| &attestation.signatures))
}

/// The names in conforma's text, `Email Addresses:a, b; URIs:c`.
fn identities(names: &str) -> impl Iterator<Item = Label> {
    let of_kind = |kind| str::split_once(kind, ':').map_or("", |(_, names)| names);
    names
        .split("; ")
        .map(of_kind)
        .flat_map(|names| names.split(", "))
        .filter(|name| !name.is_empty())
        .map(|name| Label::new("identity", name))
}

#[cfg(test)]
mod tests {
    use super::super::verdict_key::Scope;
    use super::super::{IdentityMatcher, PublicKey, Question};
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
        Signer::Key(PublicKey { spki: Arc::from(&b"key"[..]) })
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
        let metadata = [(NOT_AFTER, not_after), (ALTERNATIVE_NAME, "Email Addresses:a@x, b@x; URIs:https://c")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Signature { certificate: "PEM".to_owned(), metadata, ..Signature::default() }
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
        assert_eq!(labels(identity())[2], "identity=dev@acme.example");
        let found = landing(identity(), required(), certified(""), true).labels;
        assert_eq!(found, ["a@x", "b@x", "https://c"].map(|name| Label::new("identity", name)));
    }
}
