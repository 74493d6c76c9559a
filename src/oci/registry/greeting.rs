//! A look at a registry near by before TLS is set up for it: one that answers the greeting of TLS in HTTP has none.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::oci::RegistryHost;
use crate::oci::reference::name_of;

/// The least that is a `ClientHello` of TLS 1.2 (RFC 5246, section 7.4.1.2): a record, in it the message with version,
/// random, no session, one cipher suite, no compression. A server with TLS answers it in TLS, if only with an alert.
const CLIENT_HELLO: &[u8; 50] = b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03\
    01234567890123456789012345678901\x00\x00\x02\xc0\x2f\x01\x00";

/// Whether `host` answers TLS with a line of HTTP. Anything else proves nothing: not that it has TLS, nor that it is up.
pub(super) async fn is_answered_in_http(host: &RegistryHost, patience: Duration) -> bool {
    tokio::time::timeout(patience, answer(host)).await.ok().flatten().is_some_and(|answer| &answer == b"HTTP/")
}

/// The first five bytes of the answer.
async fn answer(host: &RegistryHost) -> Option<[u8; 5]> {
    let name = name_of(host.as_str());
    let port = match host.as_str().strip_prefix(name)?.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None => 443,
    };
    let stream = TcpStream::connect((name.trim_start_matches('[').trim_end_matches(']'), port)).await.ok()?;
    let mut unsent: &[u8] = CLIENT_HELLO;
    while !unsent.is_empty() {
        stream.writable().await.ok()?;
        match stream.try_write(unsent) {
            Ok(sent) => unsent = unsent.get(sent..)?,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    let (mut answer, mut filled) = ([0; 5], 0);
    while filled < answer.len() {
        stream.readable().await.ok()?;
        match stream.try_read(answer.get_mut(filled..)?) {
            Ok(0) => return None,
            Ok(read) => filled += read,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    Some(answer)
}
