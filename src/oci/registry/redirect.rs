//! Redirects: how many, and where to.

use reqwest::StatusCode;
use url::Url;

/// Most redirects of one request.
pub(super) const MOST: usize = 5;

/// Whether `status` sends a GET elsewhere.
pub(super) fn is(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect from `at` leads.
///
/// # Errors
/// Why it is not followed. The target is not part of the reason: it may carry a secret.
pub(super) fn next(at: &Url, location: Option<&str>) -> Result<Url, String> {
    let location = location.ok_or("a redirect without a location")?;
    let next = at.join(location).map_err(|e| format!("a redirect to what is no URL: {e}"))?;
    match (at.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => Ok(next),
        ("https", "http") => Err("a redirect from https to http is not followed".to_owned()),
        _ => Err("a redirect to what is not HTTP is not followed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_tls_nor_http() {
        let at = Url::parse("https://registry.example/v2/a/blobs/x").unwrap();
        assert!(next(&at, Some("http://registry.example/x")).unwrap_err().contains("https to http"));
        assert!(next(&at, Some("file:///etc/passwd")).is_err());
        assert!(next(&at, Some("https://")).is_err());
        assert!(next(&at, None).is_err());
        assert_eq!(next(&at, Some("/y")).unwrap().as_str(), "https://registry.example/y");
        assert_eq!(next(&at, Some("//storage.example/y")).unwrap().as_str(), "https://storage.example/y");
        let plain = Url::parse("http://127.0.0.1:5000/x").unwrap();
        assert_eq!(next(&plain, Some("https://a.example/")).unwrap().scheme(), "https");
    }
}
