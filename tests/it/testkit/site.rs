//! `Site`: a server of single documents on a loopback port, with or without TLS, that keeps what it was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::Tls;

/// An answer.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self { status: 307, headers: vec![("Location", to.to_owned())], body: Vec::new() }
    }
}

/// What was asked: method, path and body.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Default)]
struct Contents {
    pages: HashMap<String, Page>,
    log: Vec<Asked>,
}

/// A site that ends with its value. A page that is not there is 404; one whose status is 0 never answers.
pub(crate) struct Site {
    base: String,
    contents: Arc<Mutex<Contents>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::serve("http", |listener, router| tokio::spawn(async move { axum::serve(listener, router).await }))
    }

    pub(crate) fn start_tls(tls: &Tls) -> Self {
        Self::serve("https", |listener, router| {
            let listener = tls.listener(listener);
            tokio::spawn(async move { axum::serve(listener, router).await })
        })
    }

    fn serve<T>(scheme: &str, spawn: impl FnOnce(tokio::net::TcpListener, Router) -> T) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("{scheme}://{}", listener.local_addr().unwrap());
        let contents = Arc::new(Mutex::new(Contents::default()));
        let router = Router::new().fallback(handle).with_state(Arc::clone(&contents));
        let inside = runtime.enter();
        spawn(tokio::net::TcpListener::from_std(listener).unwrap(), router);
        drop(inside);
        Self { base, contents, runtime: Some(runtime) }
    }

    /// The address of `path`, which begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn put(&self, path: &str, page: Page) -> &Self {
        self.contents.lock().unwrap().pages.insert(path.to_owned(), page);
        self
    }

    /// All that was asked so far.
    pub(crate) fn log(&self) -> Vec<Asked> {
        self.contents.lock().unwrap().log.clone()
    }
}

async fn handle(State(contents): State<Arc<Mutex<Contents>>>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let body = axum::body::to_bytes(incoming, 64 << 20).await.unwrap_or_default().to_vec();
    let path = parts.uri.path().to_owned();
    let page = {
        let mut contents = contents.lock().unwrap();
        contents.log.push(Asked { method: parts.method, path: path.clone(), body });
        contents.pages.get(&path).cloned()
    };
    let page = page.unwrap_or_else(|| Page::new(404, "not here"));
    if page.status == 0 {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(StatusCode::from_u16(page.status).unwrap());
    for (name, value) in page.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(page.body)).unwrap()
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
