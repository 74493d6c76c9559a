//! `Origins`: what was learnt of each registry: its scheme, its challenge, whether it lacks the referrers API.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::challenge::Challenge;
use super::client::{Client, Failure};
use super::greeting;
use crate::oci::flight::Flights;
use crate::oci::{Budget, RegistryHost};

/// Most registries remembered; with more, all is learnt anew.
const MAX_HOSTS: usize = 1024;
/// Most requests under way to one registry.
const MAX_UNDER_WAY: usize = 64;
/// How long a registry is taken not to have the referrers API.
const ABSENT_FOR: Duration = Duration::from_mins(5);
/// Longest wait for TLS of a registry that may have none.
const PROBE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

struct Origin {
    scheme: Option<Scheme>,
    challenge: Option<Challenge>,
    without_referrers_until: Option<Instant>,
    places: Arc<Semaphore>,
}

impl Default for Origin {
    fn default() -> Self {
        let places = Arc::new(Semaphore::new(MAX_UNDER_WAY));
        Self { scheme: None, challenge: None, without_referrers_until: None, places }
    }
}

pub(super) struct Origins {
    client: Arc<Client>,
    plain_http: BTreeSet<RegistryHost>,
    known: Mutex<HashMap<RegistryHost, Origin>>,
    probes: Flights<RegistryHost, bool>,
}

impl Origins {
    pub(super) fn new(client: Arc<Client>, plain_http: BTreeSet<RegistryHost>) -> Self {
        Self { client, plain_http, known: Mutex::default(), probes: Flights::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RegistryHost, Origin>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, host: &RegistryHost, act: impl FnOnce(&mut Origin) -> T) -> T {
        let mut known = self.known();
        if known.len() >= MAX_HOSTS && !known.contains_key(host) {
            known.clear();
        }
        act(known.entry(host.clone()).or_default())
    }

    /// How `host` is spoken to: in TLS, but for those named by the operator and those near by that have none.
    pub(super) async fn scheme(&self, host: &RegistryHost, budget: &Budget) -> Scheme {
        if self.plain_http.contains(host) {
            return Scheme::Http;
        }
        if !host.is_local() {
            return Scheme::Https;
        }
        if let Some(scheme) = self.with(host, |origin| origin.scheme) {
            return scheme;
        }
        let mut leads = false;
        let probe = self.probes.join(host, || {
            leads = true;
            probe(Arc::clone(&self.client), host.clone())
        });
        let speaks_tls = tokio::time::timeout_at(budget.deadline().into(), probe).await.unwrap_or(false);
        if leads && speaks_tls {
            budget.count_request();
        }
        if speaks_tls { Scheme::Https } else { Scheme::Http }
    }

    /// Remembers that `host` answered: only then is the scheme known, since one that is down speaks no TLS either.
    pub(super) fn answered(&self, host: &RegistryHost, scheme: Scheme) {
        self.with(host, |origin| origin.scheme = Some(scheme));
    }

    pub(super) fn challenge(&self, host: &RegistryHost) -> Option<Challenge> {
        self.with(host, |origin| origin.challenge.clone())
    }

    pub(super) fn challenged(&self, host: &RegistryHost, challenge: &Challenge) {
        self.with(host, |origin| origin.challenge = Some(challenge.clone()));
    }

    pub(super) fn lacks_referrers(&self, host: &RegistryHost) -> bool {
        self.with(host, |origin| origin.without_referrers_until.is_some_and(|until| Instant::now() < until))
    }

    pub(super) fn found_no_referrers_api(&self, host: &RegistryHost) {
        self.with(host, |origin| origin.without_referrers_until = Some(Instant::now() + ABSENT_FOR));
    }

    /// A place among the requests under way to `host`; given back when dropped.
    pub(super) async fn place(&self, host: &RegistryHost, budget: &Budget) -> Result<OwnedSemaphorePermit, &'static str> {
        let places = self.with(host, |origin| Arc::clone(&origin.places));
        match tokio::time::timeout_at(budget.deadline().into(), places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err("timed out waiting for other requests to the registry"),
        }
    }
}

/// Whether `host` speaks TLS. Nothing is asked of one that does not.
async fn probe(client: Arc<Client>, host: RegistryHost) -> bool {
    if greeting::is_answered_in_http(&host, PROBE).await {
        return false;
    }
    let Ok(request) = Url::parse(&format!("https://{host}/v2/")).map_err(drop).and_then(|url| client.get(url).map_err(drop)) else {
        return true;
    };
    !matches!(client.send(request.timeout(PROBE), Instant::now() + PROBE, || {}).await, Err(Failure::Connect(_)))
}
