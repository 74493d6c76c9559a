//! Files inside layers and images: `ec.oci.blob_files` and `ec.oci.image_files`. YAML and JSON files become values, what
//! is neither is left out.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use super::super::{Call, Failure, Value, yaml};
use super::archive::{self, Compressed, Entry};
use super::{image_of, manifest_at, settle, text_of, text_operand};
use crate::oci::ImageRef;

/// Most bytes of a layer as it is served.
const MAX_LAYER: u64 = 512 << 20;

/// `ec.oci.blob_files(ref, paths)`: the files of one layer whose names are among `paths`.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
pub(super) fn blob_files(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    Ok(files_of_blob(call, operands).unwrap_or(Value::Undefined))
}

/// `ec.oci.image_files(ref, paths)`: the YAML and JSON files directly inside the directories `paths` of an image; `null`
/// where `paths` is empty, as upstream.
#[expect(clippy::unnecessary_wraps, reason = "every builtin has this shape")]
pub(super) fn image_files(call: &Call<'_>, operands: &[Value]) -> Result<Value, Failure> {
    Ok(files_of_image(call, operands).unwrap_or(Value::Undefined))
}

fn paths_operand(operands: &[Value]) -> Option<Vec<&str>> {
    let Value::Array(paths) = operands.get(1)? else { return None };
    paths.iter().map(text_of).collect()
}

fn files_of_blob(call: &Call<'_>, operands: &[Value]) -> Option<Value> {
    let image: ImageRef = text_operand(operands)?.parse().ok()?;
    let layer = settle(call, call.host.blob(image.repository(), image.digest(), MAX_LAYER, call.deadline))?;
    let paths = paths_operand(operands)?;
    if paths.is_empty() {
        return Some(Value::new_object());
    }
    let files = archive::pick((&layer, Compressed::Gzip), call.deadline, |entry| paths.contains(&entry.name.as_str())).ok()?;
    Some(values(files))
}

fn files_of_image(call: &Call<'_>, operands: &[Value]) -> Option<Value> {
    let text = text_operand(operands)?;
    let _by_digest: ImageRef = text.parse().ok()?;
    let paths: Vec<_> = paths_operand(operands)?.into_iter().map(clean).collect();
    let (repository, manifest) = manifest_at(call, text)?;
    let layers = image_of(call, &repository, manifest)?.layers()?;
    if paths.is_empty() {
        return Some(Value::Null);
    }
    let mut image = Flattened::default();
    // From the topmost layer down: what is above hides what is below.
    for layer in layers.iter().rev() {
        let content = settle(call, call.host.blob(&repository, layer, MAX_LAYER, call.deadline))?;
        image.add(&content, call.deadline, |name| lies_in(name, &paths))?;
    }
    Some(values(image.files))
}

/// Whether a file is a YAML or JSON file directly inside one of the directories, upper and lower case being the same.
fn lies_in(name: &str, directories: &[String]) -> bool {
    let (directory, base) = name.rsplit_once('/').unwrap_or((".", name));
    let directory = if directory.is_empty() { "/" } else { directory };
    let extension = base.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
        && directories.iter().any(|wanted| wanted.to_lowercase() == directory.to_lowercase())
}

/// The layers of an image as one tree (OCI image-spec, layer.md, "Whiteouts").
#[derive(Debug, Default)]
struct Flattened {
    /// Every path seen so far, and whether it hides what lies below it in lower layers.
    seen: HashMap<String, bool>,
    files: Vec<(String, Vec<u8>)>,
}

impl Flattened {
    fn add(&mut self, layer: &[u8], deadline: Instant, wanted: impl Fn(&str) -> bool) -> Option<()> {
        let seen = &mut self.seen;
        let files =
            archive::pick((layer, Compressed::GzipOrZstd), deadline, |entry| shows(seen, entry) && wanted(&clean(&entry.name))).ok()?;
        self.files.extend(files.into_iter().map(|(name, bytes)| (clean(&name), bytes)));
        Some(())
    }
}

