//! `LogSearch`: the online search for log entries that are not attached, where the operator allows it and only for layers
//! that are rightly signed already.

use std::sync::atomic::{AtomicUsize, Ordering};

use url::Url;

use super::evidence::{LegacyLayer, Reason};
use super::logged::{self, ENTRY};
use super::{LogRequirement, Trust, VerifyRequest};
use crate::oci::{Budget, Enquiry, Web};

/// Whether a log may be asked, over the network and in the midst of a verification, for entries that are not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSearch {
    /// Never: an entry that is not attached is not there.
    Off,
    /// At the `rekor_url` of a question.
    Allowed,
}

/// Most bytes of a log's answer.
const MAX_ANSWER: u64 = 4 << 20;
/// Most layers of one image whose entries are searched: a registry must not make a log's clients flood it.
const MAX_SEARCHES: usize = 16;
/// Where rekor searches by what an entry would say (openapi.yaml, `searchLogQuery`).
const RETRIEVE: &str = "/api/v1/log/entries/retrieve";

/// Why a layer could not be completed.
#[derive(Debug)]
pub(super) enum Unfound {
    /// It does not hold, or no entry of a trusted log is about it.
    Rejected(Reason),
    /// The log could not be asked.
    Unavailable(String),
}

/// The searches of one verification.
#[derive(Debug)]
pub(super) struct Search<'a> {
    web: &'a Web,
    request: &'a VerifyRequest,
    trust: &'a Trust,
    made: AtomicUsize,
}

impl<'a> Search<'a> {
    pub(super) fn new(web: &'a Web, request: &'a VerifyRequest, trust: &'a Trust) -> Self {
        Self { web, request, trust, made: AtomicUsize::new(0) }
    }

    /// Attaches the entry of a trusted log to `layer`, where one is required and not attached.
    pub(super) async fn complete(&self, layer: &mut LegacyLayer, budget: &Budget) -> Result<(), Unfound> {
        let LogRequirement::Required { search: Some(address), .. } = &self.request.log else { return Ok(()) };
        if layer.annotations.contains_key(ENTRY) {
            return Ok(());
        }
        let question = logged::sought(layer, self.request).map_err(Unfound::Rejected)?;
        if self.made.fetch_add(1, Ordering::Relaxed) >= MAX_SEARCHES {
            return Err(Unfound::Rejected(format!("no log entry is attached, and more than {MAX_SEARCHES} are not searched")));
        }
        let url = endpoint(address).map_err(Unfound::Rejected)?;
        let enquiry = Enquiry { url: &url, posted: Some(question), max: MAX_ANSWER };
        let unavailable = |reason: &dyn std::fmt::Display| Unfound::Unavailable(format!("searching log query: {reason}"));
        let answer = self.web.ask(&enquiry, budget).await.map_err(|error| unavailable(&error))?;
        // What is no answer of a log says nothing of the entry.
        let found = logged::found(&answer).map_err(|error| unavailable(&format!("{url}: {error}")))?;
        let entry = logged::earliest(&found, layer, self.request, self.trust).map_err(Unfound::Rejected)?;
        layer.annotations.insert(ENTRY.to_owned(), entry);
        Ok(())
    }
}

/// The address of the search at the log `base`.
fn endpoint(base: &str) -> Result<Url, Reason> {
    let shown: String = base.chars().take(200).collect();
    let refused = |why: &dyn std::fmt::Display| format!("rekor_url `{shown}`: {why}");
    let url = Url::parse(base).map_err(|error| refused(&error))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "https" | "http") || !plain {
        return Err(refused(&"not the address of a log"));
    }
    Url::parse(&format!("{}{RETRIEVE}", url.as_str().trim_end_matches('/'))).map_err(|error| refused(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_asked_below_its_address() {
        let at = |base| endpoint(base).unwrap().to_string();
        assert_eq!(at("https://rekor.example"), "https://rekor.example/api/v1/log/entries/retrieve");
        assert_eq!(at("http://127.0.0.1:3000/base/"), "http://127.0.0.1:3000/base/api/v1/log/entries/retrieve");
        for bad in
            ["", "rekor.example", "file:///etc/passwd", "https://n:p@rekor.example", "https://rekor.example?x=1", "https://rekor.example#x"]
        {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }
}
