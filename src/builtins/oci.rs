//! `ec.oci.*`: what a registry says of an image, as Conforma's policies ask for it.
//!
//! Owns the ten functions; what they read lies in `oci/document.rs` (manifests), `oci/archive.rs` (layers) and
//! `oci/files.rs` (files inside them). As upstream, any failure is undefined. An answer that could not be asked for is
//! undefined too, and noted: the evaluation is then never reported as passed.

mod archive;
mod document;
mod files;
mod zstd;

use std::collections::{BTreeMap, BTreeSet};

use self::document::{ImageIndex, ImageManifest};
use super::{Availability, Call, Failure, Family, Value, json_text};
use crate::oci::{Budget, Digest, ImageRef, Manifest, Pointer, Repository, SourceError, TagRef};

/// The family.
pub(super) const FAMILY: Family = &[
    ("ec.oci.blob", Availability::Calling(blob)),
    ("ec.oci.blob_files", Availability::Calling(files::blob_files)),
    ("ec.oci.descriptor", Availability::Calling(descriptor)),
    ("ec.oci.image_files", Availability::Calling(files::image_files)),
    ("ec.oci.image_index", Availability::Calling(image_index)),
    ("ec.oci.image_manifest", Availability::Calling(image_manifest)),
    ("ec.oci.image_manifests", Availability::Calling(image_manifests)),
    ("ec.oci.image_referrers", Availability::Calling(image_referrers)),
    ("ec.oci.image_tag_refs", Availability::Calling(image_tag_refs)),
    ("ec.oci.parsed_blob", Availability::Calling(parsed_blob)),
];

/// An index inside an index inside .. is followed this far.
const MAX_INDEX_DEPTH: usize = 4;

/// What a builtin here finds, before it becomes Rego: `None` is undefined.
type Found<T> = Option<T>;

/// `ec.oci.blob(ref)`: the content of a blob as text. The digest must be that of the content without compression, so a
/// compressed layer is undefined, as upstream.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn blob(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    Ok(text_operand(operands)
        .and_then(|text| plain_blob(call, text))
        .map_or(Value::Undefined, |content| Value::from(String::from_utf8_lossy(&content).as_ref())))
}

/// `ec.oci.parsed_blob(ref)`: the JSON value of a blob.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn parsed_blob(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let content = text_operand(operands).and_then(|text| plain_blob(call, text));
    let parsed = content.and_then(|content| json_text::parse(std::str::from_utf8(&content).ok()?).ok());
    Ok(parsed.unwrap_or(Value::Undefined))
}

/// `ec.oci.descriptor(ref)`: media type, size and digest of a manifest. Upstream believes the answer to a HEAD; here the
/// manifest is fetched and hashed.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn descriptor(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let manifest = text_operand(operands).and_then(|text| manifest_at(call, text));
    Ok(manifest.map_or(Value::Undefined, |(_, manifest)| document::descriptor_of(&manifest)))
}

/// `ec.oci.image_manifest(ref)`: the manifest of an image; an index answers with its linux/amd64 image.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn image_manifest(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let manifest = text_operand(operands)
        .and_then(|text| manifest_at(call, text))
        .and_then(|(repository, manifest)| image_of(call, &repository, manifest));
    Ok(manifest.map_or(Value::Undefined, ImageManifest::into_value))
}

/// `ec.oci.image_manifests(refs)`: the manifests of a set of images, by reference as given; those that fail are left out.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn image_manifests(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let [Value::Set(references)] = operands else { return Ok(Value::Undefined) };
    let Some(texts) = references.iter().map(text_of).collect::<Option<BTreeSet<_>>>() else { return Ok(Value::Undefined) };
    let known: Vec<_> = texts.into_iter().filter_map(|text| Some((text, pointer_at(text)?))).collect();
    let wanted: Vec<_> = known.iter().map(|(_, place)| place.clone()).collect();
    let mut found = BTreeMap::new();
    for ((text, (repository, _)), answer) in known.iter().zip(call.host.manifests(&wanted, call.deadline)) {
        let manifest = settle(call, answer).flatten();
        if let Some(manifest) = manifest.and_then(|manifest| image_of(call, repository, manifest)) {
            found.insert(Value::from(*text), manifest.into_value());
        }
    }
    Ok(Value::from(found))
}

