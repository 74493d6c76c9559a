//! `Client`: one HTTP request, counted, within a deadline. No retries, no redirects, no cookies.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{ClientBuilder, RequestBuilder, Response, redirect};
use url::Url;

use crate::causes::with_causes;
use crate::oci::reference::is_loopback;

/// Longest wait for a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the next byte.
const READ: Duration = Duration::from_secs(30);

fn builder() -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("vidimus/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .tcp_nodelay(true)
}

/// How many requests were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// All of them.
    pub requests: u64,
    /// Those that were answered with a challenge (401).
    pub challenges: u64,
    /// Those for tokens.
    pub tokens: u64,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// There was no connection, so nothing was sent.
    Connect(String),
    /// The request was sent, or may have been.
    Broken(String),
}

impl Failure {
    pub(super) fn reason(self) -> String {
        match self {
            Self::Connect(reason) | Self::Broken(reason) => reason,
        }
    }
}

/// A client that is made when it is needed: reading the system's certificates takes longer than many a run.
type Lazy = OnceLock<Result<reqwest::Client, String>>;

pub(super) struct Client {
    /// For this machine, in plain HTTP.
    plain: reqwest::Client,
    /// For this machine, in TLS: no proxy either, since one would look for the registry on its own machine.
    inward: Lazy,
    /// For all others: goes through the proxy of the environment, where there is one.
    outward: Lazy,
    requests: AtomicU64,
    challenges: AtomicU64,
    tokens: AtomicU64,
}

impl Client {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // It meets no TLS, so it needs nobody's certificates.
        let plain = builder().no_proxy().tls_certs_only([]).build()?;
        let [requests, challenges, tokens] = [const { AtomicU64::new(0) }; 3];
        Ok(Self { plain, inward: Lazy::new(), outward: Lazy::new(), requests, challenges, tokens })
    }

    pub(super) fn get(&self, url: Url) -> Result<RequestBuilder, Failure> {
        Ok(self.towards(&url)?.get(url))
    }

    pub(super) fn head(&self, url: Url) -> Result<RequestBuilder, Failure> {
        Ok(self.towards(&url)?.head(url))
    }

    pub(super) fn post(&self, url: Url) -> Result<RequestBuilder, Failure> {
        Ok(self.towards(&url)?.post(url))
    }

    fn towards(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        let here = url.host_str().is_some_and(is_loopback);
        let made = match (here, url.scheme()) {
            (true, "http") => return Ok(&self.plain),
            (true, _) => self.inward.get_or_init(|| builder().no_proxy().build().map_err(describe)),
            (false, _) => self.outward.get_or_init(|| builder().build().map_err(describe)),
        };
        made.as_ref().map_err(|reason| Failure::Broken(format!("no HTTP client: {reason}")))
    }

    /// Sends `request`; gives the head of the answer. `sent` hears of it if anything was sent.
    pub(super) async fn send(&self, request: RequestBuilder, deadline: Instant, sent: impl FnOnce()) -> Result<Response, Failure> {
        // The timer's milliseconds are long enough for an answer from near by.
        if Instant::now() >= deadline {
            return Err(Failure::Broken("timed out".to_owned()));
        }
        let outcome = match tokio::time::timeout_at(deadline.into(), request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(e)) if e.is_connect() => return Err(Failure::Connect(describe(e))),
            Ok(Err(e)) => Err(Failure::Broken(describe(e))),
            Err(_) => Err(Failure::Broken("timed out".to_owned())),
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        sent();
        outcome
    }

    pub(super) fn count_challenge(&self) {
        self.challenges.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_token(&self) {
        self.tokens.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> RequestCounts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RequestCounts { requests: load(&self.requests), challenges: load(&self.challenges), tokens: load(&self.tokens) }
    }
}

/// An error and its causes, without the URL: redirects carry secrets in theirs.
pub(super) fn describe(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    with_causes(&error.without_url())
}
