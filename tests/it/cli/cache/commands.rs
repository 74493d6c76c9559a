//! `vidimus cache`: what it lists and shows, and what each way to revoke does.

use super::*;

#[test]
fn remembered_verdicts_are_listed_shown_and_counted() {
    let scene = Scene::new();
    assert_eq!(scene.eval(&["web", "api"], &[]).0.code, 0);
    let listing = scene.list();
    let web = scene.image("web");
    let entry = listing["entries"].as_array().unwrap().iter().find(|entry| entry["image"] == web.as_str()).unwrap().clone();
    assert_eq!((&entry["state"], &entry["question"]), (&"good".into(), &"image".into()), "{entry}");
    assert_eq!(entry["expires_why"], "time to live");
    assert!(entry["labels"]["key"][0].as_str().unwrap().starts_with("sha256:"), "{entry}");
    assert!(entry["labels"]["epoch"][0].as_str().unwrap().starts_with("sha256:"), "{entry}");
    let name = entry["name"].as_str().unwrap();
    for what in [name, name.get(..8).unwrap(), &web, web.split_once('@').unwrap().1] {
        let (shown, _) = scene.run(&["cache", "show", "-f", "json", what]);
        let shown = shown.json();
        assert_eq!((shown.as_array().unwrap().len(), &shown[0]["name"]), (1, &entry["name"]));
        assert!(!shown[0]["verdict"]["signatures"][0]["signature"].as_str().unwrap().is_empty());
    }
    let (text, _) = scene.run(&["cache", "show", name]);
    assert!(text.stdout.starts_with(name) && text.stdout.contains("signature ME"), "{text:?}");
    let (text, _) = scene.run(&["cache", "list"]);
    assert!(text.stdout.contains(&web) && text.stdout.ends_with("2 verdicts\n"), "{text:?}");
    let stats = scene.run(&["cache", "stats", "-f", "json"]).0.json();
    assert_eq!((&stats["entries"]["good"], &stats["revocations"]), (&2.into(), &0.into()), "{stats}");
    assert!(stats["bytes"].as_u64().unwrap() > 500 && stats["file_bytes"].as_u64() >= stats["bytes"].as_u64(), "{stats}");
    assert!(scene.run(&["cache", "stats"]).0.stdout.starts_with("2 good, 0 expired"));
}