/// `ec.oci.image_index(ref)`: an image index; undefined where the reference is not one.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn image_index(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let manifest = text_operand(operands).and_then(|text| manifest_at(call, text));
    Ok(manifest.and_then(|(_, manifest)| ImageIndex::parse(&manifest)).map_or(Value::Undefined, ImageIndex::into_value))
}

/// `ec.oci.image_tag_refs(ref)`: which of cosign's tags `.sig`, `.att` and `.sbom` an image has, in that order.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn image_tag_refs(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let Some((repository, digest)) = text_operand(operands).and_then(|text| image_at(call, text)) else { return Ok(Value::Undefined) };
    let tags: Vec<_> = ["sig", "att", "sbom"].iter().map(|suffix| format!("sha256-{}.{suffix}", digest.hex())).collect();
    let wanted: Vec<_> = tags.iter().map(|tag| (repository.clone(), Pointer::Tag(tag.clone()))).collect();
    let answers = call.host.manifests(&wanted, call.deadline);
    let present = tags.iter().zip(answers).filter(|(_, answer)| matches!(settle(call, answer.clone()), Some(Some(_))));
    Ok(Value::from(present.map(|(tag, _)| Value::from(format!("{repository}:{tag}"))).collect::<Vec<_>>()))
}

/// `ec.oci.image_referrers(ref)`: everything that refers to an image.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
fn image_referrers(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    let Some((repository, digest)) = text_operand(operands).and_then(|text| image_at(call, text)) else { return Ok(Value::Undefined) };
    let referrers = settle(call, call.host.referrers(&repository, &digest, call.deadline));
    let listed =
        |found: Vec<_>| Value::from(found.iter().map(|descriptor| document::referrer(&repository, descriptor)).collect::<Vec<_>>());
    Ok(referrers.map_or(Value::Undefined, listed))
}

fn text_of(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// The first operand as text.
fn text_operand(operands: &[Value]) -> Option<&str> {
    operands.first().and_then(text_of)
}

/// A fact, or nothing; what could not be asked for is noted.
fn settle<T>(call: &Call<'_>, answer: Result<T, SourceError>) -> Found<T> {
    match answer {
        Ok(found) => Some(found),
        Err(unavailable @ SourceError::Unavailable { .. }) => {
            call.host.note_unavailable(&unavailable.to_string());
            None
        }
        Err(_) => None,
    }
}

/// Where a reference, by digest or by tag, points.
fn pointer_at(text: &str) -> Option<(Repository, Pointer)> {
    if let Ok(image) = text.parse::<ImageRef>() {
        return Some((image.repository().clone(), Pointer::Digest(*image.digest())));
    }
    let tagged: TagRef = text.parse().ok()?;
    let tag = tagged.tag().to_owned();
    Some((tagged.into_repository(), Pointer::Tag(tag)))
}

fn fetch(call: &Call<'_>, place: (Repository, Pointer)) -> Found<(Repository, Manifest)> {
    let answer = call.host.manifests(std::slice::from_ref(&place), call.deadline).pop()?;
    settle(call, answer).flatten().map(|manifest| (place.0, manifest))
}

fn manifest_at(call: &Call<'_>, text: &str) -> Found<(Repository, Manifest)> {
    fetch(call, pointer_at(text)?)
}

/// The digest of an image; a tag is resolved by fetching what it names.
fn image_at(call: &Call<'_>, text: &str) -> Found<(Repository, Digest)> {
    match pointer_at(text)? {
        (repository, Pointer::Digest(digest)) => Some((repository, digest)),
        place => fetch(call, place).map(|(repository, manifest)| (repository, manifest.digest)),
    }
}

/// The image manifest, going down through indexes to linux/amd64.
fn image_of(call: &Call<'_>, repository: &Repository, mut manifest: Manifest) -> Found<ImageManifest> {
    for _ in 0..MAX_INDEX_DEPTH {
        if !document::is_index(&manifest.media_type) {
            return ImageManifest::parse(&manifest);
        }
        let digest = ImageIndex::parse(&manifest)?.linux_amd64()?;
        manifest = fetch(call, (repository.clone(), Pointer::Digest(digest)))?.1;
    }
    None
}

/// The bytes of a blob that is not compressed.
fn plain_blob(call: &Call<'_>, text: &str) -> Found<std::sync::Arc<[u8]>> {
    let image: ImageRef = text.parse().ok()?;
    let content = settle(call, call.host.blob(image.repository(), image.digest(), Budget::MAX_PAYLOAD, call.deadline))?;
    (!archive::is_compressed(&content)).then_some(content)
}
