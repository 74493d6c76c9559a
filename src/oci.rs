//! Images and where they come from: references, digests, and the sources that answer for them.
//!
//! Knows nothing of signatures. A [`Digest`] or [`ImageRef`] that exists is well formed: text becomes a type once, at
//! the edge.

mod digest;
mod reference;
mod source;

pub use digest::{Digest, InvalidDigest};
pub use reference::{ImageRef, InvalidReference, Repository};
pub use source::{Budget, Descriptor, ImageSource, Manifest, Pointer, SourceError, SourceFuture};
