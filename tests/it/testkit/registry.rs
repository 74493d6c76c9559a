//! `TestRegistry`: an OCI registry in this process, over real HTTP on a loopback port, with faults to order.

mod access;
mod body;
mod content;
mod fault;
mod serve;
mod tally;
mod upload;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::serve::ListenerExt as _;

pub(crate) use access::Bearer;
pub(crate) use fault::{Fault, Wrong};
pub(crate) use tally::{Request, Route};

use access::Access;
use content::Content;
use fault::Faults;

use super::Tls;

/// What the handler and the test share.
struct State {
    content: Content,
    access: Access,
    faults: Faults,
    log: Vec<Request>,
    referrers_api: bool,
    page_size: Option<usize>,
    entity_tags: bool,
}

struct Shared {
    host: String,
    state: Mutex<State>,
    connections: AtomicU64,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A registry that ends with its value.
pub(crate) struct TestRegistry {
    shared: Arc<Shared>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl TestRegistry {
    /// An empty registry with the referrers API, open to everybody.
    pub(crate) fn start() -> Self {
        Self::serve(|listener, shared| {
            let counted = Arc::clone(&shared);
            let listener = listener.tap_io(move |stream| {
                counted.connections.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
            });
            tokio::spawn(async move { axum::serve(listener, serve::router(shared)).await })
        })
    }

    /// The same in TLS.
    pub(crate) fn start_tls(tls: &Tls) -> Self {
        Self::serve(|listener, shared| {
            let listener = tls.listener(listener);
            tokio::spawn(async move { axum::serve(listener, serve::router(shared)).await })
        })
    }

    fn serve<T>(spawn: impl FnOnce(tokio::net::TcpListener, Arc<Shared>) -> T) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        listener.set_nonblocking(true).unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state = State {
            content: Content::default(),
            access: Access::Open,
            faults: Faults::default(),
            log: Vec::new(),
            referrers_api: true,
            page_size: None,
            entity_tags: false,
        };
        let shared = Arc::new(Shared { host, state: Mutex::new(state), connections: AtomicU64::new(0) });
        let inside = runtime.enter();
        spawn(tokio::net::TcpListener::from_std(listener).unwrap(), Arc::clone(&shared));
        drop(inside);
        Self { shared, runtime: Some(runtime) }
    }

    /// Host and port, as in a reference.
    pub(crate) fn host(&self) -> &str {
        &self.shared.host
    }

    /// Turns the referrers API on or off; off, the path is one the registry does not know (404).
    pub(crate) fn referrers_api(&self, on: bool) -> &Self {
        self.shared.state().referrers_api = on;
        self
    }

    /// Answers for referrers in pages of `entries`.
    pub(crate) fn page_referrers(&self, entries: usize) -> &Self {
        self.shared.state().page_size = Some(entries);
        self
    }

    /// Gives lists of referrers entity tags, and sends them to nobody twice.
    pub(crate) fn entity_tags(&self) -> &Self {
        self.shared.state().entity_tags = true;
        self
    }

    /// Serves every layout below `tree` as a repository named by its path there. Files are served as they are, even
    /// those that do not have the digest that is their name.
    pub(crate) fn push_layouts(&self, tree: &Path) -> &Self {
        self.shared.state().content.push_layouts(tree);
        self
    }

    /// Serves the layout in `directory` as `repository`.
    pub(crate) fn push_layout(&self, repository: &str, directory: &Path) -> &Self {
        self.shared.state().content.push_layout(repository, directory);
        self
    }

    /// Stores a blob and gives its digest.
    pub(crate) fn push_blob(&self, repository: &str, bytes: &[u8]) -> String {
        self.shared.state().content.push_blob(repository, bytes)
    }

    /// Stores a manifest, under `tag` where one is given, and gives its digest.
    pub(crate) fn push_manifest(&self, repository: &str, tag: Option<&str>, manifest: (&str, &[u8])) -> String {
        self.shared.state().content.push_manifest(repository, tag, manifest)
    }

    /// Orders a fault. Of several that match a request, the one ordered last acts.
    pub(crate) fn inject(&self, fault: Fault) -> &Self {
        self.shared.state().faults.add(fault);
        self
    }

    /// Answers every GET on `route` with `status`, until healed.
    pub(crate) fn fail(&self, route: Route, status: u16) -> &Self {
        self.inject(Fault::status(status).on(route))
    }

    /// Forgets all faults.
    pub(crate) fn heal(&self) -> &Self {
        self.shared.state().faults = Faults::default();
        self
    }

    /// Asks for a name and password (Basic).
    pub(crate) fn require_basic(&self, name: &str, password: &str) -> &Self {
        self.shared.state().access = Access::Basic { name: name.to_owned(), password: password.to_owned() };
        self
    }

    /// Asks for tokens (Bearer), which its own `/token` gives out.
    pub(crate) fn require_bearer(&self, rules: Bearer) -> &Self {
        self.shared.state().access = Access::bearer(rules);
        self
    }

    /// Takes back all tokens given out.
    pub(crate) fn expire_tokens(&self) -> &Self {
        self.shared.state().access.expire();
        self
    }

    /// Requests for content so far: without challenges (401) and tokens.
    pub(crate) fn requests(&self) -> usize {
        self.shared.state().log.iter().filter(|r| r.route != Route::Token && r.status != 401).count()
    }

    /// Requests on `route` so far.
    pub(crate) fn requests_to(&self, route: Route) -> usize {
        self.log().iter().filter(|r| r.route == route).count()
    }

    /// Requests that were answered with a challenge.
    pub(crate) fn challenges(&self) -> usize {
        self.log().iter().filter(|r| r.status == 401).count()
    }

    /// Bytes of the bodies sent so far.
    pub(crate) fn sent(&self) -> usize {
        self.log().iter().map(|request| request.sent).sum()
    }

    /// Requests with `method` so far.
    pub(crate) fn requests_by(&self, method: &str) -> usize {
        self.log().iter().filter(|request| request.method == method).count()
    }

    /// Every request so far.
    pub(crate) fn log(&self) -> Vec<Request> {
        self.shared.state().log.clone()
    }

    /// TCP connections so far, those of TLS clients that found no TLS included.
    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Sets all counters to zero.
    pub(crate) fn forget_requests(&self) -> &Self {
        self.shared.state().log.clear();
        self.shared.connections.store(0, Ordering::SeqCst);
        self
    }
}

impl Drop for TestRegistry {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
