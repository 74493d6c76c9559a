//! `Challenge`: what a registry asks of who wants in (RFC 9110 section 11, distribution's token authentication).

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// Most bytes of a challenge that are looked at.
const MAX_HEADER: usize = 8192;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with every request.
    Basic,
    /// A token, which `realm` gives out for `service`.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// The first challenge that can be answered.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, String> {
        let mut reason = "no challenge".to_owned();
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let Some(text) = value.to_str().ok().filter(|text| text.len() <= MAX_HEADER) else {
                "a challenge that cannot be read".clone_into(&mut reason);
                continue;
            };
            // What stands before a syntax error still counts.
            for challenge in http_auth::ChallengeParser::new(text) {
                match challenge.map_err(|_| "a challenge that cannot be read".to_owned()).and_then(|c| Self::of(&c)) {
                    Ok(challenge) => return Ok(challenge),
                    Err(why) => reason = why,
                }
            }
        }
        Err(reason)
    }

    fn of(challenge: &http_auth::ChallengeRef<'_>) -> Result<Self, String> {
        let parameter =
            |name: &str| challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_unescaped());
        if challenge.scheme.eq_ignore_ascii_case("basic") {
            return Ok(Self::Basic);
        }
        if !challenge.scheme.eq_ignore_ascii_case("bearer") {
            return Err(format!("the challenge `{}` is not supported", challenge.scheme));
        }
        let realm = parameter("realm").ok_or("a challenge without a realm")?;
        Ok(Self::Bearer { realm, service: parameter("service") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Challenge, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        Challenge::read(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) }
    }

    #[test]
    fn the_first_that_can_be_answered_counts() {
        assert_eq!(read(&[r#"Basic realm="x""#]), Ok(Challenge::Basic));
        assert_eq!(read(&[r#"BEARER Realm="https://t/",service="s",scope="repository:a:pull""#]), Ok(bearer("https://t/", Some("s"))));
        assert_eq!(read(&[r#"Negotiate realm="n", Bearer realm="https://t/\"q""#]), Ok(bearer("https://t/\"q", None)));
        assert_eq!(read(&[r#"Negotiate realm="n""#, r#"Bearer realm="https://t/""#]), Ok(bearer("https://t/", None)));
    }

    #[test]
    fn what_cannot_be_answered_is_said() {
        let long = format!("Basic realm=\"{}\"", "x".repeat(MAX_HEADER));
        for (values, reason) in [
            (vec![], "no challenge"),
            (vec!["Bearer service=\"s\""], "without a realm"),
            (vec!["Digest realm=\"s\""], "`Digest` is not supported"),
            (vec!["=,"], "cannot be read"),
            (vec![long.as_str()], "cannot be read"),
        ] {
            assert!(read(&values).unwrap_err().contains(reason), "{values:?}");
        }
    }
}
