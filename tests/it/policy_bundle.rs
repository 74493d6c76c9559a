//! Bundles as files: what is read of them, what is refused, what their signatures promise.

mod archive;
mod hostile;
mod signed;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use vidimus::{BundleError, BundleOptions, PolicyBundle};

/// An archive of these files, in this order.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in files {
        entry(&mut builder, name, content.as_bytes(), tar::EntryType::Regular);
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// Appends an entry whose name is written as it is given, whatever it is.
fn entry(builder: &mut tar::Builder<GzEncoder<Vec<u8>>>, name: &str, content: &[u8], kind: tar::EntryType) {
    let mut header = tar::Header::new_ustar();
    let bytes = name.as_bytes();
    header.as_old_mut().name[..bytes.len()].copy_from_slice(bytes);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    if kind.is_symlink() || kind.is_hard_link() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    builder.append(&header, content).unwrap();
}

fn compressed(tar: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar).unwrap();
    encoder.finish().unwrap()
}

fn read(archive: &[u8]) -> Result<PolicyBundle, BundleError> {
    PolicyBundle::from_archive("b.tar.gz", archive, &BundleOptions::default())
}

/// What is wrong with an archive of these files.
fn refused(files: &[(&str, &str)]) -> String {
    read(&archive(files)).unwrap_err().to_string()
}
