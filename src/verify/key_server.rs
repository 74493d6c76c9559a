//! `KeyServer`: public keys that are named by an `https` address, each fetched once in a while and never by a verification.

use std::sync::Arc;
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use url::Url;

use super::{PublicKey, UnreadKey};
use crate::memo::{Bound, Flight, Landing, Level, Memo, Missed, TimeToLive};
use crate::oci::{Blocking, Budget, Enquiry, InvalidRegistry, SourceError, Web};

/// Longest wait for one key.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a key is not asked for again: policies name the same one for every component.
const KEPT: TimeToLive = TimeToLive { duration: Duration::from_mins(1), level: Level::Engine };
/// Bytes of keys that are kept.
const ROOM: u64 = 8 << 20;

/// Why there is no [`KeyServer`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct InvalidKeyServer(#[from] InvalidRegistry);

/// Fetches public keys over `https`: at most [`PublicKey::MAX_PEM`] bytes, within ten seconds, redirected within its own
/// origin only. A key is kept for a minute; a failure never.
#[derive(Debug)]
pub struct KeyServer {
    web: Web,
    /// Threads are started for the first key.
    blocking: OnceCell<Blocking>,
    kept: Memo<Url, Arc<str>, UnreadKey>,
}

impl KeyServer {
    /// A client that has fetched nothing yet.
    ///
    /// # Errors
    /// [`InvalidKeyServer`] where no HTTP client can be made of what the system has.
    pub fn new() -> Result<Self, InvalidKeyServer> {
        let bound = Bound { bytes: ROOM, weigh: |url: &Url, text: &Arc<str>| (url.as_str().len() + text.len()) as u64 };
        Ok(Self { web: Web::new()?, blocking: OnceCell::new(), kept: Memo::new(&bound) })
    }

    /// The PEM text of the key at `address`. Blocks for ten seconds at most.
    ///
    /// # Errors
    /// [`UnreadKey::Refused`] where the address is none of `https`, where there is nothing, or no key; else
    /// [`UnreadKey::Unavailable`].
    pub fn read(&self, address: &str) -> Result<String, UnreadKey> {
        let url = url_of(address)?;
        let unavailable = |reason: &str| UnreadKey::Unavailable(format!("loading URL: {}: {reason}", shown(address)));
        let blocking = self.blocking.get_or_try_init(Blocking::new).map_err(|error| unavailable(&error.to_string()))?;
        let start = |flight: Flight<Url, Arc<str>, UnreadKey>| {
            let web = self.web.clone();
            blocking.spawn(async move {
                match fetch(&web, flight.key()).await {
                    Ok(text) => flight.land(Ok(Landing { ttl: Some(KEPT), ..Landing::new(text) })),
                    Err(unread) => flight.land(Err(unread)),
                }
            });
        };
        match self.kept.get_or_start(&url, Instant::now() + PATIENCE, start) {
            Ok(answer) => Ok(answer.value().as_ref().to_owned()),
            Err(Missed::Failed(unread)) => Err(unread),
            Err(Missed::TimedOut) => Err(unavailable("timed out")),
            Err(_) => Err(unavailable("the request was abandoned")),
        }
    }
}

/// An address that a key may have.
fn url_of(address: &str) -> Result<Url, UnreadKey> {
    let refused = |reason: &str| UnreadKey::Refused(format!("loading URL: {}: {reason}", shown(address)));
    let url = Url::parse(address).map_err(|error| refused(&error.to_string()))?;
    match url.scheme() {
        "https" if url.username().is_empty() && url.password().is_none() => Ok(url),
        "https" => Err(refused("an address with a name or password is not followed")),
        _ => Err(refused("not an `https` address")),
    }
}

async fn fetch(web: &Web, url: &Url) -> Result<Arc<str>, UnreadKey> {
    let refused = |reason: String| UnreadKey::Refused(format!("loading URL: {reason}"));
    let enquiry = Enquiry { url, posted: None, max: PublicKey::MAX_PEM as u64 };
    let bytes = web.ask(&enquiry, &Budget::lasting(PATIENCE)).await.map_err(|error| match error {
        SourceError::Unavailable { .. } => UnreadKey::Unavailable(format!("loading URL: {error}")),
        SourceError::Absent { .. } | SourceError::Violation { .. } => refused(error.to_string()),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| refused(format!("{url}: not UTF-8")))?;
    PublicKey::from_pem(&text).map_err(|error| refused(format!("{url}: {error}")))?;
    Ok(text.into())
}

fn shown(address: &str) -> String {
    address.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked() {
        let server = KeyServer::new().unwrap();
        for address in ["http://127.0.0.1:1/key", "ftp://key.example/", "file:///etc/passwd", "https://", "https://n:p@key.example/", "key"]
        {
            assert!(matches!(server.read(address), Err(UnreadKey::Refused(_))), "{address}");
        }
        assert!(server.blocking.get().is_none(), "no thread was needed");
    }

    #[test]
    fn what_is_not_there_now_may_be_later() {
        let server = KeyServer::new().unwrap();
        assert!(matches!(server.read("https://127.0.0.1:1/key"), Err(UnreadKey::Unavailable(_))));
    }
}
