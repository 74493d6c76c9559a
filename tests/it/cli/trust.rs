//! `vidimus trust refresh`: a root that holds is written, and nothing else.

use vidimus::verify::Trust;

use super::*;
use crate::testkit::forge::Forge;
use crate::testkit::tuf::{Edition, TufSite};

fn refresh(tuf: &TufSite, folder: &tempfile::TempDir) -> Run {
    std::fs::write(folder.path().join("root.json"), tuf.root()).unwrap();
    let (output, seen, root) = (at(folder, "trusted.json"), at(folder, "seen"), at(folder, "root.json"));
    vidimus(&["trust", "refresh", "-o", &output, "--seen", &seen, "--tuf-url", &tuf.url(), "--tuf-root", &root, "--timeout", "30s"])
}

#[test]
fn a_root_that_holds_is_written_and_what_does_not_leaves_it_there() {
    let (tuf, folder) = (TufSite::start(), tempfile::tempdir().unwrap());
    let root = Forge::new().trusted_root().to_string();
    tuf.publish(&Edition::of(1, root.as_bytes()));
    let run = refresh(&tuf, &folder);
    let epoch = Trust::from_json(&root).unwrap().epoch();
    assert_eq!((run.code, run.stdout), (0, format!("{}  {epoch}\n", at(&folder, "trusted.json"))), "{}", run.stderr);
    let written = std::fs::read_to_string(at(&folder, "trusted.json")).unwrap();
    assert_eq!(Trust::from_json(&written).unwrap().epoch(), epoch);

    tuf.publish(&Edition { expires: "2020-01-01T00:00:00Z", ..Edition::of(2, root.as_bytes()) });
    let run = refresh(&tuf, &folder);
    assert!(run.refused().contains("the trusted root is not renewed"), "{run:?}");
    assert_eq!(std::fs::read_to_string(at(&folder, "trusted.json")).unwrap(), written);
    assert!(!folder.path().join("trusted.json.new").exists());
}

#[test]
fn a_repository_is_named_with_the_root_of_its_trust() {
    let run = vidimus(&["trust", "refresh", "-o", "out", "--seen", "seen", "--tuf-url", "http://127.0.0.1:1/"]);
    assert!(run.code == 2 && run.stderr.contains("--tuf-root"), "{run:?}");
    let run = vidimus(&["trust", "refresh", "-o", "out", "--seen", "seen", "--tuf-root", "x"]);
    assert!(run.code == 2 && run.stderr.contains("--tuf-url"), "{run:?}");
    let absent = ["trust", "refresh", "-o", "out", "--seen", "seen", "--tuf-url", "http://127.0.0.1:1/", "--tuf-root", "/absent/root.json"];
    let run = vidimus(&absent);
    assert!(run.refused().contains("--tuf-root: `/absent/root.json`"), "{run:?}");
}
