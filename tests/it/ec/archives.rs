//! Layers that are made to hurt: bombs, crowds of entries, links, names that climb.

use std::io::Read as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};
use vidimus::Evaluation;

use super::{MANIFEST, Scene, ask, gzip, manifest, tar};

/// What both builtins that read layers make of one: the file `m/a.yaml` of the layer, the files in `m` of an image of it.
fn read(layer: &[u8]) -> [Evaluation; 2] {
    let scene = Scene::new();
    let layer = scene.registry.push_blob("acme/app", layer);
    let image = scene.registry.push_manifest("acme/app", None, (MANIFEST, manifest(&scene.digests["config"], &[&layer]).as_bytes()));
    [
        ask("ec.oci.blob_files(input.ref, [\"m/a.yaml\"])", &json!({"ref": scene.at(&layer)})),
        ask("ec.oci.image_files(input.ref, [\"m\"])", &json!({"ref": scene.at(&image)})),
    ]
}

fn results(layer: &[u8]) -> [Option<Value>; 2] {
    read(layer).map(|evaluation| {
        assert!(evaluation.error().is_none(), "{evaluation:?}");
        evaluation.result().cloned()
    })
}

/// A header alone.
fn header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

#[test]
fn files_are_read_whatever_compresses_them() {
    let plain = tar(&[("m/a.yaml", b"k: 1\n"), ("m/b.json", b"{"), ("m/c.txt", b"")]);
    let expected = Some(json!({"m/a.yaml": {"k": 1}}));
    for layer in [plain.clone(), gzip(&plain), [gzip(&plain[..512]), gzip(&plain[512..])].concat()] {
        assert_eq!(results(&layer), [expected.clone(), expected.clone()]);
    }
}

#[test]
fn zstd_is_unfolded_where_an_image_is_flattened() {
    let layer = compress_to_vec(&tar(&[("m/a.yaml", b"k: 1")])[..], CompressionLevel::Fastest);
    assert_eq!(results(&layer), [None, Some(json!({"m/a.yaml": {"k": 1}}))]);
    assert_eq!(results(&layer[..layer.len() - 4]), [None, None]);
}

#[test]
fn what_is_no_archive_is_undefined() {
    let whole = gzip(&tar(&[("m/a.yaml", vec![b'#'; 100_000].as_slice())]));
    for layer in [
        &b"no archive, and long enough not to be taken for its end: a header has five hundred and twelve bytes".repeat(20)[..],
        &whole[..whole.len() - 20],
        &gzip(&[7; 600]),
    ] {
        assert_eq!(results(layer), [None, None]);
    }
}

#[test]
fn a_bomb_costs_no_more_than_its_bound() {
    // One file of 1 GiB: larger than what is read of one, so it is passed over, and what stands behind it is found.
    let size = 1 << 30;
    let mut tar = header("m/huge.json", tar::EntryType::Regular, size).as_bytes().to_vec();
    tar.reserve(4096);
    let behind = super::tar(&[("m/a.yaml", b"k: 1")]);
    let stream = std::io::Cursor::new(tar).chain(std::io::repeat(0).take(size)).chain(std::io::Cursor::new(behind));
    let mut bomb = Vec::new();
    GzEncoder::new(stream, Compression::fast()).read_to_end(&mut bomb).unwrap();
    assert!(bomb.len() < 16 << 20);
    let begun = Instant::now();
    let expected = Some(json!({"m/a.yaml": {"k": 1}}));
    assert_eq!(results(&bomb), [expected.clone(), expected]);
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_crowd_of_entries_is_walked() {
    let names: Vec<String> = (0..100_000).map(|n| format!("x/{n}")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    files.push(("m/a.yaml", b"k: 1"));
    let begun = Instant::now();
    let expected = Some(json!({"m/a.yaml": {"k": 1}}));
    assert_eq!(results(&gzip(&tar(&files))), [expected.clone(), expected]);
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[test]
fn an_entry_that_lies_about_its_size_allocates_nothing() {
    for size in [400 << 20, 1 << 40, (1 << 33) - 1] {
        let lying = header("m/a.yaml", tar::EntryType::Regular, size);
        assert_eq!(results(lying.as_bytes()), [None, None], "{size}");
    }
}

#[test]
fn links_and_devices_have_no_content() {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind) in [("m/a.yaml", tar::EntryType::Symlink), ("m/b.yaml", tar::EntryType::Link), ("m/c.json", tar::EntryType::Char)] {
        let mut link = header(name, kind, 0);
        link.set_link_name("/etc/hostname").unwrap();
        link.set_cksum();
        builder.append(&link, &b""[..]).unwrap();
    }
    let [blob, image] = results(&builder.into_inner().unwrap());
    for found in [blob, image] {
        let members = found.unwrap();
        assert!(members.as_object().unwrap().values().all(Value::is_null), "{members}");
    }
}

#[test]
fn names_are_names_wherever_they_lead() {
    let mut files = tar::Builder::new(Vec::new());
    for name in ["../m/x.yaml", "m/../../m/y.yaml", "/m/z.yaml"] {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(4);
        header.set_cksum();
        files.append(&header, &b"k: 2"[..]).unwrap();
    }
    let mut plain = header("m/a.yaml", tar::EntryType::Regular, 4);
    plain.set_cksum();
    files.append(&plain, &b"k: 1"[..]).unwrap();
    let [blob, image] = results(&files.into_inner().unwrap());
    assert_eq!(blob, Some(json!({"m/a.yaml": {"k": 1}})));
    assert_eq!(image.unwrap()["m/a.yaml"], json!({"k": 1}));
}

#[test]
fn contents_that_are_no_documents_are_left_out() {
    let bomb = (1..30).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let previous = format!("*a{}, ", level - 1).repeat(9);
        format!("{text}a{level}: &a{level} [{previous}]\n")
    });
    let deep = "[".repeat(100_000);
    let files: [(&str, &[u8]); 5] = [
        ("m/a.yaml", b"k: 1"),
        ("m/b.yaml", bomb.as_bytes()),
        ("m/c.json", b"\xff\xfe"),
        ("m/d.json", deep.as_bytes()),
        ("m/e.yml", b"a: b: c"),
    ];
    let begun = Instant::now();
    let [blob, image] = results(&gzip(&tar(&files)));
    assert_eq!((blob, image), (Some(json!({"m/a.yaml": {"k": 1}})), Some(json!({"m/a.yaml": {"k": 1}}))));
    assert!(begun.elapsed() < Duration::from_mins(1));
}
