//! Images and where they come from: references, digests, and the sources that answer for them.
//!
//! Knows nothing of signatures. A [`Digest`] or [`ImageRef`] that exists is well formed: text becomes a type once, at
//! the edge.

mod blocking;
mod credentials;
mod digest;
mod flight;
mod grammar;
mod index;
mod layout;
mod nowhere;
mod reference;
mod registry;
mod source;
mod sources;
mod validator;

pub use blocking::{Blocking, NoResult};
pub use credentials::{Credentials, InvalidCredentials};
pub use digest::{Digest, InvalidDigest};
pub(crate) use flight::Flights;
pub use layout::{InvalidLayout, Layout};
pub use nowhere::Nowhere;
pub(crate) use nowhere::no_source;
pub use reference::{ImageRef, InvalidReference, RegistryHost, Repository, RepositoryPrefix, TagRef};
pub(crate) use registry::{Enquiry, Web};
pub use registry::{InvalidRegistry, Registry, RegistryOptions, RequestCounts};
pub use source::{Budget, Descriptor, ImageSource, Manifest, Pointer, SourceError, SourceFuture};
pub use sources::{InvalidSources, RegistryDir, Sources};
pub use validator::{Glance, Relisted, Validator};
