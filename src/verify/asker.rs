//! `Asker`: with whose eyes images are seen; `PreparedRequest`: a question whose key was built and hashed once.

use std::sync::{Arc, OnceLock};

use super::VerifyRequest;
use super::verdict_key::{Scope, VerdictKey};
use crate::content::KeptSource;
use crate::memo::Prepared;
use crate::oci::{Digest, ImageSource};

/// A source and the credentials that it shows. What one asker was shown is not told to another.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) source: Arc<dyn ImageSource>,
    /// The same, with what is kept of it.
    pub(super) kept: KeptSource,
    /// Names the source's credentials, beside what the source itself says of them.
    pub(super) credentials: String,
    pub(super) epoch: Digest,
}

/// A question that is asked often: what it is remembered under is built when it is first asked.
#[derive(Debug)]
pub struct PreparedRequest {
    request: Arc<VerifyRequest>,
    key: OnceLock<(Arc<Asker>, Prepared<VerdictKey>)>,
}

impl Asker {
    /// What answers to `request` are remembered under.
    pub(super) fn key(&self, request: Arc<VerifyRequest>) -> Prepared<VerdictKey> {
        let shown = self.source.credential_scope(request.image.repository());
        let credentials = match (self.credentials.as_str(), shown.as_str()) {
            ("", "") => String::new(),
            // The length keeps `a` + `b/c` apart from `a/b` + `c`.
            (own, shown) => format!("{}:{own}/{shown}", own.len()),
        };
        Prepared::new(VerdictKey { request, scope: Arc::new(Scope { epoch: self.epoch, credentials }) })
    }

    /// Uses what [`Asker::key`] gives, built once for each question: but for another asker, whose key is another. Lent, not
    /// copied: threads that ask the same question do not meet on its count.
    pub(super) fn with_key_of<T>(self: &Arc<Self>, prepared: &PreparedRequest, use_it: impl FnOnce(&Prepared<VerdictKey>) -> T) -> T {
        let make = || self.key(Arc::clone(&prepared.request));
        let (asker, key) = prepared.key.get_or_init(|| (Arc::clone(self), make()));
        if Arc::ptr_eq(asker, self) { use_it(key) } else { use_it(&make()) }
    }
}

impl PreparedRequest {
    /// A question that is yet to be asked.
    #[must_use]
    pub fn new(request: VerifyRequest) -> Self {
        Self { request: Arc::new(request), key: OnceLock::new() }
    }

    /// The question.
    #[must_use]
    pub fn request(&self) -> &VerifyRequest {
        &self.request
    }
}
