//! `Asked`: what operands came to, so that asking again costs no parsing of references and keys.
//!
//! Only questions are kept, never answers, and only those that are a function of their operands: a key that is named by
//! reference is read each time.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use quick_cache::Equivalent;
use quick_cache::sync::Cache;

use crate::verify::{PreparedRequest, Question, SignerOptions, VerifyRequest};

/// Most questions that are kept.
const MAX_QUESTIONS: usize = 4096;
/// Most bytes of a question that is kept: keys and names, not whatever a policy writes there.
const MAX_TEXT: usize = 4096;

/// Questions by the operands that they came from. Bounded.
pub(crate) struct Asked(Cache<Operands, Arc<PreparedRequest>>);

#[derive(PartialEq, Eq, Hash)]
struct Operands {
    question: Question,
    reference: Box<str>,
    options: SignerOptions,
}

/// Operands that are looked for.
#[derive(Hash)]
pub(super) struct Wanted<'a> {
    pub(super) question: Question,
    pub(super) reference: &'a str,
    pub(super) options: &'a SignerOptions,
}

impl Equivalent<Operands> for Wanted<'_> {
    fn equivalent(&self, kept: &Operands) -> bool {
        self.question == kept.question && self.reference == &*kept.reference && *self.options == kept.options
    }
}

impl Asked {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MAX_QUESTIONS))
    }

    /// The question that `wanted` came to before, else what `parse` makes of it.
    pub(super) fn get(
        &self,
        wanted: &Wanted<'_>,
        parse: impl FnOnce() -> Result<VerifyRequest, String>,
    ) -> Result<Arc<PreparedRequest>, String> {
        if let Some(request) = self.0.get(wanted) {
            return Ok(request);
        }
        let request = Arc::new(PreparedRequest::new(parse()?));
        if wanted.reference.len() + wanted.options.text_len() <= MAX_TEXT && !wanted.options.names_key() {
            let (question, reference, options) = (wanted.question, wanted.reference.into(), wanted.options.clone());
            self.0.insert(Operands { question, reference, options }, Arc::clone(&request));
        }
        Ok(request)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}
