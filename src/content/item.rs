//! `Item`: one piece of content as it is kept, and what it is kept under.

use std::sync::Arc;
use std::time::Duration;

use crate::memo::Prepared;
use crate::oci::{Descriptor, Digest, Manifest, Repository, Validator};

/// What content is kept under: whose credentials showed it, where, and which it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) credentials: String,
    pub(super) repository: Repository,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    Manifest(Digest),
    Blob(Digest),
    /// What a tag named; only to ask whether it still does.
    Tag(String),
    Referrers(Digest),
}

/// A piece of content.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Manifest(Manifest),
    Blob(Arc<[u8]>),
    /// What the tag named; `None`: nothing.
    Tag {
        named: Option<Digest>,
        seen: Duration,
    },
    Referrers(Arc<Listed>),
}

/// A list of referrers, and when it was fetched.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) descriptors: Vec<Descriptor>,
    pub(super) validator: Option<Validator>,
    pub(super) seen: Duration,
}

/// What a node of a tree and a string's own header weigh.
const NODE: usize = 64;

/// Bytes that a kept item holds.
pub(super) fn weigh(key: &Prepared<Key>, item: &Item) -> u64 {
    let named = match &key.what {
        What::Tag(tag) => tag.len(),
        _ => 0,
    };
    let place = size_of::<Key>() + key.credentials.len() + key.repository.registry().len() + key.repository.path().len() + named;
    let content = match item {
        Item::Manifest(manifest) => manifest.media_type.len() + manifest.bytes.len(),
        Item::Blob(bytes) => bytes.len(),
        Item::Tag { .. } => 0,
        Item::Referrers(list) => {
            let validator = list.validator.as_ref().map_or(0, Validator::len);
            size_of::<Listed>() + validator + list.descriptors.iter().map(of_descriptor).sum::<usize>()
        }
    };
    (place + size_of::<Item>() + content) as u64
}

fn of_descriptor(descriptor: &Descriptor) -> usize {
    let annotations = descriptor.annotations.iter().flatten().map(|(name, value)| name.len() + value.len() + NODE).sum::<usize>();
    let texts = descriptor.media_type.len() + descriptor.digest.len() + descriptor.artifact_type.as_ref().map_or(0, String::len);
    size_of::<Descriptor>() + texts + annotations
}
