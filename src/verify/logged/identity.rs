//! Whether a certificate belongs to whom the request wants: subject alternative names and OIDC issuer.

use super::certificate::Leaf;
use super::pattern::{InvalidPattern, Pattern};
use crate::verify::evidence::Reason;
use crate::verify::{IdentityMatcher, Matcher};

/// Checks that one name of `leaf` and its issuer satisfy every matcher. A side without matchers is satisfied by nobody.
pub(super) fn check(wanted: &IdentityMatcher, leaf: &Leaf) -> Result<(), Reason> {
    let named = leaf.names.iter().map(|name| satisfies(&wanted.identity, name.value()));
    let named = any(named).map_err(|error| format!("malformed subject: {error}"))?;
    let issued = satisfies(&wanted.issuer, &leaf.issuer).map_err(|error| format!("malformed issuer: {error}"))?;
    if named && issued {
        return Ok(());
    }
    let subjects: Vec<&str> = leaf.names.iter().map(super::certificate::Name::value).collect();
    Err(format!(
        "none of the expected identities matched what was in the certificate, got subjects [{}] with issuer {}",
        subjects.join(" "),
        leaf.issuer
    ))
}

/// Whether the first e-mail or URI and the issuer alone, as they are, satisfy every matcher.
pub(super) fn matches(wanted: &IdentityMatcher, name: &str, issuer: &str) -> bool {
    satisfies(&wanted.identity, name).unwrap_or(false) && satisfies(&wanted.issuer, issuer).unwrap_or(false)
}

fn any(results: impl Iterator<Item = Result<bool, InvalidPattern>>) -> Result<bool, InvalidPattern> {
    let mut found = false;
    for result in results {
        found |= result?;
    }
    Ok(found)
}

fn satisfies(matchers: &[Matcher], text: &str) -> Result<bool, InvalidPattern> {
    for matcher in matchers {
        let holds = match matcher {
            Matcher::Exact(wanted) => wanted == text && !text.is_empty(),
            Matcher::Pattern(source) => Pattern::new(source)?.occurs_in(text) && !text.is_empty(),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(!matchers.is_empty())
}
