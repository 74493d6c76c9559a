//! TLS for servers of tests: an authority of their own, and a listener that speaks it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, rustls};

use super::forge;
use super::signer::TestKey;

/// An authority, and a server on the loopback interface that it vouches for.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    directory: tempfile::TempDir,
}

impl Tls {
    /// Made anew: nobody believes it who is not told to.
    pub(crate) fn new() -> Self {
        let (authority, server) = (TestKey::p256(), TestKey::p256());
        let (root, leaf) = forge::server_certificates(&authority, &server);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server.pkcs8()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(leaf)], key)
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("root.pem"), forge::pem(&root)).unwrap();
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), directory }
    }

    /// The file with the authority's certificate, for `SSL_CERT_FILE`.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("root.pem")
    }

    /// A listener that speaks TLS.
    pub(crate) fn listener(&self, inner: TcpListener) -> TlsListener {
        TlsListener { inner, acceptor: self.acceptor.clone() }
    }
}

/// Accepts TLS; clients that speak none are dropped.
pub(crate) struct TlsListener {
    inner: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.inner).await;
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}
