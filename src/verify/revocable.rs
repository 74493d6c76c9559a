//! `Revocable`: by what a verdict can be revoked, and how that is written; on a command line, and in a list.

use std::str::FromStr;

use crate::memo::{Label, Selector};
use crate::oci::{Digest, RepositoryPrefix};

/// Most bytes of a list.
const MAX_LIST: usize = 1 << 20;
/// Most characters of a name in a certificate.
const MAX_NAME: usize = 4096;

/// What a verdict rests on that a revocation can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revocable {
    /// An image, by its digest.
    Digest,
    /// A registry or a path in it, with all beneath.
    Repository,
    /// The key that was asked for, by the SHA-256 of its `SubjectPublicKeyInfo`.
    KeyFingerprint,
    /// A subject alternative name, of a certificate or asked for.
    CertificateIdentity,
    /// An OIDC issuer, in a certificate or asked for.
    CertificateOidcIssuer,
    /// An entry of a transparency log.
    LogIndex,
    /// The trust by which it was found.
    Epoch,
}

/// Why something cannot be revoked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRevocation {
    /// Verdicts have nothing of this name.
    #[error(
        "nothing is revoked by `{0}`; there are digest, repository, key-fingerprint, certificate-identity, certificate-oidc-issuer, \
         log-index and epoch"
    )]
    Name(String),
    /// The value is none of its kind.
    #[error("`{value}` is no {kind}: {reason}")]
    Value {
        /// What was expected.
        kind: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A line without `=`.
    #[error("`{0}` is no revocation; write such as `digest=sha256:..`, `repository=registry.example/team` or `**`")]
    Form(String),
    /// A line of a list that is wrong.
    #[error("line {line}: {error}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        error: Box<InvalidRevocation>,
    },
    /// More than a list can need.
    #[error("more than {MAX_LIST} bytes")]
    TooLarge,
}

impl Revocable {
    /// The selector of everything that rests on `value`.
    ///
    /// # Errors
    /// [`InvalidRevocation::Value`].
    pub fn selector(self, value: &str) -> Result<Selector, InvalidRevocation> {
        let invalid = |kind, reason: String| InvalidRevocation::Value { kind, value: value.to_owned(), reason };
        let is = |name: &'static str, value: String| Selector::Is(Label::new(name, value));
        let digest = |kind, text: &str| text.parse::<Digest>().map_err(|error| invalid(kind, error.to_string()));
        let name = |label, kind| {
            let fits = !value.is_empty() && value.len() <= MAX_NAME && !value.contains(char::is_control);
            if fits { Ok(is(label, value.to_owned())) } else { Err(invalid(kind, "it must be one line of text".to_owned())) }
        };
        match self {
            Self::Digest => Ok(is("digest", digest("digest", value)?.to_string())),
            Self::Epoch => Ok(is("epoch", digest("epoch", value)?.to_string())),
            Self::KeyFingerprint => {
                let hex = value.strip_prefix("sha256:").unwrap_or(value).replace(':', "").to_ascii_lowercase();
                Ok(is("key", digest("key fingerprint", &format!("sha256:{hex}"))?.to_string()))
            }
            Self::Repository => {
                let prefix: RepositoryPrefix =
                    value.strip_suffix("/**").unwrap_or(value).parse().map_err(|error| invalid("repository", format!("{error}")))?;
                Ok(Selector::Within(Label::new("repository", prefix.as_str())))
            }
            Self::CertificateIdentity => name("identity", "certificate identity"),
            Self::CertificateOidcIssuer => name("issuer", "OIDC issuer"),
            Self::LogIndex => {
                let index: u64 = value.parse().map_err(|_| invalid("log index", "it must be a number".to_owned()))?;
                Ok(is("log-index", index.to_string()))
            }
        }
    }
}

impl FromStr for Revocable {
    type Err = InvalidRevocation;

    /// By the name of its flag, or that of its label.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "digest" => Ok(Self::Digest),
            "repository" => Ok(Self::Repository),
            "key-fingerprint" | "key" => Ok(Self::KeyFingerprint),
            "certificate-identity" | "identity" => Ok(Self::CertificateIdentity),
            "certificate-oidc-issuer" | "issuer" => Ok(Self::CertificateOidcIssuer),
            "log-index" => Ok(Self::LogIndex),
            "epoch" => Ok(Self::Epoch),
            other => Err(InvalidRevocation::Name(other.to_owned())),
        }
    }
}

/// The revocations in a list: one a line, `name=value` or `**` for everything; blank lines and those that begin with `#` say
/// nothing.
///
/// # Errors
/// [`InvalidRevocation`]: a list is read whole or not at all.
pub fn revocations(list: &str) -> Result<Vec<Selector>, InvalidRevocation> {
    if list.len() > MAX_LIST {
        return Err(InvalidRevocation::TooLarge);
    }
    let mut selectors = Vec::new();
    for (number, line) in list.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let selector = one(line).map_err(|error| InvalidRevocation::Line { line: number + 1, error: Box::new(error) })?;
        if !selectors.contains(&selector) {
            selectors.push(selector);
        }
    }
    Ok(selectors)
}

fn one(line: &str) -> Result<Selector, InvalidRevocation> {
    if line == "**" {
        return Ok(Selector::All);
    }
    let (name, value) = line.split_once('=').ok_or_else(|| InvalidRevocation::Form(line.to_owned()))?;
    name.trim().parse::<Revocable>()?.selector(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(line: &str) -> Result<String, String> {
        revocations(line).map(|selectors| selectors.iter().map(ToString::to_string).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read_and_normalised() {
        let upper = DIGEST.trim_start_matches("sha256:").to_uppercase();
        for (line, selector) in [
            (format!("digest={DIGEST}"), format!("digest={DIGEST}")),
            (format!("key-fingerprint={upper}"), format!("key={DIGEST}")),
            (format!("key = {DIGEST}"), format!("key={DIGEST}")),
            (format!("epoch={DIGEST}"), format!("epoch={DIGEST}")),
            ("repository=docker.io/team".to_owned(), "repository=index.docker.io/team/**".to_owned()),
            ("repository=quay.io/**".to_owned(), "repository=quay.io/**".to_owned()),
            ("certificate-identity=https://a/b?c=d e".to_owned(), "identity=https://a/b?c=d e".to_owned()),
            ("issuer=https://issuer".to_owned(), "issuer=https://issuer".to_owned()),
            ("log-index=0042".to_owned(), "log-index=42".to_owned()),
            ("**".to_owned(), "**".to_owned()),
        ] {
            assert_eq!(read(&line), Ok(selector));
        }
    }

    #[test]
    fn a_list_is_read_whole_or_not_at_all() {
        let list = format!("# stolen\n\n  digest={DIGEST}  \r\ndigest={DIGEST}\nlog-index=7\n");
        assert_eq!(revocations(&list).unwrap().len(), 2, "each once");
        assert!(revocations("").unwrap().is_empty());
        for (line, wrong) in [
            ("digset=x", "nothing is revoked by `digset`"),
            ("digest", "`digest` is no revocation"),
            ("digest=", "is no digest"),
            ("digest=sha512:00", "unsupported digest algorithm"),
            ("key=00", "is no key fingerprint"),
            ("repository=team/app", "a registry must be named"),
            ("log-index=-1", "it must be a number"),
            ("identity=", "it must be one line of text"),
            ("*", "`*` is no revocation"),
        ] {
            let error = read(&format!("log-index=1\n{line}")).unwrap_err();
            assert!(error.starts_with("line 2: ") && error.contains(wrong), "{error}");
        }
        assert!(read(&"#".repeat(MAX_LIST + 1)).is_err());
    }
}
