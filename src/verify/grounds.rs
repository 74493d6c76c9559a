//! `Grounds`: whom and what a verified piece of evidence rests on, beside the key that was asked for.

/// What evidence rests on: what a revocation can name, and what a receipt tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Grounds {
    /// Subject alternative names of signing certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<String>,
    /// OIDC issuers in signing certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<String>,
    /// Places in transparency logs, as their entries state them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log_indexes: Vec<u64>,
}

impl Grounds {
    /// All of these together, each thing once.
    pub(super) fn merged<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut merged = Self::default();
        for Self { identities, issuers, log_indexes } in all {
            merged.identities.extend_from_slice(identities);
            merged.issuers.extend_from_slice(issuers);
            merged.log_indexes.extend_from_slice(log_indexes);
        }
        sort(&mut merged.identities);
        sort(&mut merged.issuers);
        sort(&mut merged.log_indexes);
        merged
    }

    /// Bytes that they hold.
    pub(super) fn weight(&self) -> usize {
        let texts = self.identities.iter().chain(&self.issuers).map(|text| size_of::<String>() + text.len()).sum::<usize>();
        texts + self.log_indexes.len() * size_of::<u64>()
    }
}

fn sort<T: Ord>(items: &mut Vec<T>) {
    items.sort_unstable();
    items.dedup();
}
