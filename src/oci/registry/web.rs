//! `Web`: one document from an address that the operator allowed (a key, the answer of a log), bounded as all else that
//! comes over a network. Knows no registry: no credentials, no tokens, no plain HTTP where TLS was asked for.

use std::fmt;
use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use url::Url;

use super::InvalidRegistry;
use super::body::Answer;
use super::client::Client;
use super::exchange::unexpected;
use super::redirect;
use crate::oci::{Budget, SourceError};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is asked of the web.
#[derive(Debug)]
pub(crate) struct Enquiry<'a> {
    pub(crate) url: &'a Url,
    /// The JSON document that is posted; without one, a GET.
    pub(crate) posted: Option<Vec<u8>>,
    /// Most bytes of the answer.
    pub(crate) max: u64,
}

/// A client of documents. Clones share connections.
#[derive(Clone)]
pub(crate) struct Web {
    client: Arc<Client>,
}

impl Web {
    /// A client of its own.
    ///
    /// # Errors
    /// [`InvalidRegistry`] where no HTTP client can be made of what the system has.
    pub(crate) fn new() -> Result<Self, InvalidRegistry> {
        let client = Client::new().map_err(|error| InvalidRegistry(Box::new(error)))?;
        Ok(Self { client: Arc::new(client) })
    }

    /// The document that answers `enquiry`. A GET is redirected within its own origin only, a POST not at all.
    ///
    /// # Errors
    /// [`SourceError`]: *absent* on 404, *violation* where it is larger than allowed, else *unavailable*.
    pub(crate) async fn ask(&self, enquiry: &Enquiry<'_>, budget: &Budget) -> Result<Vec<u8>, SourceError> {
        let what = shown(enquiry.url);
        let unavailable = |reason: String| SourceError::unavailable(&what, reason);
        let mut at = enquiry.url.clone();
        for _ in 0..=redirect::MOST {
            let request = match &enquiry.posted {
                Some(json) => self.client.post(at.clone()).map(|request| request.header(CONTENT_TYPE, JSON).body(json.clone())),
                None => self.client.get(at.clone()),
            };
            let request = request.map_err(|failure| unavailable(failure.reason()))?.header(ACCEPT, HeaderValue::from_static("*/*"));
            let sent = || budget.count_request();
            let response = self.client.send(request, budget.deadline(), sent).await.map_err(|failure| unavailable(failure.reason()))?;
            let mut answer = Answer::new(response, at.clone());
            match answer.status() {
                StatusCode::OK => return answer.read(enquiry.max, &what, budget).await,
                StatusCode::NOT_FOUND => return Err(SourceError::absent(&what)),
                status if redirect::is(status) && enquiry.posted.is_none() => {
                    let next = redirect::next(&at, answer.header(&LOCATION)).map_err(unavailable)?;
                    if next.origin() != at.origin() {
                        return Err(unavailable("a redirect to another host is not followed".to_owned()));
                    }
                    answer.drain(budget).await;
                    at = next;
                }
                _ => return Err(unexpected(&what, answer, budget).await),
            }
        }
        Err(unavailable(format!("more than {} redirects", redirect::MOST)))
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").finish_non_exhaustive()
    }
}

/// An address without what may be secret in it: name, password, query, fragment.
fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}
