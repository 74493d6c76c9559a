//! Bodies as they should be, and as they should not.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream::{self, StreamExt as _};

/// `bytes`, one at a time.
pub(super) fn slow(bytes: Bytes, pause: Duration) -> Body {
    Body::from_stream(stream::unfold(0, move |at| {
        let next = bytes.get(at..=at).map(Bytes::copy_from_slice);
        async move {
            tokio::time::sleep(pause).await;
            next.map(|byte| (Ok::<_, Infallible>(byte), at + 1))
        }
    }))
}

/// The first half of `bytes`, and when that is on its way an error, which breaks the connection.
pub(super) fn truncated(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let broken = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("ordered"))
    });
    Body::from_stream(stream::iter([Ok(half)]).chain(broken))
}

/// Zeros without end, as fast as they are taken.
pub(super) fn endless() -> Body {
    let chunk = Bytes::from(vec![0; 64 << 10]);
    Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())))
}

/// `bytes` with the last bit of the middle changed.
pub(super) fn altered(bytes: &Bytes) -> Bytes {
    let mut changed = bytes.to_vec();
    let middle = changed.len() / 2;
    if let Some(byte) = changed.get_mut(middle) {
        *byte ^= 1;
    }
    changed.into()
}
