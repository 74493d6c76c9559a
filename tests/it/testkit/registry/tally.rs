//! What was asked of the registry.

/// The kinds of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v2/`
    Base,
    /// `/v2/<name>/manifests/<digest>`
    Manifest,
    /// `/v2/<name>/manifests/<tag>`
    Tag,
    /// `/v2/<name>/blobs/<digest>`
    Blob,
    /// `/v2/<name>/referrers/<digest>`
    Referrers,
    /// `/v2/<name>/blobs/uploads/..`
    Upload,
    /// `/token`
    Token,
    /// Anything else.
    Other,
}

/// One request and the status it got.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) route: Route,
    pub(crate) path: String,
    pub(crate) query: String,
    /// The body, where it is text.
    pub(crate) form: String,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    pub(crate) status: u16,
    /// Bytes of the true answer's body.
    pub(crate) sent: usize,
}

/// A path in its parts: the route, the repository, and what is asked of it.
pub(super) fn parse(path: &str) -> (Route, String, String) {
    let other = |route| (route, String::new(), String::new());
    if path == "/token" {
        return other(Route::Token);
    }
    let Some(rest) = path.strip_prefix("/v2/") else { return other(Route::Other) };
    if rest.is_empty() {
        return other(Route::Base);
    }
    for (marker, route) in
        [("/blobs/uploads/", Route::Upload), ("/manifests/", Route::Manifest), ("/blobs/", Route::Blob), ("/referrers/", Route::Referrers)]
    {
        if let Some((repository, what)) = rest.rsplit_once(marker) {
            let route = if route == Route::Manifest && !what.contains(':') { Route::Tag } else { route };
            return (route, repository.to_owned(), what.to_owned());
        }
    }
    other(Route::Other)
}