/// Whether an entry is visible in the flattened image; marks it as seen.
fn shows(seen: &mut HashMap<String, bool>, entry: &Entry) -> bool {
    let path = clean(&entry.name);
    let (directory, base) = path.rsplit_once('/').unwrap_or(("", &path));
    let whiteout = base.strip_prefix(".wh.");
    let name = match whiteout {
        Some(base) if !entry.directory && directory.is_empty() => base.to_owned(),
        Some(base) if !entry.directory => format!("{directory}/{base}"),
        _ => path.clone(),
    };
    if seen.contains_key(&name) || hidden(seen, &name) {
        return false;
    }
    seen.insert(name, whiteout.is_some() || !entry.directory);
    whiteout.is_none()
}

/// Whether a directory above `path` is hidden by a higher layer.
fn hidden(seen: &HashMap<String, bool>, path: &str) -> bool {
    std::iter::successors(path.rsplit_once('/'), |(above, _)| above.rsplit_once('/'))
        .any(|(above, _)| seen.get(above).is_some_and(|hides| *hides))
}

/// Go's `filepath.Clean`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if rooted => {}
            _ => kept.push(segment),
        }
    }
    match (rooted, kept.is_empty()) {
        (true, _) => format!("/{}", kept.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => kept.join("/"),
    }
}

/// Names and values of the files that are YAML or JSON.
fn values(files: Vec<(String, Vec<u8>)>) -> Value {
    let parsed = files.into_iter().filter_map(|(name, bytes)| Some((Value::from(name), structured(&bytes)?)));
    Value::from(parsed.collect::<BTreeMap<_, _>>())
}

/// The value of a YAML or JSON file, as `yaml.unmarshal` reads it.
fn structured(bytes: &[u8]) -> Option<Value> {
    yaml::read(std::str::from_utf8(bytes).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::archive::tests::{archive, soon};
    use super::*;

    fn flattened(layers_from_the_top: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
        let mut image = Flattened::default();
        for layer in layers_from_the_top {
            image.add(layer, soon(), |_| true).unwrap();
        }
        image.files.sort();
        image.files
    }

    #[test]
    fn a_higher_layer_hides_what_it_replaces_or_whites_out() {
        let top = archive(&[("a/one.json", b"1"), ("b/.wh.gone.json", b""), (".wh.dir", b"")]);
        let bottom = archive(&[("a/one.json", b"0"), ("b/gone.json", b"0"), ("b/kept.json", b"2"), ("dir/x.json", b"0")]);
        assert_eq!(flattened(&[top, bottom]), [("a/one.json".to_owned(), b"1".to_vec()), ("b/kept.json".to_owned(), b"2".to_vec())]);
    }

    #[test]
    fn names_are_cleaned_before_they_are_compared() {
        let layers = [archive(&[("./a//x.json", b"1")]), archive(&[("a/x.json", b"0")])];
        assert_eq!(flattened(&layers), [("a/x.json".to_owned(), b"1".to_vec())]);
    }

    #[test]
    fn files_are_read_as_yaml_unmarshal_reads_them() {
        let read = |text: &str| structured(text.as_bytes()).map(|value| crate::builtins::json::marshal(&value).unwrap());
        assert_eq!(read("a: 017\nb: &b {k: 1}\nc: {<<: *b, 1: yes}\n---\nx: 1").unwrap(), r#"{"a":15,"b":{"k":1},"c":{"1":"yes","k":1}}"#);
        assert_eq!((read("").unwrap(), read("a: [1"), structured(b"\xff")), ("null".to_owned(), None, None));
    }

    #[test]
    fn only_files_directly_inside_a_directory_count() {
        let inside = |name: &str| lies_in(name, &[clean("Manifests/")]);
        assert!(inside("manifests/a.yaml") && inside("MANIFESTS/a.YML") && inside("manifests/a.json"));
        assert!(!inside("manifests/deep/a.yaml") && !inside("manifests/a.txt") && !inside("other/a.yaml") && !inside("manifests"));
        assert!(lies_in("a.json", &[clean("")]) && lies_in("/a.json", &[clean("/")]));
    }
}
