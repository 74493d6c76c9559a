//! The flags: what each does, and what each refuses.

use super::*;
use crate::cli::{at, tree};

#[test]
fn a_time_to_live_is_that_of_the_longest_prefix_and_none_is_none() {
    let scene = Scene::new();
    let host = scene.registry.host().to_owned();
    let (never, repository) = (format!("{host}=0"), format!("{host}/acme/web=1h"));
    for _ in 0..2 {
        assert_eq!(scene.kind("api", &["--ttl", &never, "--ttl", &repository]), "fresh", "never under the registry");
    }
    let ask = |flags: &[&str]| {
        let image = scene.image("web");
        let (run, _) = scene.run(&[&["verify", "-f", "json", &image], &KEY[..], flags].concat());
        let receipt = run.json()["receipt"].clone();
        (receipt["kind"].as_str().unwrap().to_owned(), receipt["expires_why"].as_str().unwrap().to_owned())
    };
    let of = |kind: &str, why: &str| (kind.to_owned(), why.to_owned());
    assert_eq!(ask(&["--ttl", &never, "--ttl", &repository]), of("fresh", "time to live of the repository"));
    assert_eq!(ask(&[]), of("hit", "time to live of the repository"), "as it was written down: it is the shorter one");
    assert_eq!(ask(&["--ttl", "1m"]), of("hit", "time to live"));
    assert_eq!(ask(&["--ttl", "1ms"]).0, "fresh", "a shorter time holds for what was written before");
    assert_eq!(scene.kind("billing", &["--ttl", "0"]), "fresh");
    assert_eq!(scene.kind("billing", &[]), "fresh", "0 was not written down");
}

#[test]
fn without_a_time_to_live_a_directory_remembers_for_a_day() {
    let scene = Scene::new();
    let image = scene.image("web");
    let (run, _) = scene.run(&[&["verify", "-f", "json", &image], &KEY[..]].concat());
    let receipt = run.json()["receipt"].clone();
    let time = |name: &str| receipt[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time("expires_at").as_second() - time("verified_at").as_second(), 24 * 3600);
    let alone = vidimus(&[&["verify", "-f", "json", &image], &KEY[..]].concat());
    assert_eq!(alone.json()["receipt"].get("expires_at"), None, "in memory, as long as the evidence holds");
}

#[test]
fn memory_that_is_off_neither_reads_nor_writes() {
    let scene = Scene::new();
    assert_eq!(scene.kind("web", &["--memo", "off"]), "fresh");
    assert_eq!(scene.states(), Vec::<String>::new());
    assert_eq!((scene.kind("web", &[]), scene.kind("web", &[])), ("fresh".to_owned(), "hit".to_owned()));
    assert_eq!(scene.kind("web", &["--memo", "off"]), "fresh");
    assert_eq!(scene.kind("web", &["--memo", "shadow"]), "fresh");
    assert_eq!(scene.kind("web", &["--memo", "on"]), "hit");
}

#[test]
fn the_key_is_made_for_its_owner_alone_and_may_lie_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let elsewhere = text(&scene.directory.path().join("elsewhere"));
    assert_eq!(scene.kind("web", &["--cache-key-file", &elsewhere]), "fresh");
    assert_eq!(scene.kind("web", &["--cache-key-file", &elsewhere]), "hit");
    let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let cache = scene.cache();
    assert_eq!((mode(&elsewhere), mode(&cache), mode(&format!("{cache}/memo.redb"))), (0o600, 0o700, 0o600));
    assert!(!scene.directory.path().join("cache/key").exists());
    let (kind, _, said) = scene.verify("web", &[]);
    assert_eq!(kind, "fresh", "another key");
    assert!(said.contains("does not unseal"), "{said}");
    assert_eq!(mode(&format!("{cache}/key")), 0o600);
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o640)).unwrap();
    let image = scene.image("web");
    let (open, _) = scene.run(&[&["verify", &image, "--cache-key-file", &elsewhere], &KEY[..]].concat());
    assert!(open.refused().contains("is open to others (mode 640): it must be 600"), "{open:?}");
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&elsewhere, "short").unwrap();
    let (short, _) = scene.run(&[&["verify", &image, "--cache-key-file", &elsewhere], &KEY[..]].concat());
    assert!(short.refused().contains("must hold at least 32 bytes"), "{short:?}");
}

#[test]
fn a_bound_is_kept_or_refused() {
    let scene = Scene::new();
    assert_eq!(scene.kind("web", &["--cache-max-bytes", "8MiB"]), "fresh");
    assert_eq!(scene.kind("web", &["--cache-max-bytes", "1GB"]), "hit");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let files = tree(&[("file", "")]);
    let refused = |flags: &[&str]| {
        let run = vidimus(&[&["eval", "-p", "rego", "-"], flags].concat());
        assert_eq!(run.code, 2, "{run:?}");
        run.stderr
    };
    for (flags, wrong) in [
        (&["--ttl", "soon"][..], "`soon` is no duration"),
        (&["--ttl", "quay.io/team="], "`` is no duration"),
        (&["--ttl", "team/app=1h"], "a registry must be named"),
        (&["--ttl", "quay.io/Team=1h"], "not the path of a repository"),
        (&["--memo", "maybe"], "--memo"),
        (&["--cache-dir", "/tmp/never-made", "--cache-max-bytes", "1MiB"], "`1MiB` is too small: at least 8.0 MiB"),
        (&["--cache-dir", "/tmp/never-made", "--cache-max-bytes", "much"], "`much` is no size"),
        (&["--cache-key-file", "key"], "--cache-dir"),
        (&["--cache-max-bytes", "8MiB"], "--cache-dir"),
        (&["--cache-dir", &at(&files, "file")], "--cache-dir: the store at"),
        (&["--cache-dir", "/proc/vidimus"], "--cache-dir: the store at `/proc/vidimus`"),
        (&["--revocations", &at(&files, "missing")], "cannot be read"),
    ] {
        let said = refused(flags);
        assert!(said.contains(wrong), "{flags:?}: {said}");
    }
    assert!(!std::path::Path::new("/tmp/never-made").exists());
}

#[test]
fn a_file_of_revocations_holds_once_for_each_change_of_it() {
    let scene = Scene::new();
    let list = text(&scene.directory.path().join("revoked"));
    let listing = |lines: &str| std::fs::write(&list, lines).unwrap();
    let flags = ["--revocations", list.as_str()];
    listing("# nothing yet\n");
    assert_eq!((scene.kind("web", &flags), scene.kind("api", &flags)), ("fresh".to_owned(), "fresh".to_owned()));
    assert_eq!(scene.kind("web", &flags), "hit");
    let digest = scene.image("web").split_once('@').unwrap().1.to_owned();
    listing(&format!("digest={digest}\n"));
    let (kind, _, said) = scene.verify("web", &flags);
    assert!(kind == "fresh" && said.starts_with(&format!("revoked digest={digest} at ")), "{kind}: {said}");
    let (kind, _, said) = scene.verify("web", &flags);
    assert_eq!((kind.as_str(), said.as_str()), ("hit", ""), "what was found since is good, and nothing is revoked twice");
    assert_eq!(scene.kind("api", &flags), "hit");
    assert_eq!(scene.list()["revocations"].as_array().unwrap().len(), 1);
    for (lines, wrong) in [("digset=x\n", "line 1: nothing is revoked by `digset`"), ("\ndigest=x", "line 2: `x` is no digest")] {
        listing(lines);
        let image = scene.image("web");
        let (run, _) = scene.run(&[&["verify", &image], &KEY[..], &flags].concat());
        assert!(run.refused().contains(wrong), "{run:?}");
    }
}