#[test]
fn each_way_to_revoke_makes_the_next_run_ask_anew_and_leaves_a_record() {
    let scene = Scene::new();
    let fingerprint = {
        let image = scene.image("web");
        let (run, _) = scene.run(&[&["verify", "-f", "json", &image], &KEY[..]].concat());
        run.json()["receipt"]["signer"]["key_fingerprint"].as_str().unwrap().to_owned()
    };
    let (digest, host) = (scene.image("web").split_once('@').unwrap().1.to_owned(), scene.registry.host().to_owned());
    let (repository, upper) = (format!("{host}/acme/web"), fingerprint.trim_start_matches("sha256:").to_uppercase());
    let ways: [&[&str]; 6] = [
        &["--digest", &digest],
        &["--repository", &repository],
        &["--repository", &host],
        &["--key-fingerprint", &fingerprint],
        &["--key-fingerprint", &upper],
        &["--all"],
    ];
    for (number, way) in ways.iter().enumerate() {
        assert_eq!(scene.kind("web", &[]), "hit", "{way:?}");
        let (run, _) = scene.run(&[&["cache", "revoke", "-f", "json"], *way].concat());
        let record = run.json()[0].clone();
        assert_eq!((&record["number"], &record["entries"]), (&(number + 1).into(), &1.into()), "{record}");
        assert!(record["at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(scene.kind("web", &[]), "fresh", "{way:?}");
    }
    let recorded = scene.list()["revocations"].clone();
    assert_eq!(recorded.as_array().unwrap().len(), 6);
    assert_eq!((&recorded[3]["selector"], &recorded[5]["selector"]), (&format!("key={fingerprint}").into(), &"**".into()));
    let other = format!("{host}/acme/we");
    let (text, _) = scene.run(&["cache", "revoke", "--repository", &other, "--log-index", "7"]);
    assert!(text.stdout.contains("revocation 7 at ") && text.stdout.contains("log-index=7: 0 verdicts"), "{text:?}");
    assert_eq!(scene.kind("web", &[]), "hit", "a prefix is whole segments");
}

/// A keyless verdict rests on its certificate and on the log, whatever pattern asked for it.
#[test]
fn certificates_and_log_entries_can_be_revoked() {
    let directory = tempfile::tempdir().unwrap();
    let cache = text(&directory.path().join("cache"));
    let reference = "registry.example/keyless/ok-sig-keyless@sha256:294397bfdd70253924cb682c3d79cd0947185f6e3568350e0a6e5c4f1f97813b";
    let verify = || {
        let run = vidimus(&[
            "verify",
            reference,
            "--registry-dir=registry.example=fixtures/keyless/registry/registry.example",
            "--trusted-root=fixtures/keyless/trusted_root.json",
            "--certificate-oidc-issuer-regexp=^https://ci.acme.example/",
            "--certificate-identity-regexp=^https://ci.acme.example/",
            "--cache-dir",
            &cache,
            "-f",
            "json",
        ]);
        assert_eq!(run.code, 0, "{run:?}");
        run.json()["receipt"].clone()
    };
    let receipt = verify();
    let index = receipt["log_indexes"][0].to_string();
    let (identity, issuer) = (receipt["identities"][0].as_str().unwrap(), receipt["issuers"][0].as_str().unwrap());
    for way in [["--certificate-identity", identity], ["--certificate-oidc-issuer", issuer], ["--log-index", index.as_str()]] {
        assert_eq!(verify()["kind"], "hit");
        let run = vidimus(&[&["cache", "revoke", "-f", "json", "--cache-dir", &cache], &way[..]].concat());
        assert_eq!(run.json()[0]["entries"], 1, "{run:?}");
        assert_eq!(verify()["kind"], "fresh", "{way:?}");
    }
}

#[test]
fn what_is_useless_is_pruned() {
    let scene = Scene::new();
    scene.kind("web", &["--ttl", "20ms"]);
    scene.kind("api", &[]);
    scene.kind("worker", &[]);
    let elsewhere = text(&scene.directory.path().join("elsewhere"));
    scene.kind("billing", &["--cache-key-file", &elsewhere]);
    assert_eq!(scene.states(), ["good", "good", "expired", "broken"]);
    let pruned = scene.run(&["cache", "prune", "-f", "json"]).0.json();
    assert_eq!((&pruned["removed"], &pruned["kept"]), (&2.into(), &2.into()));
    assert_eq!(scene.states(), ["good", "good"]);
    assert_eq!(scene.run(&["cache", "prune"]).0.stdout, "0 verdicts removed, 2 kept\n");
}

#[test]
fn mistakes_are_one_line() {
    let scene = Scene::new();
    let refused = |arguments: &[&str]| scene.run(&[&["cache"], arguments].concat()).0.refused().to_owned();
    for command in [&["list"][..], &["stats"], &["prune"], &["show", "01234567"], &["revoke", "--all"]] {
        assert!(refused(command).contains("holds no remembered verdicts"), "{command:?}");
    }
    scene.kind("web", &[]);
    assert!(refused(&["show", "0000000000"]).contains("no verdict of `0000000000` is remembered"));
    assert!(refused(&["show", "web"]).contains("`web` is no name of a verdict"));
    assert!(refused(&["list", "--cache-key-file", "/nowhere/key"]).contains("the key file `/nowhere/key` is not there"));
    for (flags, wrong) in [
        (&["revoke"][..], "required"),
        (&["revoke", "--digest", "web"], "`web` is no digest"),
        (&["revoke", "--repository", "acme/web"], "a registry must be named"),
        (&["revoke", "--key-fingerprint", "00"], "is no key fingerprint"),
        (&["revoke", "--certificate-identity", ""], "is no certificate identity"),
        (&["revoke", "--log-index", "x"], "`x` is no log index"),
        (&["frobnicate"], "unrecognized subcommand"),
    ] {
        let (run, _) = scene.run(&[&["cache"], flags].concat());
        assert!(run.code == 2 && run.stderr.contains(wrong), "{flags:?}: {run:?}");
    }
    assert_eq!(scene.states(), ["good"]);
}
