//! Archives that are made to hurt.

use std::io::{self, Read};

use flate2::Compression;
use flate2::write::GzEncoder;
use vidimus::{BundleOptions, PolicyBundle};

use super::{archive, compressed, entry, read, refused};

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../x.rego", "a/../../x.rego", "/../x/data.json", "..", "a/\u{7}.rego"] {
        assert!(refused(&[(name, "package x")]).starts_with('`'), "{name}");
    }
}

#[test]
fn links_and_devices_are_passed_over() {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo, tar::EntryType::Directory] {
        entry(&mut builder, "data.json", b"", kind);
    }
    entry(&mut builder, "a.rego", b"package a", tar::EntryType::Regular);
    let bundle = read(&builder.into_inner().unwrap().finish().unwrap()).unwrap();
    assert!(bundle.data().is_empty());
    assert_eq!(bundle.modules().len(), 1);
}

#[test]
fn the_same_name_twice_is_refused() {
    assert!(refused(&[("a.rego", "package a"), ("/./a.rego", "package b")]).contains("twice"));
    assert!(refused(&[("a/data.json", "1"), ("data.json", r#"{"a": 2}"#)]).contains("`data.a` is already defined"));
    assert!(refused(&[(".manifest", "{}"), ("x/.manifest", "{}")]).contains("another manifest"));
    assert!(refused(&[(".signatures.json", "{}"), ("x/.signatures.json", "{}")]).contains("multiple signatures files"));
}

#[test]
fn what_is_malformed_is_named() {
    assert!(refused(&[("data.json", "[1]")]).contains("data must be an object"));
    assert!(refused(&[("a/data.json", "{")]).starts_with("`a/data.json`: EOF"));
    assert!(refused(&[("data.yaml", "a: [")]).starts_with("`data.yaml`: "));
    assert!(refused(&[(".manifest", "[]")]).starts_with("`.manifest`: "));
    assert!(refused(&[("patch.json", "{}")]).contains("delta bundles are not supported"));
    assert!(refused(&[(".manifest.pb", "")]).contains("protocol buffers"));
    assert!(refused(&[("data.json", &("[".repeat(200) + &"]".repeat(200)))]).contains("recursion limit"));
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    entry(&mut builder, "a.rego", b"package a\xff", tar::EntryType::Regular);
    assert!(read(&builder.into_inner().unwrap().finish().unwrap()).unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn what_is_no_archive_is_refused() {
    let whole = archive(&[("a.rego", &"package a\n".repeat(5_000))]);
    for bytes in [
        &b""[..],
        b"package a",
        &whole[..whole.len() / 2],
        &compressed(b"no tar at all, but long enough to look like a header".repeat(20).as_slice()),
    ] {
        read(bytes).unwrap_err();
    }
    assert!(PolicyBundle::open("/nowhere/b.tar.gz", &BundleOptions::default()).unwrap_err().to_string().contains("cannot read"));
}

/// A gzip stream, made as it is read, of one tar entry of zeros.
fn bomb(size: u64) -> impl Read {
    let mut header = tar::Header::new_ustar();
    header.set_path("x/data.json").unwrap();
    header.set_size(size);
    header.set_cksum();
    let tar = io::Cursor::new(header.as_bytes().to_vec()).chain(io::repeat(0).take(size));
    flate2::read::GzEncoder::new(tar, Compression::fast())
}

#[test]
fn a_bomb_ends_at_the_bound_of_a_file() {
    let error = PolicyBundle::from_archive("b", bomb(1 << 40), &BundleOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "more than 134217728 bytes in one file");
}

#[test]
fn entries_are_counted_whatever_they_are() {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for _ in 0..=100_000 {
        entry(&mut builder, "d", b"", tar::EntryType::Directory);
    }
    let error = read(&builder.into_inner().unwrap().finish().unwrap()).unwrap_err().to_string();
    assert_eq!(error, "more than 100000 entries");
}
